"""Figures with 95 % intervals: shares, means, AUROC. Faces of one person are drawn together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Z_95: Final = 1.959964
RESAMPLES: Final = 1000
_ENDS: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and its 95 % interval; NaN where it cannot be said."""

    value: float
    low: float
    high: float


UNKNOWN: Final = Figure(value=math.nan, low=math.nan, high=math.nan)


def share(hits: Bools, people: Sequence[str]) -> Figure:
    """Share of faces, with Wilson's interval (1927).

    Where people have several faces, their number is first brought down by the design effect: the
    variance between people over that of as many independent faces (Kish 1965). None or all of n
    people counts as none or all of n faces.

    Args:
        hits: (n,).
        people: (n,) who each face is.
    """
    count = len(hits)
    if count == 0:
        return UNKNOWN
    found = float(hits.mean())
    _, index = np.unique(np.asarray(people), return_inverse=True)
    effective = float(index.max() + 1)
    if 0.0 < found < 1.0:
        off = np.bincount(index, hits - found)
        effect = float((off**2).sum()) / count / (found * (1 - found))
        effective = count / max(effect, 1.0)
    spread = Z_95**2 / effective
    middle = (found + spread / 2) / (1 + spread)
    half = math.sqrt(found * (1 - found) * spread + spread**2 / 4) / (1 + spread)
    return Figure(value=found, low=max(middle - half, 0.0), high=min(middle + half, 1.0))


def mean(values: Floats, people: Sequence[str], *, seed: int = 1) -> Figure:
    """Mean with a bootstrap interval over people.

    Args:
        values: (n,).
        people: (n,) who each face is.
        seed: of the bootstrap.
    """
    if len(values) == 0:
        return UNKNOWN
    weights = _weights(people, seed)
    means = (weights @ values) / np.maximum(weights.sum(axis=1), 1)
    low, high = np.percentile(means, _ENDS)
    return Figure(value=float(values.mean()), low=float(low), high=float(high))


def auroc(values: Floats, positive: Bools, people: Sequence[str], *, seed: int = 1) -> Figure:
    """Chance that a positive face reads higher than a negative one; ties count half.

    The interval is a bootstrap over people. NaN without both kinds.

    Args:
        values: (n,).
        positive: (n,).
        people: (n,) who each face is.
        seed: of the bootstrap.
    """
    if not positive.any() or positive.all():
        return UNKNOWN
    high, low = values[positive], values[~positive]
    wins = (high[:, None] > low).astype(np.float64) + 0.5 * (high[:, None] == low)
    weights = _weights(people, seed)
    above, below = weights[:, positive], weights[:, ~positive]
    pairs = above.sum(axis=1) * below.sum(axis=1)
    drawn = ((above @ wins) * below).sum(axis=1)[pairs > 0] / pairs[pairs > 0]
    ends = np.percentile(drawn, _ENDS) if drawn.size else (math.nan, math.nan)
    return Figure(value=float(wins.mean()), low=float(ends[0]), high=float(ends[1]))


def above_own(values: Floats, positive: Bools, people: Sequence[str]) -> tuple[int, int]:
    """Positive faces that read above the mean of the same person's negative ones.

    Returns:
        How many do, and how many there are of people who have both.
    """
    own = np.asarray(people)
    above = pairs = 0
    for person in np.unique(own[positive]):
        calm = values[(own == person) & ~positive]
        if calm.size:
            pained = values[(own == person) & positive]
            pairs += len(pained)
            above += int((pained > calm.mean()).sum())
    return above, pairs


def _weights(people: Sequence[str], seed: int) -> Floats:
    """How often each face is drawn when people are drawn with replacement, (RESAMPLES, n)."""
    names, index = np.unique(np.asarray(people), return_inverse=True)
    count = len(names)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    weights: Floats = drawn[:, index].astype(np.float64)
    return weights
