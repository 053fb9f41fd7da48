"""A trained network on disk: safetensors and JSON, nothing that could run code when loaded.

``model.safetensors`` holds what was learnt; ``backbone.safetensors`` a backbone that was not, so
that the folds of a cross-validation can share one file.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

from safetensors.torch import save_file
from torch import Tensor

from pain.errors import AssetError, ConfigError
from train.backbones import make_backbone
from train.backbones.weights import WeightSource
from train.checkpoint_files import read_description, read_weights
from train.data.pictures import content_hash
from train.experiment.load import restore_experiment
from train.experiment.schema import Experiment
from train.objectives import Objective, Task
from train.protocol.calibrate import Calibration, apart
from train.protocol.network import PainNet, build_network, build_objective

if TYPE_CHECKING:
    from train.temporal.network import ClipNet

DESCRIPTION_FILE: Final = "checkpoint.json"
MODEL_FILE: Final = "model.safetensors"
BACKBONE_FILE: Final = "backbone.safetensors"
FORMAT: Final = 1

_BACKBONE: Final = "backbone."
_LIBRARIES: Final = ("torch", "timm", "numpy", "safetensors", "scikit-learn", "imbalanced-learn")

NetT = TypeVar("NetT", PainNet, "ClipNet")


# Without slots: Python 3.11 cannot make a frozen, slotted class by an alias like ``Checkpoint``.
@dataclass(frozen=True, kw_only=True)
class Saved(Generic[NetT]):
    """A trained network and what must be known to use it.

    Attributes:
        network: in evaluation mode, on the CPU. Its outputs become probabilities by ``decode``.
        experiment: how it was trained.
        calibration: to be applied to what ``decode`` says.
        data: name, origin, digest, faces and people of the training set.
        metrics: by name, e.g. the validation loss of the kept epoch.
        libraries: versions in use at training.
        finished: False when Ctrl-C ended the training early.
    """

    network: NetT
    experiment: Experiment
    calibration: Calibration
    data: Mapping[str, Any]
    metrics: Mapping[str, float]
    libraries: Mapping[str, str]
    finished: bool

    @property
    def model(self) -> NetT:
        """The network."""
        return self.network

    @property
    def objective(self) -> Objective:
        """The loss, and the meaning of the outputs."""
        return self.network.objective


Checkpoint: TypeAlias = Saved[PainNet]
"""A trained network for single faces."""


def save_checkpoint(checkpoint: Saved[Any], folder: Path, *, share: Path | None = None) -> None:
    """Write a checkpoint folder; files of an older one are replaced.

    Args:
        checkpoint: what to keep.
        folder: made when absent.
        share: another checkpoint of the same frozen backbone, whose file is linked to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Last comes the description: a checkpoint exists when it does.
    (folder / DESCRIPTION_FILE).unlink(missing_ok=True)
    state = checkpoint.network.state_dict()
    learnt = {k: v for k, v in state.items() if not _is_apart(k, checkpoint.experiment)}
    apart = {k: v for k, v in state.items() if _is_apart(k, checkpoint.experiment)}
    _save(learnt, folder / MODEL_FILE)
    names = [MODEL_FILE]
    if apart:
        names.append(BACKBONE_FILE)
        source = share / BACKBONE_FILE if share is not None else None
        if source is not None and source.exists():
            _link(source, folder / BACKBONE_FILE)
        else:
            _save(apart, folder / BACKBONE_FILE)
    described = {
        "format": FORMAT,
        "experiment": checkpoint.experiment.model_dump(mode="json"),
        "objective": {
            "name": checkpoint.objective.name,
            "task": checkpoint.objective.task.value,
            "outputs": checkpoint.objective.outputs,
        },
        "inputs": list(checkpoint.experiment.backbone.name.sees.inputs),
        "calibration": asdict(checkpoint.calibration),
        "data": dict(checkpoint.data),
        "metrics": dict(checkpoint.metrics),
        "libraries": dict(checkpoint.libraries),
        "finished": checkpoint.finished,
        "sha256": {name: content_hash(folder / name) for name in names},
    }
    staging = folder / f".{DESCRIPTION_FILE}"
    staging.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    staging.replace(folder / DESCRIPTION_FILE)


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read the checkpoint of a network for single faces.

    Raises:
        AssetError: absent, damaged, changed, of another version of painwatch, or of clips.
    """
    return read_checkpoint(folder, _network)


def read_checkpoint(folder: Path, build: Callable[[Experiment], NetT]) -> Saved[NetT]:
    """Read a checkpoint folder.

    Args:
        folder: the folder.
        build: makes the experiment's network, whose weights are then loaded; says by an
            ``AssetError`` that it is not of this kind.

    Raises:
        AssetError: absent, damaged, changed, of another version of painwatch, or of another kind.
    """
    described = read_description(
        folder / DESCRIPTION_FILE,
        what="checkpoint",
        made_by="painwatch train fit",
        version=FORMAT,
    )
    try:
        experiment = restore_experiment(described["experiment"])
        calibration = _calibration(described["calibration"], experiment.task)
        files = {str(name): str(digest) for name, digest in described["sha256"].items()}
        data = dict(described["data"])
        metrics = {str(k): float(v) for k, v in described["metrics"].items()}
        libraries = {str(k): str(v) for k, v in described["libraries"].items()}
        finished = bool(described["finished"])
    except (KeyError, TypeError, ValueError, AttributeError, ConfigError) as error:
        raise AssetError(
            f"{folder / DESCRIPTION_FILE} is no checkpoint of this version of painwatch "
            f"({error}); train it again"
        ) from error
    network = build(experiment)
    state: dict[str, Tensor] = {}
    for name, digest in files.items():
        state |= read_weights(folder / name, digest)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise AssetError(f"{folder} does not fit its own description: {error}") from error
    return Saved(
        network=network.eval(),
        experiment=experiment,
        calibration=calibration,
        data=data,
        metrics=metrics,
        libraries=libraries,
        finished=finished,
    )


def library_versions() -> dict[str, str]:
    """Versions of what decides a training's numbers."""
    return {name: metadata.version(name) for name in _LIBRARIES}


def _calibration(described: Mapping[str, Any], task: Task) -> Calibration:
    """As it was fitted; what older versions fitted to a regression bent its level and is left."""
    if task is Task.REGRESSION:
        return Calibration(spread=float(described.get("spread", 0.0)))
    thresholds = described["thresholds"]
    return Calibration(
        temperature=float(described["temperature"]),
        # Older versions wrote borders that met.
        thresholds=None if thresholds is None else _strict(tuple(map(float, thresholds))),
    )


def _strict(thresholds: tuple[float, ...]) -> tuple[float, ...]:
    ends = (0.0, *thresholds, float(len(thresholds)))
    rises = all(low < high for low, high in pairwise(ends))
    return thresholds if rises else apart(thresholds)


def _is_apart(key: str, experiment: Experiment) -> bool:
    return experiment.frozen and key.startswith(_BACKBONE)


def _network(experiment: Experiment) -> PainNet:
    """The experiment's network before its weights are loaded; nothing is fetched."""
    if experiment.temporal is not None:
        raise AssetError(
            f"{experiment.name} is a head over the frames of clips, not a network for single "
            "faces; give the checkpoint of one trained without 'temporal'"
        )
    section = experiment.backbone
    backbone = make_backbone(
        section.name, weights=WeightSource.RANDOM, input_px=section.input_px, taps=section.taps
    )
    return build_network(experiment, backbone, build_objective(experiment, None))


def _save(state: Mapping[str, Tensor], path: Path) -> None:
    plain = {key: value.detach().cpu().contiguous().clone() for key, value in state.items()}
    # A link to another fold's file must not be written through.
    staging = path.with_name(f".{path.name}")
    save_file(plain, staging)
    staging.replace(path)


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
