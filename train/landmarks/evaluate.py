"""Figures of merit with 95 % intervals that respect whose faces belong together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from pain.bundle import Metric
from train.landmarks.faces import UNITS, FaceTable, Floats
from train.landmarks.model import Prediction

MODERATE: Final = 3.0
SEVERE: Final = 5.0
"""Default alarm limits in levels."""

SMALL_PX: Final = 80.0
LARGE_PX: Final = 130.0
"""A face at 3 m from a 70-degree 1080p camera is about 90 px high."""

RESAMPLES: Final = 400
_INTERVAL: Final = (2.5, 97.5)

Rows = npt.NDArray[np.intp]
Figure = Callable[[Rows], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row of the results.

    Attributes:
        metric: e.g. ``level_mae``.
        subset: which faces, e.g. ``all``, ``smile``.
        value: on all faces of the subset.
        low: lower end of the 95 % interval.
        high: upper end.
        faces: faces in the subset.
        people: people in the subset.
    """

    metric: str
    subset: str
    value: float
    low: float
    high: float
    faces: int
    people: int

    @property
    def is_defined(self) -> bool:
        """Whether value and interval are numbers."""
        return bool(np.isfinite([self.value, self.low, self.high]).all())

    def as_metric(self, on: str) -> Metric:
        """The same figure for a bundle's manifest."""
        return Metric(
            name=f"{self.metric}[{self.subset}]",
            value=round(self.value, 4),
            low=round(self.low, 4),
            high=round(self.high, 4),
            on=on,
        )


def evaluate(faces: FaceTable, predicted: Prediction, *, seed: int = 0) -> list[Result]:
    """Compare predictions for unseen people with the truth.

    Intervals are percentile bootstraps that draw people, not faces (Efron & Tibshirani 1993).

    Args:
        faces: truth.
        predicted: from ``cross_validate``.
        seed: of the bootstrap.

    Returns:
        Figures; one that the data cannot define (a correlation with a constant) is left out.
    """
    error = np.abs(predicted.level - faces.level)
    pspi_error = np.abs(predicted.pspi - faces.pspi)
    pain = faces.level >= MODERATE
    everything = np.ones(len(faces), bool)
    figures: list[tuple[str, str, npt.NDArray[np.bool_], Figure]] = [
        ("level_mae", "all", everything, _mean_of(error)),
        ("level_mae", "mean_predictor", everything, _spread_of(faces.level)),
        ("level_pearson_r", "all", everything, _pearson(predicted.level, faces.level)),
        ("pspi_mae", "all", everything, _mean_of(pspi_error)),
        ("pspi_mae", "mean_predictor", everything, _spread_of(faces.pspi)),
        ("pspi_pearson_r", "all", everything, _pearson(predicted.pspi, faces.pspi)),
    ]
    for subset, chosen in _heights(faces):
        figures.append(("level_mae", subset, chosen, _mean_of(error)))
    for column, unit in enumerate(UNITS):
        figure = _pearson(predicted.units[:, column], faces.units[:, column])
        figures.append((f"{unit.value.lower()}_pearson_r", "all", everything, figure))
    for name, kind in (("neutral", "neutral"), ("other_expressions", "other")):
        chosen = pain | (faces.kind == kind)
        figures.append(("auroc_pain_vs", name, chosen, _auroc(predicted.level, pain)))
    for subset, chosen in _subsets(faces):
        figures.append(("level_mean", subset, chosen, _mean_of(predicted.level)))
        for name, limit in (("moderate", MODERATE), ("severe", SEVERE)):
            share = _mean_of((predicted.level >= limit).astype(np.float64))
            figures.append((f"share_above_{name}_limit", subset, chosen, share))
    rng = np.random.default_rng(seed)
    results = [
        _with_interval(metric, subset, np.flatnonzero(chosen), figure, person=faces.person, rng=rng)
        for metric, subset, chosen, figure in figures
        if chosen.any()
    ]
    return [result for result in results if result.is_defined]


def _heights(faces: FaceTable) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    small, large = faces.height_px < SMALL_PX, faces.height_px >= LARGE_PX
    return [
        (f"below_{SMALL_PX:.0f}_px", small),
        (f"{SMALL_PX:.0f}_to_{LARGE_PX:.0f}_px", ~small & ~large),
        (f"from_{LARGE_PX:.0f}_px", large),
    ]


def _subsets(faces: FaceTable) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    pain = faces.kind == "pain"
    named = [(str(name), faces.expression == name) for name in np.unique(faces.expression[~pain])]
    bands = [
        (f"pain_level_{low}_to_{low + 1}", pain & (faces.level >= low) & (faces.level < low + 1))
        for low in range(5)
    ]
    return [
        *named,
        ("all_without_pain", ~pain),
        *bands,
        ("pain_level_5_to_6", pain & (faces.level >= SEVERE)),
    ]


def _with_interval(
    metric: str,
    subset: str,
    rows: Rows,
    figure: Figure,
    *,
    person: npt.NDArray[np.str_],
    rng: np.random.Generator,
) -> Result:
    people, owner = np.unique(person[rows], return_inverse=True)
    by_person = [rows[owner == i] for i in range(len(people))]
    drawn = np.array(
        [
            figure(
                np.concatenate([by_person[i] for i in rng.integers(len(people), size=len(people))])
            )
            for _ in range(RESAMPLES)
        ]
    )
    defined = drawn[np.isfinite(drawn)]
    low, high = np.percentile(defined, _INTERVAL) if defined.size else (np.nan, np.nan)
    return Result(
        metric=metric,
        subset=subset,
        value=figure(rows),
        low=float(low),
        high=float(high),
        faces=len(rows),
        people=len(people),
    )


def _mean_of(values: Floats) -> Figure:
    return lambda rows: float(values[rows].mean())


def _spread_of(values: Floats) -> Figure:
    return lambda rows: float(np.abs(values[rows] - values[rows].mean()).mean())


def _pearson(one: Floats, other: Floats) -> Figure:
    def figure(rows: Rows) -> float:
        a, b = one[rows], other[rows]
        if a.std() == 0.0 or b.std() == 0.0:
            return float("nan")
        return float(np.corrcoef(a, b)[0, 1])

    return figure


def _auroc(score: Floats, positive: npt.NDArray[np.bool_]) -> Figure:
    def figure(rows: Rows) -> float:
        truth = positive[rows]
        if truth.all() or not truth.any():
            return float("nan")
        return float(roc_auc_score(truth, score[rows]))

    return figure
