"""Presentation times and the frame rate limit, in seconds; no I/O."""

from __future__ import annotations

from typing import Final

JITTER_S: Final = 0.02
"""Half a frame interval at 25 fps; cameras and networks deliver less evenly than they film."""


LEAP_S: Final = 10.0
"""Times further apart are two recordings, or a clock that was set: nothing lasted that long."""


class Timeline:
    """Places pictures on a line of seconds since the first one.

    Files may lack presentation times, repeat them, jump back (two recordings glued together) or
    leap ahead by hours (a recorder whose clock was set, pieces recorded on movement). The line
    only ever runs forward, and a leap is one ordinary step on it: what was not filmed lengthens
    nothing.

    Args:
        interval_s: nominal time between pictures, seconds.
    """

    def __init__(self, *, interval_s: float) -> None:
        # A file's average rate counts its leaps in, so what is seen between pictures may correct
        # the nominal interval downwards.
        self._interval_s = min(interval_s, LEAP_S)
        self._origin_s: float | None = None
        self._last_s: float | None = None
        self._leapt_s = 0.0

    @property
    def end_s(self) -> float:
        """When the last picture ends; 0 before the first."""
        return 0.0 if self._last_s is None else self._last_s + self._interval_s

    @property
    def leapt_s(self) -> float:
        """Seconds that leaps ahead would have added, so far."""
        return self._leapt_s

    def place(self, presented_s: float | None) -> float:
        """Seconds since the first picture.

        Args:
            presented_s: presentation time as the file gives it, None when it gives none.
        """
        at_s = self.end_s if presented_s is None else self._follow(presented_s)
        self._last_s = at_s
        return at_s

    def _follow(self, presented_s: float) -> float:
        if self._origin_s is not None and self._last_s is not None:
            at_s = presented_s - self._origin_s
            step_s = at_s - self._last_s
            if at_s > self._last_s and step_s <= LEAP_S:
                self._interval_s = min(self._interval_s, max(step_s, JITTER_S))
                return at_s
            self._leapt_s += max(step_s - self._interval_s, 0.0)
        at_s = self.end_s
        self._origin_s = presented_s - at_s
        return at_s


class RateLimit:
    """Admits at most so many pictures a second, evenly spread.

    A picture may come a little early, else the jitter of a camera that runs exactly at the limit
    would cost every second picture.

    Args:
        fps: pictures a second.
    """

    def __init__(self, *, fps: float) -> None:
        self._interval_s = 1.0 / fps
        self._tolerance_s = min(self._interval_s / 2, JITTER_S)
        self._due_s: float | None = None

    def admits(self, at_s: float) -> bool:
        """Whether the picture of this moment is to be looked at."""
        if self._due_s is None:
            self._due_s = at_s
        if at_s < self._due_s - self._tolerance_s:
            return False
        self._due_s += self._interval_s
        if self._due_s <= at_s:
            # After a gap the grid begins anew, or a burst would be let through to catch up.
            self._due_s = at_s + self._interval_s
        return True
