"""Short histories of every room, for the small curves on the tiles."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pain.clock import Moment
from station.live.values import RoomKey, RoomSnapshot
from station.ports import Minute

TEN_MINUTES_S: Final = 600.0
STEP_S: Final = 5.0
"""A level is taken this often: 120 points are more than a tile has pixels to show."""

DAY_S: Final = 86400.0
SLOT_S: Final = 900.0
"""The curve of a day has one point per quarter of an hour: the highest level in it."""


@dataclass(slots=True)
class _Curve:
    recent: deque[tuple[float, float | None]] = field(default_factory=deque)
    day: tuple[float | None, ...] = ()


class Trends:
    """The last ten minutes, taken by itself, and the last day, as the archive told.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._curves: dict[RoomKey, _Curve] = {}

    def take(self, rooms: Iterable[RoomSnapshot], now: Moment) -> None:
        """Take the level of every room now; to be called every ``STEP_S``."""
        for room in rooms:
            recent = self._curves.setdefault(room.key, _Curve()).recent
            recent.append((now.monotonic_s, room.level))
            while recent and recent[0][0] < now.monotonic_s - TEN_MINUTES_S:
                recent.popleft()

    def put_day(self, key: RoomKey, minutes: Sequence[Minute], now: Moment) -> None:
        """Take the minutes of the last day, oldest first."""
        slots: list[float | None] = [None] * int(DAY_S / SLOT_S)
        for minute in minutes:
            age_s = (now.wall - minute.at).total_seconds()
            place = len(slots) - 1 - int(age_s // SLOT_S)
            if minute.highest is not None and 0 <= place < len(slots):
                slots[place] = max(slots[place] or 0.0, minute.highest)
        self._curves.setdefault(key, _Curve()).day = tuple(slots)

    def recent(self, key: RoomKey, now: Moment) -> Sequence[float | None]:
        """Levels of the last ten minutes, oldest first; None where there was none."""
        slots: list[float | None] = [None] * int(TEN_MINUTES_S / STEP_S)
        curve = self._curves.get(key)
        for at_s, level in curve.recent if curve else ():
            place = len(slots) - 1 - int((now.monotonic_s - at_s) // STEP_S)
            if 0 <= place < len(slots):
                slots[place] = level
        return slots

    def day(self, key: RoomKey) -> Sequence[float | None]:
        """Highest level of each quarter of an hour of the last day, oldest first."""
        curve = self._curves.get(key)
        return curve.day if curve else ()


WIDTH: Final = 100.0
HEIGHT: Final = 30.0
TOP_LEVEL: Final = 6.0


def height_of(level: float) -> float:
    """Where a level 0..6 lies in a curve's box, from the top."""
    return HEIGHT - level / TOP_LEVEL * (HEIGHT - 2) - 1


def path(levels: Sequence[float | None]) -> str:
    """An SVG path; what is not known is a gap, never a line through it.

    Args:
        levels: evenly spaced in time, oldest first.
    """
    step = WIDTH / max(len(levels) - 1, 1)
    parts: list[str] = []
    drawing = False
    for place, level in enumerate(levels):
        if level is None:
            drawing = False
            continue
        at = f"{place * step:.1f} {height_of(level):.1f}"
        # A lone point would be a path without length, which is not drawn.
        parts.append(f"L{at}" if drawing else f"M{at}h0.8")
        drawing = True
    return "".join(parts)
