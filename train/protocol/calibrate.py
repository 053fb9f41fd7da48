"""Calibration after training: an honest temperature, and borders between the levels that fit.

Fitted on faces that the weights have not seen and that no test contains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.metrics import roc_curve

from pain.scales import LEVEL_MAX, LEVEL_MIN

Floats = npt.NDArray[np.float64]

_TINY: Final = 1e-12
_LOG_TEMPERATURES: Final = (np.log(0.05), np.log(20.0))
_BINARY: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What is applied to a network's predictions.

    Attributes:
        temperature: probabilities become softmax(log p / temperature); 1 changes nothing.
        thresholds: mean of the tempered probabilities at the border between class k - 1 and k,
            ascending: 6 for levels, 1 for pain; None leaves levels as they are.
    """

    temperature: float = 1.0
    thresholds: tuple[float, ...] | None = None

    def probabilities(self, raw: Floats) -> Floats:
        """Tempered probabilities (n, C)."""
        scaled = np.log(np.maximum(raw, _TINY)) / self.temperature
        powered = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(powered / powered.sum(axis=1, keepdims=True))

    def level(self, tempered: Floats) -> Floats:
        """Level (n,) of tempered probabilities (n, C); binary: of pain, 0..1.

        Their mean, moved so that it rounds to the class on whose side of the thresholds it is:
        piecewise linear and rising, threshold k becomes k - 0.5, the ends of the scale stay.
        """
        raw = expected(tempered)
        if self.thresholds is None:
            return raw
        top = float(len(self.thresholds))
        borders = np.arange(1, len(self.thresholds) + 1) - 0.5
        return np.asarray(np.interp(raw, [0.0, *self.thresholds, top], [0.0, *borders, top]))


UNCALIBRATED: Final = Calibration()


def expected(probabilities: Floats) -> Floats:
    """Mean class (n,) of probabilities (n, C)."""
    return np.asarray(probabilities @ np.arange(probabilities.shape[1]))


def classes_of(levels: npt.NDArray[np.floating], *, binary: bool) -> npt.NDArray[np.intp]:
    """Nearest whole level 0..6, halves up as in ``train.objectives``; binary: 1 from level 1 on."""
    nearest = np.clip(np.floor(levels + 0.5), LEVEL_MIN, LEVEL_MAX).astype(np.intp)
    return np.asarray(np.minimum(nearest, 1) if binary else nearest)


def fit_temperature(probabilities: Floats, classes: npt.NDArray[np.intp]) -> float:
    """Temperature of the highest likelihood (Guo et al. 2017, On Calibration, ICML).

    Args:
        probabilities: (n, C) of faces that the weights have not seen.
        classes: (n,) true class.
    """
    rows = np.arange(len(classes))

    def negative_log_likelihood(log_temperature: float) -> float:
        tempered = Calibration(temperature=float(np.exp(log_temperature)))
        chosen = tempered.probabilities(probabilities)[rows, classes]
        return -float(np.log(np.maximum(chosen, _TINY)).mean())

    found = minimize_scalar(negative_log_likelihood, bounds=_LOG_TEMPERATURES, method="bounded")
    return float(np.exp(found.x))


def fit_thresholds(raw: Floats, classes: npt.NDArray[np.intp], *, count: int) -> tuple[float, ...]:
    """Borders between neighbouring levels with the least mean absolute error of the class.

    |class - truth| is the number of borders that lie between them, so each border is fitted by
    itself: it minimises the faces on its wrong side. Of the borders whose count is within one
    standard error of the least, the one nearest to the usual k - 0.5 is taken (the one standard
    error rule of Breiman et al. 1984; counted as sqrt(count + 1)), so that few faces move nothing.

    Args:
        raw: (n,) predicted level of faces that the weights have not seen.
        classes: (n,) true class 0..count.
        count: number of borders.

    Returns:
        Ascending, within 0..count.
    """
    found = [_border(raw, classes >= k, usual=k - 0.5, top=float(count)) for k in _from_1(count)]
    return tuple(np.maximum.accumulate(found).tolist())


def fit_operating_point(probability: Floats, pain: npt.NDArray[np.bool_]) -> float:
    """Probability of pain with the largest sensitivity + specificity (Youden 1950).

    Args:
        probability: (n,) of faces that the weights have not seen.
        pain: (n,) the truth.

    Returns:
        In 0..1; 0.5 when only one of the two classes occurs.
    """
    if pain.all() or not pain.any():
        return 0.5
    false_alarms, sensitivity, limits = roc_curve(pain, probability)
    best = int((sensitivity - false_alarms).argmax())
    # Half way to the next face below, so that the limit does not sit on one face.
    below = probability[probability < limits[best]]
    lower = float(below.max()) if below.size else 0.0
    return float(np.clip(0.5 * (min(float(limits[best]), 1.0) + lower), 0.0, 1.0))


def fit_calibration(
    probabilities: Floats,
    levels: npt.NDArray[np.floating],
    *,
    temperature: bool,
    thresholds: bool,
) -> Calibration:
    """Fit what is asked for.

    Args:
        probabilities: (n, C) of faces that the weights have not seen; C is 7, or 2 for binary.
        levels: (n,) true level 0..6.
        temperature: fit the temperature.
        thresholds: fit the borders of levels, or the operating point.
    """
    binary = probabilities.shape[1] == _BINARY
    classes = classes_of(levels, binary=binary)
    fitted = fit_temperature(probabilities, classes) if temperature else 1.0
    if not thresholds:
        return Calibration(temperature=fitted)
    raw = expected(Calibration(temperature=fitted).probabilities(probabilities))
    borders = (
        (fit_operating_point(raw, classes.astype(bool)),)
        if binary
        else fit_thresholds(raw, classes, count=probabilities.shape[1] - 1)
    )
    return Calibration(temperature=fitted, thresholds=borders)


def _border(raw: Floats, above: npt.NDArray[np.bool_], *, usual: float, top: float) -> float:
    order = np.argsort(raw, kind="stable")
    values, truly = raw[order], above[order]
    # With the border before position i: faces above it that should be below, and the reverse.
    wrong = np.concatenate(([0], np.cumsum(truly))) + np.concatenate(
        (np.cumsum(~truly[::-1])[::-1], [0])
    )
    edges = np.concatenate(([0.0], values, [top]))
    low, high = edges[:-1], edges[1:]
    fit = (wrong <= wrong.min() + np.sqrt(wrong.min() + 1)) & (low < high)
    if not fit.any():
        return usual
    # The nearest point of each admissible gap; its middle where the usual border lies outside.
    inside = (low < usual) & (usual <= high)
    points = np.where(inside, usual, 0.5 * (low + high))[fit]
    return float(points[np.abs(points - usual).argmin()])


def _from_1(count: int) -> range:
    return range(1, count + 1)
