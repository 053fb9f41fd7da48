"""Tells every open page which rooms changed, and keeps the curves that all of them show."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from pain.clock import Clock
from pain.errors import StorageError
from station.board.curves import Curves
from station.board.trends import DAY_S, STEP_S, Trends
from station.live.values import RoomKey
from station.ports import Station

_log = logging.getLogger(__name__)

DAY_EVERY_S: Final = 900.0
"""A point is added to the curve of the day this often."""

ROOMS_AT_A_TIME: Final = 8
"""The days of so many rooms are read in one step, so that a large site does not stall."""


class Feed:
    """One for all pages; runs on the station's event loop.

    Args:
        station: what is shown.
        clock: source of the present moment.
        moderate_from: the level that is drawn as a line in the curves.
    """

    def __init__(self, station: Station, clock: Clock, *, moderate_from: float) -> None:
        self._station = station
        self._clock = clock
        self._day_due_s: dict[RoomKey, float] = {}
        self.trends = Trends()
        self.curves = Curves(self.trends, moderate_from)

    async def run(self) -> None:
        """Follow the rooms for ever."""
        while True:
            try:
                self.trends.take(self._station.rooms(), self._clock.now())
                await self._read_days()
            except Exception:  # noqa: BLE001  curves that stand still must not end with the first fault
                _log.exception("the curves of the tiles could not be followed")
            await asyncio.sleep(STEP_S)

    async def _read_days(self) -> None:
        now = self._clock.now()
        known = [room.key for room in self._station.rooms()]
        due = [key for key in known if self._day_due_s.get(key, 0.0) <= now.monotonic_s]
        since = now.wall - timedelta(seconds=DAY_S)
        for key in due[:ROOMS_AT_A_TIME]:
            self._day_due_s[key] = now.monotonic_s + DAY_EVERY_S
            try:
                minutes = await asyncio.to_thread(
                    self._station.archive.minutes, key, since=since, until=now.wall
                )
            except StorageError as error:
                # The banner tells of it (STORAGE_FAILS); the tiles go on without this curve.
                _log.warning("the last day of %s cannot be read: %s", key.room, error)
                return
            self.trends.put_day(key, minutes, now)


class Changed:
    """Rooms that changed since a page looked last.

    Args:
        station: tells of changes.
    """

    def __init__(self, station: Station) -> None:
        self._rooms: set[RoomKey] = set()
        self._all = True
        self.end: Callable[[], None] = station.on_change(self._note)

    def _note(self, key: RoomKey | None) -> None:
        if key is None:
            self._all = True
        else:
            self._rooms.add(key)

    def everything(self) -> None:
        """Look at every room next time: what depends on the time of day has aged."""
        self._all = True

    def take(self) -> frozenset[RoomKey] | None:
        """Rooms to look at, or None for all; forgets them."""
        taken = None if self._all else frozenset(self._rooms)
        self._all = False
        self._rooms.clear()
        return taken
