"""Clocks that are turned by hand."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from pain.clock import Moment

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self, monotonic_s: float = 1000.0) -> None:
        self.monotonic_s = monotonic_s
        self._zero_s = monotonic_s

    def now(self) -> Moment:
        return Moment(
            monotonic_s=self.monotonic_s,
            wall=EPOCH + timedelta(seconds=self.monotonic_s - self._zero_s),
        )

    def turn(self, seconds: float) -> None:
        self.monotonic_s += seconds


class TurningEvent(threading.Event):
    """Waiting on it turns the clock instead of taking time."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock
        self.waits_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits_s.append(timeout)
        self._clock.turn(timeout)
        return self.is_set()
