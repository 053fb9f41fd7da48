"""When the clock on the wall cannot be trusted: the timing of clock_unsynced.

Durations run on the monotonic clock and do not care. What people read does: onset times, the end
of a pause, the expiry of readings and commands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edge.alarm.presence import Presence
from edge.config import AlarmsConfig
from pain.clock import Moment

STEP_S: Final = 5.0
"""A difference between wall and monotonic clock that changes by this much at once is a step; the
slow corrections of NTP stay below 0.0005 seconds a second."""

TOLD_FOR_S: Final = 60.0
"""A step is over at once, but its event and alarm must be seen by somebody."""


class ClockWatch:
    """Judges one machine's wall clock.

    Args:
        config: delays.
        synchronised: whether the system says that its clock is set by a time server; None where
            it does not say.
        asleep_s: how long the machine has slept since it was started, seconds.
    """

    def __init__(
        self,
        config: AlarmsConfig,
        *,
        synchronised: Callable[[], bool | None],
        asleep_s: Callable[[], float],
    ) -> None:
        self._limit_s = config.clock_unsynced_after_s
        self._synchronised = synchronised
        self._asleep_s = asleep_s
        self._slept_s = asleep_s()
        self._last: Moment | None = None
        self._unsynced_since_s: float | None = None
        self._told_until_s = float("-inf")
        self._told_since_s = 0.0
        self._detail: str | None = None

    @property
    def detail(self) -> str | None:
        """The cause in words, while it is present."""
        return self._detail

    def judge(self, now: Moment) -> Presence:
        """Say whether the wall clock cannot be trusted."""
        self._find_step(now)
        if now.monotonic_s < self._told_until_s:
            return Presence(present=True, onset_s=self._told_since_s)
        if self._limit_s is None or self._synchronised() is not False:
            self._unsynced_since_s = None
        elif self._unsynced_since_s is None:
            self._unsynced_since_s = now.monotonic_s
        since_s = self._unsynced_since_s
        if since_s is None or self._limit_s is None or now.monotonic_s - since_s < self._limit_s:
            self._detail = None
            return Presence(present=False)
        self._detail = "no time server sets this clock: check the network and systemd-timesyncd"
        return Presence(present=True, onset_s=since_s)

    def _find_step(self, now: Moment) -> None:
        before, self._last = self._last, now
        slept_s = self._asleep_s() - self._slept_s
        self._slept_s += slept_s
        if before is None:
            return
        passed_s = now.monotonic_s - before.monotonic_s
        step_s = (now.wall - before.wall).total_seconds() - passed_s - slept_s
        causes = []
        if slept_s >= STEP_S:
            causes.append(f"the machine slept for {slept_s:.0f} s: nobody watched meanwhile")
        if abs(step_s) >= STEP_S:
            causes.append(f"the clock was set by {step_s:+.0f} s: earlier times differ by that")
        if causes:
            self._detail = "; ".join(causes)
            self._told_since_s = now.monotonic_s
            self._told_until_s = now.monotonic_s + TOLD_FOR_S
