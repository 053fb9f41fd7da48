"""Presentation times and the frame rate limit, in seconds; no I/O."""

from __future__ import annotations

from typing import Final

JITTER_S: Final = 0.02
"""Half a frame interval at 25 fps; cameras and networks deliver less evenly than they film."""


class Timeline:
    """Places pictures on a line of seconds since the first one.

    Files may lack presentation times, repeat them or jump back (two recordings glued together);
    the line only ever runs forward.

    Args:
        interval_s: nominal time between pictures, seconds.
    """

    def __init__(self, *, interval_s: float) -> None:
        self._interval_s = interval_s
        self._origin_s: float | None = None
        self._last_s: float | None = None

    @property
    def end_s(self) -> float:
        """When the last picture ends; 0 before the first."""
        return 0.0 if self._last_s is None else self._last_s + self._interval_s

    def place(self, presented_s: float | None) -> float:
        """Seconds since the first picture.

        Args:
            presented_s: presentation time as the file gives it, None when it gives none.
        """
        at_s = self.end_s
        if presented_s is not None:
            if self._origin_s is not None and presented_s - self._origin_s > (self._last_s or 0.0):
                at_s = presented_s - self._origin_s
            else:
                self._origin_s = presented_s - at_s
        self._last_s = at_s
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
