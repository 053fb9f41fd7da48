"""A trained network as exporters see it, whichever training made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import torch
from torch import Tensor, nn

from pain.bundle import Calibration, InputName, Metric, OutputName, Training
from pain.errors import AssetError
from pain.scales import LEVEL_COUNT

if TYPE_CHECKING:
    from train.protocol.checkpoint import Checkpoint
    from train.protocol.network import PainNet

LEVEL_OUTPUTS: Final[tuple[OutputName, ...]] = ("probabilities", "level")
ALL_OUTPUTS: Final[tuple[OutputName, ...]] = (*LEVEL_OUTPUTS, "pspi", "action_units")

_TINY: Final = 1e-12
"""As in ``train.protocol.calibrate``, so that the same probabilities are tempered alike."""


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
        calibration: its temperature is part of ``module`` already.
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


class LevelReader(nn.Module):
    """A network for levels with its calibration: bundle inputs in, bundle outputs out.

    Args:
        network: backbone, head and objective.
        temperature: probabilities become softmax(log p / temperature).
    """

    levels: Tensor

    def __init__(self, network: PainNet, *, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature
        levels = torch.arange(LEVEL_COUNT, dtype=torch.float32)
        self.register_buffer("levels", levels, persistent=False)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities (N, 7) and their mean, the level (N,)."""
        probabilities = self.network.decode(self.network(*inputs)).probabilities
        # A power of the probabilities is a division of the logits.
        logs = probabilities.clamp(min=_TINY).log()
        tempered = torch.softmax(logs / self.temperature, dim=1)
        return tempered, (tempered * self.levels).sum(dim=1)


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
        module=LevelReader(saved.network, temperature=saved.calibration.temperature).eval(),
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
        thresholds={f"border_{level}": value for level, value in enumerate(borders, start=1)},
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
    fold = folder.parent.name if folder.parent.name.startswith("fold-") else None
    return Training(
        data=(
            f"{data['data']}: {data['samples']} {data['origin']} faces of {data['people']} people"
            + (f"; without those that {fold} was tested on" if fold else "")
            + ("" if saved.finished else "; training was ended early")
        ),
        data_licence=str(data["licence"]),
        split_protocol=(
            f"{f'{fold} of {experiment.split.folds}; ' if fold else ''}no {by} in two parts; "
            f"{held_back} of the training part stopped training and fitted the calibration"
        ),
        task=f"level 0..6 of one frame ({saved.objective.task})",
        loss=saved.objective.name,
        backbone=(
            f"{experiment.backbone.name}, {experiment.backbone.weights} weights, "
            f"{experiment.backbone.train}"
        ),
        command=f"painwatch train {'crossval' if fold else 'fit'} {experiment.name}.yaml",
    )


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
