"""Every figure of merit of a run, with intervals by subject, for all and for each group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from train.metrics import calibration, classes, moments, ranking
from train.metrics.figure import Figure, Gap
from train.metrics.predictions import Floats, Predictions
from train.metrics.resample import RESAMPLES, draw_people, interval
from train.metrics.scored import Scored, scored
from train.metrics.subgroups import subgroups

ALL: Final = "all"

SUBGROUP_METRICS: Final = (
    "mae",
    "accuracy",
    "pcc",
    "quadratic_kappa",
    "auroc_any_pain_vs_no_pain",
    "auroc_any_pain_vs_hard_negatives",
)
"""What is compared between groups; each is in 0..6 or in -1..1."""

LEAST_PEOPLE: Final = 10
LEAST_FACES: Final = 30
"""A group of fewer people or faces is listed, but says nothing about a gap."""

_LOWER_IS_BETTER: Final = frozenset({"mse", "mae", "ece"})
_RAISED_BY_CHANCE: Final = frozenset({"ece"})
"""A resample of a sample adds chance to chance, so nearly all lie above the figure itself."""
_FAMILIES: Final = (moments, classes, ranking, calibration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The figures of a run.

    Attributes:
        figures: of all faces, then of every group.
        gaps: of each metric that is compared, the largest first.
    """

    figures: tuple[Figure, ...]
    gaps: tuple[Gap, ...]

    def figure(self, metric: str, subset: str = ALL) -> Figure:
        """One of the figures.

        Raises:
            KeyError: there is none of that metric and subset.
        """
        for found in self.figures:
            if (found.metric, found.subset) == (metric, subset):
                return found
        raise KeyError((metric, subset))

    def worst_gap(self, metric: str) -> Gap | None:
        """The largest gap of a metric in any dimension; None when no two groups compare.

        It is the largest of several, so it is above 0 by chance too; see its interval.
        """
        return next((gap for gap in self.gaps if gap.metric == metric), None)


def evaluate(predictions: Predictions, *, resamples: int = RESAMPLES, seed: int = 0) -> Evaluation:
    """Compute every figure of merit.

    Intervals are percentile bootstraps that draw people, not faces. All figures share the draws,
    so that differences between groups of the same people are paired.

    Args:
        predictions: of unseen faces.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    faces = scored(predictions)
    weights = draw_people(predictions.people, resamples=resamples, seed=seed)
    everyone = _measured(faces, weights)
    figures = list(_figures(ALL, faces, everyone))
    gaps: list[Gap] = []
    for dimension, groups in subgroups(predictions).items():
        measured: dict[str, _Measured] = {}
        for group, chosen in groups.items():
            some = faces.take(chosen)
            found = {
                metric: pair
                for metric, pair in _measured(some, weights).items()
                if metric in SUBGROUP_METRICS
            }
            figures += _figures(f"{dimension}={group}", some, found)
            if _people(some) >= LEAST_PEOPLE and len(some) >= LEAST_FACES:
                measured[group] = found
        gaps += _gaps(dimension, measured)
    gaps.sort(key=lambda gap: (SUBGROUP_METRICS.index(gap.metric), -gap.value))
    return Evaluation(figures=tuple(figures), gaps=tuple(gaps))


_Measured = Mapping[str, tuple[float, Floats]]
"""Value and resampled values by metric."""


def _measured(faces: Scored, weights: Floats) -> _Measured:
    found: dict[str, tuple[float, Floats]] = {}
    for family in _FAMILIES:
        draws = family.resampled(faces, weights)
        found |= {metric: (value, draws[metric]) for metric, value in family.values(faces).items()}
    return found


def _people(faces: Scored) -> int:
    return len(np.unique(faces.person))


def _figures(subset: str, faces: Scored, measured: _Measured) -> list[Figure]:
    people = _people(faces)
    figures = []
    for metric, (value, draws) in measured.items():
        # One person drawn again and again would give an interval of no width.
        known = people > 1 and np.isfinite(value)
        centred = metric in _RAISED_BY_CHANCE and known
        around = np.maximum(draws - np.nanmean(draws) + value, 0.0) if centred else draws
        low, high = interval(around) if known else (float("nan"), float("nan"))
        if low == high:
            # Nine right of nine is 1 in every resample, which is no certainty.
            low = high = float("nan")
        figures.append(
            Figure(
                metric=metric,
                subset=subset,
                value=value,
                low=low,
                high=high,
                samples=len(faces),
                people=people,
            )
        )
    return figures


def _gaps(dimension: str, measured: Mapping[str, _Measured]) -> list[Gap]:
    gaps = []
    for metric in SUBGROUP_METRICS:
        sign = -1.0 if metric in _LOWER_IS_BETTER else 1.0
        merit = {
            group: sign * found[metric][0]
            for group, found in measured.items()
            if np.isfinite(found[metric][0])
        }
        if len(merit) < 2:  # noqa: PLR2004  (a gap lies between two)
            continue
        best, worst = max(merit, key=merit.__getitem__), min(merit, key=merit.__getitem__)
        difference = sign * (measured[best][metric][1] - measured[worst][metric][1])
        low, high = interval(difference)
        gaps.append(
            Gap(
                metric=metric,
                dimension=dimension,
                best=best,
                worst=worst,
                value=merit[best] - merit[worst],
                low=low,
                high=high,
            )
        )
    return gaps
