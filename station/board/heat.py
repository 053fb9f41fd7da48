"""Time of day by weekday, for the care meeting: when does this resident hurt?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from station.ports import Minute

LEAST_MINUTES: Final = 5
"""An hour of a weekday with fewer minutes of levels than this says nothing and stays empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of the day on one weekday, over some weeks.

    Attributes:
        mean: mean level 0..6, None where too little was watched.
        minutes: minutes with a level that it rests on.
    """

    mean: float | None
    minutes: int


def heat(minutes: Iterable[Minute], zone: tzinfo | None = None) -> tuple[tuple[Cell, ...], ...]:
    """Gather minutes by weekday and hour.

    Args:
        minutes: of one room.
        zone: local time of the home; this computer's when None.

    Returns:
        Seven rows (Monday first) of 24 cells.
    """
    sums = [[0.0] * 24 for _ in range(7)]
    counts = [[0] * 24 for _ in range(7)]
    for minute in minutes:
        if minute.mean is None:
            continue
        local = minute.at.astimezone(zone)
        sums[local.weekday()][local.hour] += minute.mean
        counts[local.weekday()][local.hour] += 1
    return tuple(
        tuple(
            Cell(mean=total / count if count >= LEAST_MINUTES else None, minutes=count)
            for total, count in zip(row, numbers, strict=True)
        )
        for row, numbers in zip(sums, counts, strict=True)
    )
