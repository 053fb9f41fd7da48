"""From a level to its band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from station.live.values import Band

MILD_FROM: Final = 1.5
"""Lower limit of mild; the same as that of 1 in ``pain.scales.painad_facial_hint``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Limits of the bands, in levels 0..6.

    Attributes:
        moderate: lower limit of moderate.
        severe: lower limit of severe.
    """

    moderate: float
    severe: float

    def of(self, level: float) -> Band:
        """The band of a level."""
        if level >= self.severe:
            return Band.SEVERE
        if level >= self.moderate:
            return Band.MODERATE
        return Band.MILD if level >= MILD_FROM else Band.CALM
