"""Takes the main loop's word once a second and passes it on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from edge.health.file import Health, health_of, remove_health, write_health
from edge.health.values import RoomSample

_log = logging.getLogger(__name__)

EVERY_S: Final = 1.0


class Reporter:
    """Keeps the newest samples for other threads, and the file for other processes.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told_s = float("-inf")
        self._failed = False
        self.samples: Sequence[RoomSample] = ()
        self.health: Health = health_of((), now_s=float("-inf"))

    def tell(self, sample: Callable[[], Sequence[RoomSample]], *, now_s: float) -> None:
        """Take the rooms' word, once a second at most; a file that cannot be written is logged."""
        if now_s - self._told_s < EVERY_S:
            return
        self._told_s = now_s
        # One assignment each: a reader in another thread sees the old or the new, nothing else.
        self.samples = tuple(sample())
        self.health = health_of(self.samples, now_s=now_s)
        try:
            write_health(self._path, self.health)
            self._failed = False
        except OSError as error:
            if not self._failed:
                _log.warning(
                    "%s cannot be written (%s): 'edge health' will say not ready",
                    self._path,
                    error.strerror,
                )
            self._failed = True

    def stop(self) -> None:
        """Take the file away."""
        remove_health(self._path)
