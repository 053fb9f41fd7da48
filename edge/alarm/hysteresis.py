"""Whether a pain condition is present: a limit with hysteresis, an on-delay and an off-delay."""

from __future__ import annotations

import math
from typing import Final

from edge.config import PainLimit

MAX_STEP_S: Final = 2.0
"""Most that one step between two estimates adds to a delay, so that a process which slept for
minutes and sees two high levels in a row does not take the time between them for pain."""

ROUNDING: Final = 1e-9
"""The mean of levels that all equal the limit comes out a hair below it on every other frame, and
the delay would start anew each time."""


class Hysteresis:
    """One limit over time.

    The condition begins when the level was at or above the limit for the on-delay, and ends when
    it was below limit minus margin for the off-delay. A level on the other side starts the delay
    anew. Without a level nothing is decided: the condition stays as it is and no delay advances,
    so a face out of sight neither starts nor ends an alarm. What was timed before a gap still
    counts when the gap was no longer than the delay itself; after a longer one it is stale and
    the delay starts anew.
    """

    def __init__(self, limit: PainLimit) -> None:
        self._limit = limit
        self._present = False
        self._onset_s: float | None = None
        self._pending_since_s: float | None = None
        self._pending_s = 0.0
        self._decided_s = -math.inf
        self._in_gap = False

    @property
    def present(self) -> bool:
        """Whether the condition is present."""
        return self._present

    @property
    def onset_s(self) -> float | None:
        """Monotonic time at which the level passed the limit, before the on-delay, seconds.

        None while the condition is not present.
        """
        return self._onset_s

    def restore(self, onset_s: float) -> None:
        """Begin with the condition present, as the run before left it.

        Args:
            onset_s: monotonic time at which it began; may lie before this machine was started.
        """
        self._present = True
        self._onset_s = onset_s

    def start_anew(self) -> None:
        """Forget what was timed: nobody knows how long ago it was. The condition stays."""
        self._pending_since_s = None

    def observe(self, level: float | None, at_s: float) -> bool:
        """Take in one estimate; one that is older than the last is ignored.

        Args:
            level: smoothed level, or None where nothing can be said.
            at_s: its monotonic time, seconds.

        Returns:
            Whether the condition is present now.
        """
        if level is None:
            self._in_gap = True
        elif at_s >= self._decided_s:
            self._time(changes=self._contradicts(level), at_s=at_s)
            self._decided_s = at_s
            self._in_gap = False
        return self._present

    def _contradicts(self, level: float) -> bool:
        if self._present:
            return level < self._limit.level - self._limit.margin - ROUNDING
        return level >= self._limit.level - ROUNDING

    def _time(self, *, changes: bool, at_s: float) -> None:
        if not changes:
            self._pending_since_s = None
            return
        delay_s = self._limit.off_delay_s if self._present else self._limit.on_delay_s
        step_s = at_s - self._decided_s
        seen_s = 0.0 if self._in_gap else min(step_s, MAX_STEP_S)
        if self._pending_since_s is None or step_s - seen_s > delay_s:
            self._pending_since_s, self._pending_s = at_s, 0.0
        else:
            self._pending_s += seen_s
        if self._pending_s >= delay_s:
            self._onset_s = None if self._present else self._pending_since_s
            self._present = not self._present
            self._pending_since_s = None
