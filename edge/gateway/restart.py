"""When a lost worker is started again."""

from __future__ import annotations

from typing import Final

FIRST_DELAY_S: Final = 0.25
"""Short: one loss says nothing about the next start, and nobody is watched meanwhile."""

LONGEST_DELAY_S: Final = 60.0
HEALTHY_AFTER_S: Final = 60.0
"""A worker that ran this long has recovered: the next loss starts from the first delay again."""


class RestartPolicy:
    """Exponential back-off between restarts, so that a crash loop cannot eat the machine.

    It never gives up: a camera box must come back by itself once the cause is gone. The gap is
    announced as a technical alarm all the while.
    """

    def __init__(self) -> None:
        self.restarts = 0
        self._delay_s = FIRST_DELAY_S
        self._started_s: float | None = None
        self._due_s: float | None = None

    @property
    def due_s(self) -> float | None:
        """Monotonic time of the next start, seconds; None while a worker runs."""
        return self._due_s

    def start_at(self, at_s: float) -> None:
        """Plan a start that nothing failed before."""
        self._due_s = at_s

    def started(self, at_s: float) -> None:
        """Note that a worker was started."""
        self._started_s = at_s
        self._due_s = None

    def lost(self, at_s: float) -> float:
        """Note that the worker is gone.

        Returns:
            Seconds until it should be started again.
        """
        if self._started_s is not None and at_s - self._started_s >= HEALTHY_AFTER_S:
            self._delay_s = FIRST_DELAY_S
        delay_s = self._delay_s
        self._delay_s = min(self._delay_s * 2, LONGEST_DELAY_S)
        self._due_s = at_s + delay_s
        self.restarts += 1
        return delay_s

    def due(self, at_s: float) -> bool:
        """Whether a worker should be started now."""
        return self._due_s is not None and at_s >= self._due_s
