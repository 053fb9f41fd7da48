"""Calibration after training: the one reading of a face that is scored, taught and shipped.

Fitted on faces that the weights have not seen and that no test contains. A classifier gets an
honest temperature, and borders between the levels that fit. A regression keeps the level that it
learnt; its distribution is made wider or narrower about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.isotonic import isotonic_regression
from sklearn.metrics import roc_curve
from torch import Tensor

from pain.scales import LEVEL_MAX, LEVEL_MIN, level_curve
from train.objectives import Decoded, Task
from train.objectives.spread import neighbours, widest

Floats = npt.NDArray[np.float64]

NARROWEST: Final = 0.2
"""Least distance of two borders, in levels of the mean: every level keeps room, and noise of the
mean moves the level by no more than five times as much."""

_TINY: Final = 1e-12
_LOG_TEMPERATURES: Final = (np.log(0.05), np.log(20.0))
_SPREADS: Final = (-0.99, 0.99)
_LEAST_PROBABILITY: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What is applied to a network's predictions.

    Attributes:
        temperature: probabilities become softmax(log p / temperature); 1 changes nothing.
        spread: share of the widest distribution with the same mean that is mixed in; below 0 of
            the narrowest. Of regressions alone.
        thresholds: mean of the tempered probabilities at the border between class k - 1 and k,
            rising strictly: 6 for levels, 1 for pain; None leaves levels as they are.

    Raises:
        ValueError: the thresholds leave a class no room.
    """

    temperature: float = 1.0
    spread: float = 0.0
    thresholds: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.thresholds is not None:
            level_curve(self.thresholds)

    def read(self, probabilities: Tensor) -> Decoded:
        """What is said of faces, from what their objective decoded (N, C).

        Crossval, tuning, teachers, explanation and the exported graph all call this; it consists of
        operators that ONNX and TensorRT know.
        """
        if self.temperature != 1.0:
            return self.read_logits(probabilities.clamp(min=_TINY).log())
        return self._read(probabilities)

    def read_logits(self, logits: Tensor) -> Decoded:
        """The same from logits (N, C), or from log-probabilities."""
        return self._read(torch.softmax(logits / self.temperature, dim=1))

    def _read(self, probabilities: Tensor) -> Decoded:
        mean = mean_class(probabilities)
        if self.spread > 0.0:
            probabilities = (1.0 - self.spread) * probabilities + self.spread * widest(mean)
        elif self.spread < 0.0:
            probabilities = (1.0 + self.spread) * probabilities - self.spread * neighbours(mean)
        return Decoded(probabilities=probabilities, level=self._moved(mean))

    def _moved(self, mean: Tensor) -> Tensor:
        """``pain.scales.level_curve``, stretch by stretch."""
        if self.thresholds is None:
            return mean
        means, levels = map(np.asarray, level_curve(self.thresholds))
        start, width = mean.new_tensor(means[:-1]), mean.new_tensor(np.diff(means))
        slope = mean.new_tensor(np.diff(levels) / np.diff(means))
        passed = torch.minimum((mean[:, None] - start).clamp(min=0.0), width)
        return (passed * slope).sum(dim=1)


UNCALIBRATED: Final = Calibration()


def mean_class(probabilities: Tensor) -> Tensor:
    """Mean class (N,) of probabilities (N, C)."""
    classes = torch.arange(probabilities.shape[1], dtype=probabilities.dtype)
    # Not a matrix product: autocast would do that in half precision.
    return (probabilities * classes.to(probabilities.device)).sum(dim=1)


def classes_of(levels: npt.NDArray[np.floating], *, binary: bool) -> npt.NDArray[np.intp]:
    """Nearest whole level 0..6, halves up as in ``train.objectives``; binary: 1 from level 1 on."""
    nearest = np.clip(np.floor(levels + 0.5), LEVEL_MIN, LEVEL_MAX).astype(np.intp)
    return np.asarray(np.minimum(nearest, 1) if binary else nearest)


def fit_level_temperature(logits: Floats, levels: Floats) -> float:
    """Temperature at which the mean level errs least, in squares.

    For a distribution that was laid about a level, not learnt from classes: the temperature that
    suits the classes best makes it so wide that its mean is bent towards the middle of the scale.

    Args:
        logits: (N, C) of faces that the weights have not seen.
        levels: (N,) true.
    """
    classes = np.arange(logits.shape[1])

    def error(log_temperature: float) -> float:
        mean = softmax(logits / np.exp(log_temperature), axis=1) @ classes
        return float(np.square(mean - levels).mean())

    found = minimize_scalar(error, bounds=_LOG_TEMPERATURES, method="bounded")
    return float(np.exp(found.x))


def fit_temperature(probabilities: Floats, classes: npt.NDArray[np.intp]) -> float:
    """Temperature of the highest likelihood (Guo et al. 2017, On Calibration, ICML).

    Args:
        probabilities: (n, C) of faces that the weights have not seen.
        classes: (n,) true class.
    """

    def negative_log_likelihood(log_temperature: float) -> float:
        tempered = Calibration(temperature=float(np.exp(log_temperature)))
        return _negative_log_likelihood(tempered, probabilities, classes)

    found = minimize_scalar(negative_log_likelihood, bounds=_LOG_TEMPERATURES, method="bounded")
    return float(np.exp(found.x))


def fit_spread(probabilities: Floats, classes: npt.NDArray[np.intp]) -> float:
    """Spread of the highest likelihood: as ``fit_temperature``, but every mean stays."""

    def negative_log_likelihood(spread: float) -> float:
        return _negative_log_likelihood(Calibration(spread=spread), probabilities, classes)

    return float(minimize_scalar(negative_log_likelihood, bounds=_SPREADS, method="bounded").x)


def fit_thresholds(raw: Floats, classes: npt.NDArray[np.intp], *, count: int) -> tuple[float, ...]:
    """Borders between neighbouring levels with the least mean absolute error of the class.

    |class - truth| is the number of borders that lie between them, so each border is fitted by
    itself: it minimises the faces on its wrong side. Of the borders whose count is within one
    standard error of the least, the one nearest to the usual k - 0.5 is taken (the one standard
    error rule of Breiman et al. 1984; counted as sqrt(count + 1)), so that few faces move nothing.
    Borders that meet or cross would leave the level between them no face at all, so they are kept
    ``NARROWEST`` apart; see ``apart``.

    Args:
        raw: (n,) predicted level of faces that the weights have not seen.
        classes: (n,) true class 0..count.
        count: number of borders.

    Returns:
        Rising, within 0..count.
    """
    found = [_border(raw, classes >= k, usual=k - 0.5, top=float(count)) for k in _from_1(count)]
    return apart(found)


def apart(borders: Sequence[float]) -> tuple[float, ...]:
    """The nearest borders (least squares) that keep ``NARROWEST`` from each other and the ends."""
    steps = NARROWEST * np.arange(1, len(borders) + 1)
    # Without the steps they must not fall: that is isotonic regression (Barlow et al. 1972).
    room = len(borders) - NARROWEST * (len(borders) + 1)
    level = isotonic_regression(np.asarray(borders, np.float64) - steps, y_min=0.0, y_max=room)
    return tuple((level + steps).tolist())


def fit_operating_point(probability: Floats, pain: npt.NDArray[np.bool_]) -> float:
    """Probability of pain with the largest sensitivity + specificity (Youden 1950).

    Args:
        probability: (n,) of faces that the weights have not seen.
        pain: (n,) the truth.

    Returns:
        Between 0 and 1; 0.5 when only one of the two classes occurs.
    """
    if pain.all() or not pain.any():
        return 0.5
    false_alarms, sensitivity, limits = roc_curve(pain, probability)
    best = int((sensitivity - false_alarms).argmax())
    # Half way to the next face below, so that the limit does not sit on one face.
    below = probability[probability < limits[best]]
    lower = float(below.max()) if below.size else 0.0
    middle = 0.5 * (min(float(limits[best]), 1.0) + lower)
    return float(np.clip(middle, _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY))


def fit_calibration(
    probabilities: Floats,
    levels: npt.NDArray[np.floating],
    *,
    task: Task,
    temperature: bool,
    thresholds: bool,
) -> Calibration:
    """Fit what is asked for.

    Args:
        probabilities: (n, C) of faces that the weights have not seen; C is 7, or 2 for binary.
        levels: (n,) true level 0..6.
        task: a regression keeps the level that it learnt.
        temperature: fit how sure it is: the temperature, of a regression the spread.
        thresholds: fit the borders of levels, or the operating point; a regression has none.
    """
    binary = task is Task.BINARY
    classes = classes_of(levels, binary=binary)
    if task is Task.REGRESSION:
        return Calibration(spread=fit_spread(probabilities, classes) if temperature else 0.0)
    fitted = fit_temperature(probabilities, classes) if temperature else 1.0
    if not thresholds:
        return Calibration(temperature=fitted)
    tempered = Calibration(temperature=fitted).read(torch.from_numpy(probabilities))
    raw = tempered.level.numpy()
    borders = (
        (fit_operating_point(raw, classes.astype(bool)),)
        if binary
        else fit_thresholds(raw, classes, count=probabilities.shape[1] - 1)
    )
    return Calibration(temperature=fitted, thresholds=borders)


def _negative_log_likelihood(
    calibration: Calibration, probabilities: Floats, classes: npt.NDArray[np.intp]
) -> float:
    said = calibration.read(torch.from_numpy(probabilities)).probabilities.numpy()
    chosen = said[np.arange(len(classes)), classes]
    return -float(np.log(np.maximum(chosen, _TINY)).mean())


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
