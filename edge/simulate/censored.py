"""A normal distribution whose tails are held at the ends of the scale, and how to find one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from pain.scales import LEVEL_MAX, LEVEL_MIN

LIMIT: Final = 3.0
"""The level at which published shares are counted: the default limit of moderate pain."""

_UNIT: Final = NormalDist()
_NARROWEST, _WIDEST = 0.02, 8.0
_STEPS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Censored:
    """What a model reads of one kind of face: N(centre, spread^2), held within 0..6.

    Attributes:
        centre: mean before it is held, levels; may lie outside 0..6.
        spread: standard deviation before it is held, levels.
    """

    centre: float
    spread: float

    @property
    def mean(self) -> float:
        """Mean of the levels that are read."""
        low, high = self._ends()
        inside = _UNIT.cdf(high) - _UNIT.cdf(low)
        return (
            LEVEL_MIN * _UNIT.cdf(low)
            + LEVEL_MAX * (1 - _UNIT.cdf(high))
            + self.centre * inside
            + self.spread * (_UNIT.pdf(low) - _UNIT.pdf(high))
        )

    @property
    def deviation(self) -> float:
        """Standard deviation of the levels that are read."""
        low, high = self._ends()
        inside = _UNIT.cdf(high) - _UNIT.cdf(low)
        density_low, density_high = _UNIT.pdf(low), _UNIT.pdf(high)
        squares = (
            LEVEL_MIN**2 * _UNIT.cdf(low)
            + LEVEL_MAX**2 * (1 - _UNIT.cdf(high))
            + (self.centre**2 + self.spread**2) * inside
            + 2 * self.centre * self.spread * (density_low - density_high)
            + self.spread**2 * (low * density_low - high * density_high)
        )
        return math.sqrt(max(squares - self.mean**2, 0.0))

    @property
    def share_at_limit(self) -> float:
        """Share of the levels that are at ``LIMIT`` or above."""
        return 1 - _UNIT.cdf((LIMIT - self.centre) / self.spread)

    def _ends(self) -> tuple[float, float]:
        return (LEVEL_MIN - self.centre) / self.spread, (LEVEL_MAX - self.centre) / self.spread


def with_share(*, mean: float, share_at_limit: float) -> Censored:
    """The distribution of a mean level and a share at ``LIMIT`` or above, as nearly as may be."""
    rising = mean < LIMIT
    return _search(
        mean,
        too_narrow=lambda found: (found.share_at_limit < share_at_limit) == rising,
    )


def with_deviation(*, mean: float, deviation: float) -> Censored:
    """The distribution of a mean level and a standard deviation, as nearly as may be."""
    return _search(mean, too_narrow=lambda found: found.deviation < deviation)


def _search(mean: float, *, too_narrow: Callable[[Censored], bool]) -> Censored:
    low, high = _NARROWEST, _WIDEST
    for _ in range(_STEPS):
        spread = (low + high) / 2
        if too_narrow(_centred(mean, spread)):
            low = spread
        else:
            high = spread
    return _centred(mean, (low + high) / 2)


def _centred(mean: float, spread: float) -> Censored:
    low, high = LEVEL_MIN - 6 * spread, LEVEL_MAX + 6 * spread
    for _ in range(_STEPS):
        centre = (low + high) / 2
        if Censored(centre=centre, spread=spread).mean < mean:
            low = centre
        else:
            high = centre
    return Censored(centre=(low + high) / 2, spread=spread)
