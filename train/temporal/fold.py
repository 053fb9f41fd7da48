"""One training of a head over time, and what it then says of whole clips as a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pain.errors import ConfigError
from train.experiment.temporal import TemporalSection
from train.features.inputs import LandmarkInputs
from train.loop.epoch import Epoch, TrainingInterrupted
from train.loop.resume import Resume
from train.protocol.calibrate import UNCALIBRATED, Calibration, fit_calibration
from train.protocol.engine import threads_for
from train.protocol.fold import Probabilities, Scores, Trained, calibrated
from train.protocol.learner import Learner, fit_module
from train.protocol.material import Material, Rows
from train.protocol.network import build_objective
from train.temporal.clips import Clip, Steps, among, steps_of
from train.temporal.network import ClipNet, Counted, build_clip_network
from train.temporal.reduce import Reduce
from train.temporal.windows import PieceSource, whole, windows

_FITTED_ON_AT_MOST = 20_000
"""Frames that the reduction is fitted on: neighbours in time hardly differ."""

_REDUCED_AT_ONCE = 4096
_CLIPS_AT_ONCE = 16


def train_clip_network(
    material: Material,
    clips: Sequence[Clip],
    train: Rows,
    validation: Rows,
    *,
    seed: int,
    resume: Resume | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _epoch: None,
) -> Trained[ClipNet]:
    """Fit everything that is fitted, on these rows and no others.

    Ctrl-C after the first epoch ends the training; what was best so far is the outcome.

    Args:
        material: all faces; rows that are not named are not looked at.
        clips: all faces, clip by clip.
        train: the weights, the reduction and the mirror see these, in windows.
        validation: early stopping and calibration see these, in whole clips.
        seed: of initial weights, batches and flips.
        resume: what a killed training goes on from; None for nothing.
        on_epoch: told of every epoch.

    Raises:
        ConfigError: the loss diverges, or an option does not fit.
        KeyboardInterrupt: Ctrl-C before there was anything to keep.
    """
    experiment, asked = material.experiment, _asked(material)
    levels = material.levels[train]
    objective = build_objective(experiment, levels)
    network = build_clip_network(experiment, asked, objective, seed=seed)
    mirror, notes = _mirror(material, train)
    _fit_reduction(network.reduce, material, train, mirror)
    with torch.no_grad():
        network.head.last.bias.copy_(objective.bias(torch.from_numpy(levels)))
    pieces = [
        piece
        for clip, steps in _with_steps(clips, train, asked)
        for piece in windows(steps, _positions(clip, train), asked)
    ]
    training = PieceSource(
        pieces=pieces,
        plain=_reduced(network.reduce, material, train),
        mirrored=None if mirror is None else _reduced(network.reduce, material, train, mirror),
        levels=torch.from_numpy(levels).to(material.fabric.device),
    )
    interrupted = False
    try:
        with threads_for(experiment):
            found = fit_module(
                Learner(Counted(network.head), objective, compiled=experiment.engine.compile),
                training,
                _whole_clips(material, clips, network, validation),
                fabric=material.fabric,
                experiment=experiment,
                flip=0.0 if mirror is None else experiment.flip,
                seed=seed,
                resume=resume,
                on_epoch=on_epoch,
            )
    except TrainingInterrupted as stop:
        found, interrupted = stop.training, True
    return Trained(
        network=network.eval(),
        calibration=_calibration(material, clips, network, validation),
        training=found,
        notes=notes,
        interrupted=interrupted,
    )


def score_clips(
    material: Material,
    clips: Sequence[Clip],
    network: ClipNet,
    calibration: Calibration,
    rows: Rows,
) -> Scores:
    """Score every frame of whole clips from the frames before it.

    Args:
        material: all faces.
        clips: all faces, clip by clip.
        network: trained.
        calibration: of it.
        rows: frames of whole clips, in any order.
    """
    return calibrated(calibration, _probabilities(material, clips, network, rows))


def _asked(material: Material) -> TemporalSection:
    asked = material.experiment.temporal
    if asked is None:
        raise ConfigError("says nothing of a head over time", key="temporal")
    return asked


def _mirror(material: Material, train: Rows) -> tuple[LandmarkInputs | None, tuple[str, ...]]:
    """Inputs that know left from right; None where nothing is to be mirrored, or cannot be."""
    if material.experiment.flip == 0.0 or not isinstance(material.inputs, LandmarkInputs):
        return None, ()
    try:
        return material.inputs.learn_mirror(train), ()
    except ValueError as error:
        return None, (f"no clip is mirrored: {error}",)


def _fit_reduction(
    reduce: Reduce, material: Material, train: Rows, mirror: LandmarkInputs | None
) -> None:
    some = train[:: -(-len(train) // _FITTED_ON_AT_MOST)]
    shown = [_features(material, some)]
    if mirror is not None:
        shown.append(_features(material, some, mirror))
    try:
        reduce.fit(torch.cat(shown))
    except ValueError as error:
        raise ConfigError(
            f"{error}; take fewer, or more clips", key="temporal.components"
        ) from error


def _features(material: Material, rows: Rows, mirror: LandmarkInputs | None = None) -> Tensor:
    """(m, F), as they are or as a mirror shows them."""
    if mirror is None:
        return torch.from_numpy(material.plain(rows))
    everyone = torch.ones(len(rows), dtype=torch.bool)
    with torch.inference_mode():
        found: Tensor = material.backbone(*mirror.flipped(mirror.batch(rows), everyone))
    return found.clone()


@torch.no_grad()
def _reduced(
    reduce: Reduce, material: Material, rows: Rows, mirror: LandmarkInputs | None = None
) -> Tensor:
    """(m, W) on the device that trains; never all coordinates at once."""
    parts = [
        reduce(_features(material, rows[start : start + _REDUCED_AT_ONCE], mirror))
        for start in range(0, len(rows), _REDUCED_AT_ONCE)
    ]
    return torch.cat(parts).to(material.fabric.device)


def _with_steps(
    clips: Sequence[Clip], rows: Rows, asked: TemporalSection
) -> list[tuple[Clip, Steps]]:
    return [(clip, steps_of(clip.time_s, asked)) for clip in among(clips, rows)]


def _positions(clip: Clip, rows: Rows) -> Rows:
    """Where the clip's frames stand among ``rows``."""
    order = np.argsort(rows)
    return order[np.searchsorted(rows, clip.rows, sorter=order)].astype(np.intp)


def _whole_clips(
    material: Material, clips: Sequence[Clip], network: ClipNet, rows: Rows
) -> PieceSource:
    return PieceSource(
        pieces=[
            whole(steps, _positions(clip, rows))
            for clip, steps in _with_steps(clips, rows, _asked(material))
        ],
        plain=_reduced(network.reduce, material, rows),
        mirrored=None,
        levels=torch.from_numpy(material.levels[rows]).to(material.fabric.device),
    )


def _calibration(
    material: Material, clips: Sequence[Clip], network: ClipNet, validation: Rows
) -> Calibration:
    wanted = material.experiment.calibration
    if not (wanted.temperature or wanted.thresholds):
        return UNCALIBRATED
    return fit_calibration(
        _probabilities(material, clips, network, validation),
        material.levels[validation],
        task=material.experiment.task,
        temperature=wanted.temperature,
        thresholds=wanted.thresholds,
    )


@torch.inference_mode()
def _probabilities(
    material: Material, clips: Sequence[Clip], network: ClipNet, rows: Rows
) -> Probabilities:
    """(m, C) of every frame before calibration; the network is on the CPU again afterwards."""
    source = _whole_clips(material, clips, network, rows)
    chosen = _with_steps(clips, rows, _asked(material))
    network.eval().to(material.fabric.device)
    positions, parts = [], []
    for start in range(0, len(chosen), _CLIPS_AT_ONCE):
        some = chosen[start : start + _CLIPS_AT_ONCE]
        numbers = np.arange(start, start + len(some), dtype=np.intp)
        (features, elapsed_s, _), _ = source.take(numbers, np.zeros(len(some), np.bool_))
        outputs = network.head(features, elapsed_s)
        for (clip, steps), of_clip in zip(some, outputs, strict=True):
            of_frames = of_clip[torch.from_numpy(steps.of_frame).to(of_clip.device)]
            parts.append(network.decode(of_frames).probabilities.double().cpu().numpy())
            positions.append(_positions(clip, rows))
    network.cpu()
    out: npt.NDArray[np.float64] = np.concatenate(parts)[np.argsort(np.concatenate(positions))]
    return out
