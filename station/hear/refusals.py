"""Counts what was refused, and logs it without its content."""

from __future__ import annotations

import logging
import threading
from typing import Final

from station.live.messages import Refused

_log = logging.getLogger(__name__)

MOST_KINDS: Final = 200
"""Kinds that are told apart at a time; somebody may invent a room for every message."""


class Refusals:
    """Thread-safe. A flood of bad messages is one line a kind in log and audit, not thousands."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Refused, int] = {}
        self.total = 0

    def add(self, refused: Refused) -> None:
        """Count one message; where too many rooms are named, without the room."""
        with self._lock:
            if refused not in self._counts and len(self._counts) >= MOST_KINDS:
                refused = Refused(why=refused.why)
            first = refused not in self._counts
            self._counts[refused] = self._counts.get(refused, 0) + 1
            self.total += 1
        if first:
            _log.warning(
                "a message of %s on %s was refused: %s",
                f"{refused.key.site}/{refused.key.room}" if refused.key else "no room",
                refused.leaf or "an unknown topic",
                refused.why,
            )

    def take(self) -> dict[Refused, int]:
        """Give the counts away and begin anew."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken
