"""When the machine woke from sleep (suspend), over which the monotonic clock stands still."""

from __future__ import annotations

from collections.abc import Callable


class Waking:
    """Finds out that the machine has slept. Ask before anything else is done at a moment.

    Args:
        asleep_s: how long the machine has slept since it was started, seconds.
        from_s: a shorter sleep is none, seconds.
    """

    def __init__(self, asleep_s: Callable[[], float], *, from_s: float) -> None:
        self._asleep_s = asleep_s
        self._from_s = from_s
        self._before_s = asleep_s()

    def woke(self) -> bool:
        """Whether the machine has slept since this was asked last."""
        before_s, self._before_s = self._before_s, self._asleep_s()
        return self._before_s - before_s >= self._from_s
