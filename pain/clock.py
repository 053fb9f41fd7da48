"""Time: monotonic seconds for durations, UTC for people; injected so that tests turn it by hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One instant on both clocks.

    Attributes:
        monotonic_s: seconds on the system's monotonic clock (shared by all processes).
        wall: the same instant in UTC.
    """

    monotonic_s: float
    wall: datetime

    def at(self, monotonic_s: float) -> datetime:
        """Wall-clock time of another monotonic instant, as seen from this one."""
        return self.wall + timedelta(seconds=monotonic_s - self.monotonic_s)


MINUTE_S: Final = 60
HOUR_S: Final = 60 * MINUTE_S
DAY_S: Final = 24 * HOUR_S


def length(seconds: float) -> str:
    """A length of time in two units at most: ``45 s``, ``12 min``, ``2 h 5 min``, ``3 d 4 h``."""
    whole = round(abs(seconds))
    if whole < 2 * MINUTE_S:
        return f"{whole} s"
    if whole < 2 * HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < 2 * DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"


class Clock(Protocol):
    """Source of the present moment."""

    def now(self) -> Moment:
        """Return the present moment."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Moment:
        """Return the present moment."""
        return Moment(monotonic_s=time.monotonic(), wall=datetime.now(UTC))
