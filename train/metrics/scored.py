"""Predictions in the form that every figure of merit wants."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from pain.scales import LEVEL_MAX, MODERATE
from train.metrics.predictions import Floats, Predictions
from train.objectives.task import Task
from train.residents.expression import Kind

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """N faces.

    Attributes:
        truth: float64 (N,), level 0..6; in the binary task 0 or 1.
        predicted: float64 (N,), on the same scale.
        truth_class: int64 (N,), nearest whole level, halves up; in the binary task 0 or 1.
        predicted_class: int64 (N,), what the face is called: the level's nearest whole one, halves
            up; in the binary task P(pain) >= 0.5. Of the calibrated reading, as ``predicted`` is.
        probabilities: float64 (N, C).
        no_pain: bool (N,), the nearest whole level is 0.
        any_pain: bool (N,), the nearest whole level is 1 or more.
        moderate_pain: bool (N,), level 3 or more.
        hard_negative: bool (N,), an expression that may be mistaken for pain; none of the above.
        person: intp (N,), number of the subject.
    """

    truth: Floats
    predicted: Floats
    truth_class: Integers
    predicted_class: Integers
    probabilities: Floats
    no_pain: Mask
    any_pain: Mask
    moderate_pain: Mask
    hard_negative: Mask
    person: npt.NDArray[np.intp]

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.truth)

    @property
    def classes(self) -> int:
        """Number of classes, 7 or 2."""
        return int(self.probabilities.shape[1])

    def take(self, rows: Mask) -> Scored:
        """Some of the rows."""
        return replace(
            self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)}
        )


def scored(predictions: Predictions) -> Scored:
    """Bring predictions into the form for figures of merit."""
    level = nearest_whole(predictions.truth)
    hard_negative = predictions.kind == Kind.OTHER
    _, person = np.unique(predictions.subject, return_inverse=True)
    if predictions.task is Task.BINARY:
        truth_class = (level > 0).astype(np.int64)
        truth = truth_class.astype(np.float64)
        predicted_class = (predictions.predicted >= 0.5).astype(np.int64)  # noqa: PLR2004
    else:
        truth_class, truth = level, predictions.truth
        predicted_class = nearest_whole(predictions.predicted)
    return Scored(
        truth=truth,
        predicted=predictions.predicted,
        truth_class=truth_class,
        predicted_class=predicted_class,
        probabilities=predictions.probabilities,
        no_pain=level == 0,
        any_pain=(level > 0) & ~hard_negative,
        moderate_pain=(predictions.truth >= MODERATE) & ~hard_negative,
        hard_negative=hard_negative,
        person=person,
    )


def nearest_whole(level: Floats) -> Integers:
    """Whole level 0..6 that is nearest, halves up, as ``train.objectives.nearest_level``."""
    return np.clip(np.floor(level + 0.5), 0, LEVEL_MAX).astype(np.int64)
