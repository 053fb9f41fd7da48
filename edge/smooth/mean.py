"""An exponential mean that knows how much it has seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_TRACE: Final = 1e-9
"""Less weight than this is forgotten: an older mean says nothing about now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExponentialMean:
    """Exponentially weighted mean of named signals over the time in which they were seen.

    Each signal keeps a weighted sum and the weight in it. Both fade with
    alpha = 1 - exp(-dt / tau), so that unseen time leaves the mean where it is, never pulls it
    towards 0, and makes what is seen next count for more.

    Attributes:
        time_constant_s: tau, seconds.
        sums: weighted sum per signal.
        weights: weight per signal, 0..1; 1 when it was seen for many time constants.
    """

    time_constant_s: float
    sums: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    def held(self, values: Mapping[str, float], duration_s: float) -> ExponentialMean:
        """The mean after ``values`` were held for ``duration_s`` seconds (>= 0)."""
        if duration_s == 0 or not (values or self.weights):
            return self
        kept = math.exp(-duration_s / self.time_constant_s)
        sums = {name: kept * total for name, total in self.sums.items()}
        weights = {name: kept * weight for name, weight in self.weights.items()}
        # expm1 keeps the precision that 1 - exp(-x) loses when frames are close together.
        alpha = -math.expm1(-duration_s / self.time_constant_s)
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + alpha * value
            weights[name] = weights.get(name, 0.0) + alpha
        return ExponentialMean(time_constant_s=self.time_constant_s, sums=sums, weights=weights)

    def unseen(self, duration_s: float) -> ExponentialMean:
        """The mean after nothing was seen for ``duration_s`` seconds (>= 0)."""
        return self.held({}, duration_s)

    def values(self) -> dict[str, float]:
        """Mean of every signal of which enough was seen to speak of."""
        return {
            name: self.sums[name] / weight
            for name, weight in self.weights.items()
            if weight > _TRACE
        }
