"""From a graph's raw outputs to a score; anything implausible is an error, never a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.score.runner import Arrays
from pain.action_units import AU_MAX, ActionUnit
from pain.bundle import Calibration
from pain.errors import ScoringError
from pain.scales import LEVEL_MAX, LEVEL_MIN, PSPI_MAX, level_curve
from pain.values import Score

_SUM_TOLERANCE: Final = 1e-2
"""Room for half precision and INT8; a graph in float32 keeps within 1e-6."""
_LEVEL_TOLERANCE: Final = 0.05


def to_score(outputs: Arrays, units: Sequence[ActionUnit], calibration: Calibration) -> Score:
    """Check one face's outputs and make a score of them.

    Args:
        outputs: by name, each with a leading batch axis of 1.
        units: names of the columns of ``action_units``.
        calibration: the bundle's, which says how its level follows from its probabilities.

    Returns:
        The score; PSPI is clipped to 0..16 and AUs to 0..5.

    Raises:
        ScoringError: a value is not finite, the probabilities are none, or the level does not
            follow from them as the bundle says, or is not on the scale.
    """
    rows = {name: _row(name, value) for name, value in outputs.items()}
    probabilities = _distribution(rows["probabilities"])
    (level,) = rows["level"]
    _check_level(level, probabilities, calibration)
    level = _clip(level, LEVEL_MIN, LEVEL_MAX)
    return Score(
        level=level,
        probabilities=probabilities,
        pspi=_clip(rows["pspi"][0], 0.0, PSPI_MAX) if "pspi" in rows else None,
        action_units={
            unit: _clip(value, 0.0, AU_MAX)
            for unit, value in zip(units, rows.get("action_units", ()), strict=True)
        },
        confidence=confidence(probabilities, level),
    )


def confidence(probabilities: Sequence[float], level: float) -> float:
    """Probability mass within one level of the level.

    Args:
        probabilities: seven shares, sum 1.
        level: 0..6.

    Returns:
        0..1.
    """
    near = (share for index, share in enumerate(probabilities) if abs(index - level) <= 1.0)
    return _clip(sum(near), 0.0, 1.0)


def _check_level(level: float, probabilities: Sequence[float], calibration: Calibration) -> None:
    mean = sum(index * share for index, share in enumerate(probabilities))
    lowest, highest = mean - _LEVEL_TOLERANCE, mean + _LEVEL_TOLERANCE
    said = f"the mean {mean:.3f} of its probabilities"
    match calibration.level:
        case "moved":
            curve = level_curve(calibration.borders)
            # The line is steep where borders are close: what the mean may be off, it may be too.
            ends = np.interp([lowest, highest], *curve).tolist()
            lowest, highest = ends[0] - _LEVEL_TOLERANCE, ends[1] + _LEVEL_TOLERANCE
            said = f"{said}, moved by its thresholds"
        case "own":
            lowest, highest = LEVEL_MIN - _LEVEL_TOLERANCE, LEVEL_MAX + _LEVEL_TOLERANCE
            said = f"in {LEVEL_MIN:g}..{LEVEL_MAX:g}"
        case "mean":
            pass
    if not lowest <= level <= highest:
        raise ScoringError(f"the model's level {level:.3f} is not {said}")


def _distribution(raw: Sequence[float]) -> tuple[float, ...]:
    total, least = sum(raw), min(raw)
    if least < -_SUM_TOLERANCE or abs(total - 1.0) > _SUM_TOLERANCE:
        raise ScoringError(
            f"the model's probabilities are no distribution (sum {total:.4f}, smallest {least:.4f})"
        )
    shares = [_clip(share, 0.0, 1.0) for share in raw]
    return tuple(share / sum(shares) for share in shares)


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _row(name: str, value: npt.NDArray[Any]) -> list[float]:
    """Give one face's values; plain numbers, since numpy is slow on a handful."""
    if value.ndim == 0 or value.shape[0] != 1:
        raise ScoringError(f"output {name!r} has shape {value.shape} for one face")
    row: list[float] = value.reshape(-1).tolist()
    if not all(map(math.isfinite, row)):
        raise ScoringError(f"output {name!r} holds a value that is no number")
    return row
