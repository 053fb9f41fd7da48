"""Bands of the pain level, each told by colour, word and shape (never by colour alone)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.config.alarms import AlarmsConfig


class Band(StrEnum):
    """Where a level lies."""

    CALM = "calm"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    UNAVAILABLE = "unavailable"


SHAPES: Final[Mapping[Band, str]] = {
    Band.CALM: "○",
    Band.MILD: "◐",
    Band.MODERATE: "▲",
    Band.SEVERE: "■",
    Band.UNAVAILABLE: "?",
}

COLOURS: Final[Mapping[Band, str]] = {
    # Red and yellow as IEC 60601-1-8 has them for high and medium priority; unavailable is bright,
    # since a room that nobody watches must not fade into the background.
    Band.CALM: "#7bc88f",
    Band.MILD: "#b8d46a",
    Band.MODERATE: "#ffd23f",
    Band.SEVERE: "#ff5c57",
    Band.UNAVAILABLE: "#c9a2ff",
}

MILD_FROM: Final = 1.5
"""Lower limit of mild; the same as that of 1 in ``pain.scales.painad_facial_hint``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Limits in levels 0..6."""

    moderate: float
    severe: float

    def of(self, level: float | None) -> Band:
        """Band of a level; None is unavailable."""
        if level is None:
            return Band.UNAVAILABLE
        if level >= self.severe:
            return Band.SEVERE
        if level >= self.moderate:
            return Band.MODERATE
        return Band.MILD if level >= MILD_FROM else Band.CALM


def bands_from(alarms: AlarmsConfig) -> Bands:
    """Limits of the alarms in force, so that board and alarms speak of the same levels."""
    return Bands(moderate=alarms.pain_moderate.level, severe=alarms.pain_severe.level)
