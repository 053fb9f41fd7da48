"""A trained network as exporters see it, whichever training made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from torch import nn

from pain.bundle import Calibration, InputName, Metric, OutputName, Training
from pain.errors import AssetError

if TYPE_CHECKING:
    from train.experiment.schema import Experiment
    from train.protocol.checkpoint import Checkpoint

LEVEL_OUTPUTS: Final[tuple[OutputName, ...]] = ("probabilities", "level")
ALL_OUTPUTS: Final[tuple[OutputName, ...]] = (*LEVEL_OUTPUTS, "pspi", "action_units")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A trained network and what a manifest says of it.

    Attributes:
        name: lower case, digits, dashes.
        module: in evaluation mode, on the CPU; forward(*inputs) gives a tuple of outputs.
        inputs: of ``module``, in order.
        outputs: of ``module``, in order.
        action_units: columns of the output of that name; none without it.
        training: how it came to be.
        calibration: part of ``module`` already.
        metrics: what was measured at training.
        libraries: versions in use at training.
    """

    name: str
    module: nn.Module
    inputs: tuple[InputName, ...]
    outputs: tuple[OutputName, ...]
    action_units: tuple[str, ...]
    training: Training
    calibration: Calibration
    metrics: tuple[Metric, ...]
    libraries: Mapping[str, str]


def open_model(checkpoint: Path) -> Model:
    """Open a checkpoint; the files in its folder tell which training wrote it.

    Args:
        checkpoint: folder of ``painwatch train fit``, ``crossval`` or ``distil``.

    Raises:
        AssetError: absent, damaged, changed, or of a network that the daemon could not use: of the
            binary task, of clips, or of whole pictures.
    """
    from train.distil.checkpoint import DESCRIPTION_FILE as STUDENT

    if (checkpoint / STUDENT).is_file():
        return _of_student(checkpoint)
    return _of_levels(checkpoint)


def _of_student(folder: Path) -> Model:
    from train.distil.checkpoint import load_student

    student = load_student(folder)
    return Model(
        name=student.name,
        module=student.module,
        inputs=cast("tuple[InputName, ...]", student.inputs),
        outputs=ALL_OUTPUTS,
        action_units=tuple(unit.value for unit in student.units),
        training=student.training,
        calibration=student.calibration,
        metrics=student.metrics,
        libraries=student.libraries,
    )


def _of_levels(folder: Path) -> Model:
    from train.experiment.schema import View
    from train.objectives.task import Task
    from train.protocol.checkpoint import load_checkpoint
    from train.protocol.network import LevelReader

    saved = load_checkpoint(folder)
    if saved.objective.task is Task.BINARY:
        raise AssetError(
            f"{folder}: a network of the binary task says nothing of levels, which the daemon "
            "needs; export an ordinal or regression one"
        )
    sees_pictures = not saved.experiment.backbone.name.sees_landmarks
    if sees_pictures and saved.experiment.view is not View.ALIGNED:
        raise AssetError(
            f"{folder}: trained on whole pictures (view: {saved.experiment.view}), but the daemon "
            "shows aligned crops; train it with view: aligned"
        )
    return Model(
        name=_name_of(str(saved.experiment.name or folder.name)),
        module=LevelReader(saved.network, saved.calibration).eval(),
        inputs=cast("tuple[InputName, ...]", saved.network.backbone.sees.inputs),
        outputs=LEVEL_OUTPUTS,
        action_units=(),
        training=_training(saved, folder),
        calibration=_calibration(saved),
        metrics=tuple(
            Metric(name=name, value=value, on="validation share of the training people")
            for name, value in saved.metrics.items()
        ),
        libraries=saved.libraries,
    )


def _calibration(saved: Checkpoint) -> Calibration:
    borders = saved.calibration.thresholds or ()
    return Calibration(
        temperature=saved.calibration.temperature,
        spread=saved.calibration.spread,
        thresholds={f"border_{level}": value for level, value in enumerate(borders, start=1)},
        level="moved" if borders else "mean",
    )


def _training(saved: Checkpoint, folder: Path) -> Training:
    experiment, data = saved.experiment, saved.data
    unsaid = [key for key in ("data", "origin", "licence", "samples", "people") if key not in data]
    if unsaid:
        raise AssetError(
            f"{folder}: the checkpoint does not say what it learnt from ({', '.join(unsaid)}), "
            "which every bundle must; train it again"
        )
    by, held_back = experiment.split.by, f"{experiment.split.validation:.0%}"
    folds = "one a person" if experiment.split.leave_one_out else experiment.split.folds
    fold = folder.parent.name if folder.parent.name.startswith("fold-") else None
    return Training(
        data=(
            f"{data['data']}: {data['samples']} {data['origin']} faces of {data['people']} people"
            + (f"; without those that {fold} was tested on" if fold else "")
            + (f"; begun from weights that learnt from {data['start']}" if "start" in data else "")
            + ("" if saved.finished else "; training was ended early")
        ),
        data_licence=str(data["licence"]),
        split_protocol=(
            f"{f'{fold} of {folds}; ' if fold else ''}no {by} in two parts; "
            f"{held_back} of the training part stopped training and fitted the calibration"
        ),
        task=f"level 0..6 of one frame ({saved.objective.task})",
        loss=saved.objective.name,
        backbone=(
            f"{experiment.backbone.name}{_size(experiment)}, "
            f"{_first_weights(experiment)}, {experiment.backbone.train}"
        ),
        command=f"painwatch train {'crossval' if fold else 'fit'} {experiment.name}.yaml",
    )


def _size(experiment: Experiment) -> str:
    """Side of what the network sees, where that was chosen."""
    return f" at {experiment.backbone.input_px} px" if experiment.backbone.input_px else ""


def _first_weights(experiment: Experiment) -> str:
    """Where it started; of a path the name, since folders are one machine's own."""
    if experiment.start is None:
        return f"{experiment.backbone.weights} weights"
    return f"weights of {experiment.start.rpartition('/')[2]}"


def checked_name(name: str) -> str:
    """A name that a manifest allows.

    Raises:
        AssetError: it is none.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise AssetError(
            f"{name!r} cannot name a bundle: lower-case letters, digits and dashes; choose another "
            "with --name"
        )
    return name


def _name_of(text: str) -> str:
    """Nearest name that a manifest allows."""
    return checked_name(re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"))
