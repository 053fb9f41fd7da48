"""One training from first weights to calibration, and what the network then says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from lightning_fabric import Fabric
from torch import nn

from train.loop.epoch import Epoch, Training, TrainingInterrupted
from train.loop.resume import Resume
from train.objectives import Objective
from train.protocol.calibrate import UNCALIBRATED, Calibration, fit_calibration, mean_class
from train.protocol.engine import threads_for
from train.protocol.learner import Learner, fit_module
from train.protocol.material import Material, Rows, prepare, scoring_source
from train.protocol.network import PainNet
from train.protocol.sources import Source, plain_batches

_SCORED_AT_ONCE = 256

Probabilities = npt.NDArray[np.float64]
NetworkT = TypeVar("NetworkT", bound=nn.Module)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained(Generic[NetworkT]):
    """A trained and calibrated network.

    Attributes:
        network: holds the weights of the best epoch, on the CPU.
        calibration: fitted on the validation rows.
        training: how it went.
        notes: what could not be done as asked; for people.
        interrupted: Ctrl-C ended it early.
    """

    network: NetworkT
    calibration: Calibration
    training: Training
    notes: tuple[str, ...]
    interrupted: bool


Outcome: TypeAlias = Trained[PainNet]
"""A trained network for single faces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a network says of n faces.

    Attributes:
        probabilities: float64 (n, C), calibrated.
        level: float64 (n,), calibrated; binary: of pain, 0..1.
        raw_level: float64 (n,), before any calibration.
    """

    probabilities: Probabilities
    level: Probabilities
    raw_level: Probabilities


def train_network(
    material: Material,
    train: Rows,
    validation: Rows,
    *,
    seed: int,
    resume: Resume | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _epoch: None,
) -> Outcome:
    """Fit everything that is fitted, on these rows and no others.

    Ctrl-C after the first epoch ends the training; what was best so far is the outcome.

    Args:
        material: all faces; rows that are not named are not looked at.
        train: the weights, the standardisation, the mirror and SMOTE see these.
        validation: early stopping and calibration see these.
        seed: of initial weights, batches, flips and SMOTE.
        resume: what a killed training goes on from; None for nothing.
        on_epoch: told of every epoch.

    Raises:
        ConfigError: the loss diverges, or an option does not fit.
        KeyboardInterrupt: Ctrl-C before there was anything to keep.
    """
    experiment = material.experiment
    prepared = prepare(material, train, validation, seed=seed)
    network, interrupted = prepared.network, False
    try:
        with threads_for(experiment):
            training = fit_module(
                Learner(
                    prepared.body,
                    network.objective,
                    prepared.varied,
                    compiled=experiment.engine.compile,
                    slow=() if experiment.frozen else (network.backbone,),
                ),
                prepared.training,
                prepared.validation,
                fabric=material.fabric,
                experiment=experiment,
                flip=prepared.flip,
                seed=seed,
                resume=resume,
                on_epoch=on_epoch,
            )
    except TrainingInterrupted as stop:
        training, interrupted = stop.training, True
    return Trained(
        network=network.eval(),
        calibration=_calibration(material, network, validation),
        training=training,
        notes=prepared.notes,
        interrupted=interrupted,
    )


def score(material: Material, network: PainNet, calibration: Calibration, rows: Rows) -> Scores:
    """Score faces with a trained network."""
    body, source = scoring_source(material, network, rows)
    return calibrated(calibration, _probabilities(body, network.objective, source, material.fabric))


def calibrated(calibration: Calibration, raw: Probabilities) -> Scores:
    """Scores from what an objective decoded, float64 (n, C)."""
    decoded = torch.from_numpy(raw)
    said = calibration.read(decoded)
    return Scores(
        probabilities=said.probabilities.numpy(),
        level=said.level.numpy(),
        raw_level=mean_class(decoded).numpy(),
    )


def _calibration(material: Material, network: PainNet, validation: Rows) -> Calibration:
    wanted = material.experiment.calibration
    if not (wanted.temperature or wanted.thresholds):
        return UNCALIBRATED
    body, source = scoring_source(material, network, validation)
    return fit_calibration(
        _probabilities(body, network.objective, source, material.fabric),
        material.levels[validation],
        task=material.experiment.task,
        temperature=wanted.temperature,
        thresholds=wanted.thresholds,
    )


@torch.inference_mode()
def _probabilities(
    body: nn.Module, objective: Objective, source: Source, fabric: Fabric
) -> Probabilities:
    """Probabilities (n, C) before calibration; the module is on the CPU again afterwards."""
    body.eval().to(fabric.device)
    objective.to(fabric.device)
    parts = []
    for inputs, _ in plain_batches(source, size=_SCORED_AT_ONCE):
        outputs = body(*(part.to(fabric.device) for part in inputs))
        parts.append(objective.decode(outputs).probabilities.double().cpu().numpy())
    body.cpu()
    objective.cpu()
    return np.concatenate(parts)
