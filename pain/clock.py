"""Time: monotonic seconds for durations, UTC for people; injected so that tests turn it by hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


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
