"""Figures of readers on people that no weight has seen, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.bundle import Metric
from train.distil.faces import Faces
from train.distil.network import Reading
from train.metrics import Evaluation, Predictions, Split, evaluate, moments
from train.metrics.resample import RESAMPLES, draw_people, interval
from train.metrics.scored import nearest_whole, scored
from train.objectives.task import Task

_ON_THE_CARD: Final = (
    "mae",
    "pcc",
    "quadratic_kappa",
    "auroc_any_pain_vs_no_pain",
    "auroc_any_pain_vs_hard_negatives",
    "auroc_moderate_pain_vs_hard_negatives",
    "ece",
)
"""Figures of level that a model card names, where ``evaluate`` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one reader is worth on one set of faces.

    Attributes:
        reader: its name.
        on: the faces, e.g. ``residents-full-seed2, 1,150 faces of 150 synthetic people``.
        metrics: with 95 % intervals by person.
        evaluation: every figure of level, groups included.
    """

    reader: str
    on: str
    metrics: tuple[Metric, ...]
    evaluation: Evaluation

    def metric(self, name: str) -> Metric | None:
        """One of the metrics; None when the faces do not define it."""
        return next((metric for metric in self.metrics if metric.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far a student says what its teacher says.

    Attributes:
        same_level: share of faces with the same nearest level.
        mean_difference: of levels, absolute.
        correlation: of levels.
    """

    same_level: float
    mean_difference: float
    correlation: float


def judge(reader: str, faces: Faces, read: Reading) -> Judgement:
    """Compare what a reader said with what is true.

    Args:
        reader: its name.
        faces: N faces; those without a level are left out.
        read: of the same N faces.
    """
    rows = np.flatnonzero(np.isfinite(faces.levels))
    samples = [faces.samples[row] for row in rows.tolist()]
    predictions = Predictions.of_samples(
        samples,
        task=Task.REGRESSION,
        run=reader,
        split=Split.SUBJECT,
        fold=np.zeros(len(rows), np.int64),
        predicted=read.level.numpy()[rows],
        probabilities=read.probabilities.numpy()[rows],
        pose_deg=faces.pose_deg[rows],
        height_px=faces.height_px[rows],
    )
    evaluation = evaluate(predictions)
    origin = predictions.origin.value
    on = (
        f"{', '.join(faces.sets)}: {len(rows)} {origin} faces of {predictions.people} people, "
        "never trained on"
    )
    metrics = [*_of_level(evaluation, on), *_of_pspi(faces, read, predictions, rows, on)]
    return Judgement(reader=reader, on=on, metrics=tuple(metrics), evaluation=evaluation)


def agreement(student: Reading, teacher: Reading) -> Agreement:
    """How far two readers agree on the same faces."""
    ours, theirs = student.level.double().numpy(), teacher.level.double().numpy()
    varies = min(ours.std(), theirs.std()) > 0.0
    return Agreement(
        same_level=float((nearest_whole(ours) == nearest_whole(theirs)).mean()),
        mean_difference=float(np.abs(ours - theirs).mean()),
        correlation=float(np.corrcoef(ours, theirs)[0, 1]) if varies else float("nan"),
    )


def _of_level(evaluation: Evaluation, on: str) -> Iterator[Metric]:
    known = {figure.metric: figure for figure in evaluation.figures if figure.subset == "all"}
    for name in _ON_THE_CARD:
        figure = known.get(name)
        if figure is not None and figure.is_defined:
            yield _metric(f"level_{name}", figure.value, (figure.low, figure.high), on)
    gap = evaluation.worst_gap("mae")
    if gap is not None:
        name = f"level_mae_worst_gap[{gap.dimension}: {gap.worst} against {gap.best}]"
        yield _metric(name, gap.value, (gap.low, gap.high), on)


def _of_pspi(
    faces: Faces,
    read: Reading,
    predictions: Predictions,
    rows: npt.NDArray[np.intp],
    on: str,
) -> Iterator[Metric]:
    truth, said = faces.pspi[rows].astype(np.float64), read.pspi.double().numpy()[rows]
    known = np.isfinite(truth) & np.isfinite(said)
    if not known.any():
        return
    pairs = replace(scored(predictions), truth=truth, predicted=said).take(known)
    weights = draw_people(predictions.people, resamples=RESAMPLES, seed=0)
    draws = moments.resampled(pairs, weights)
    for name, value in moments.values(pairs).items():
        if name in {"mae", "pcc"} and np.isfinite(value):
            yield _metric(f"pspi_{name}", value, interval(draws[name]), on)


def _metric(name: str, value: float, ends: tuple[float, float], on: str) -> Metric:
    low, high = (round(end, 4) if np.isfinite(end) else None for end in ends)
    return Metric(name=name, value=round(value, 4), low=low, high=high, on=on)
