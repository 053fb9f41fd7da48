"""Readings added up by minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pain.clock import Moment
from pain.wire import ReadingPayload
from station.live.values import RoomKey

MOST_PARTS: Final = 500_000
"""Parts of minutes that wait for the database: 200 rooms for 40 h; the oldest go first."""


@dataclass(slots=True, kw_only=True)
class Sums:
    """Sums over some readings of one minute.

    Attributes:
        readings: how many.
        levels: how many of them had a level.
        level_sum: sum of these levels.
        highest: the highest of them, None without any.
        coverage_sum: sum of the coverage of all readings.
    """

    readings: int = 0
    levels: int = 0
    level_sum: float = 0.0
    highest: float | None = None
    coverage_sum: float = 0.0

    def add(self, other: Sums) -> None:
        """Add the readings of another part of the same minute."""
        self.readings += other.readings
        self.levels += other.levels
        self.level_sum += other.level_sum
        self.coverage_sum += other.coverage_sum
        if other.highest is not None:
            self.highest = max(other.highest, self.highest or 0.0)


MinuteSums = dict[tuple[RoomKey, datetime], Sums]
"""By room and the beginning of the minute, UTC."""


class Minutes:
    """Adds readings up until they are taken. Not thread-safe."""

    def __init__(self) -> None:
        self._sums: MinuteSums = {}

    def hear(self, key: RoomKey, reading: ReadingPayload, now: Moment) -> None:
        """Add a reading; one that came after its expiry says nothing and is left out."""
        if now.wall >= reading.expires_at:
            return
        level = reading.level
        part = Sums(
            readings=1,
            levels=0 if level is None else 1,
            level_sum=level or 0.0,
            highest=level,
            coverage_sum=reading.coverage,
        )
        at = now.wall.replace(second=0, microsecond=0)
        self._sums.setdefault((key, at), Sums()).add(part)

    def take(self) -> MinuteSums:
        """Give the sums away and begin anew."""
        taken, self._sums = self._sums, {}
        return taken


def merge(into: MinuteSums, parts: MinuteSums) -> None:
    """Add parts of minutes; the oldest minutes are given up where there are too many."""
    for place, part in parts.items():
        into.setdefault(place, Sums()).add(part)
    while len(into) > MOST_PARTS:
        del into[next(iter(into))]
