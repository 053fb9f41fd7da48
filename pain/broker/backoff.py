"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from typing import Final

FIRST_S: Final = 0.5
LONGEST_S: Final = 30.0


class Backoff:
    """Doubling delays with jitter, so that a hundred boxes do not return in the same second."""

    def __init__(self, *, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._ceiling_s = first_s

    def next_s(self) -> float:
        """Delay before the next attempt, seconds: half to all of a ceiling that doubles."""
        delay_s = self._ceiling_s * random.uniform(0.5, 1.0)  # noqa: S311  no secret depends on it
        self._ceiling_s = min(self._ceiling_s * 2, self._longest_s)
        return delay_s

    def reset(self) -> None:
        """Start again with the shortest delay."""
        self._ceiling_s = self._first_s
