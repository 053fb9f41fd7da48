"""The events of one room that the broker has not taken: on disk, and a few of them in memory."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from edge.mqtt.disk import Disk
from edge.mqtt.shelf import Entry, Shelf
from pain.clock import Clock, Moment, SystemClock
from pain.errors import StorageError

_log = logging.getLogger(__name__)

WINDOW: Final = 500
"""Events kept in memory, about half a megabyte; the rest of a long outage stays on disk."""

RETRY_S: Final = 5.0
"""Pause between two attempts to use a disk that failed."""

FIRST_OPEN_S: Final = 20.0
"""A box that has just booted keeps its disk busy, and without the file nobody knows which alarm of
the run before still stands."""

DAMAGE_TOLD_S: Final = 600.0
"""How long a damaged file counts as trouble after a new one was begun: long enough to be seen."""


class Backlog:
    """A queue that survives kill and power cut. Not thread-safe.

    Order of the queue: the window, then what is on disk alone, then what could not be written. A
    disk that fails or hangs takes nothing away: events go on from memory, ``trouble`` says so, and
    all of it is written once the disk works again.

    Args:
        file: where events are kept; None keeps them in memory alone.
        clock: the machine's time.

    Attributes:
        state: the alarm state that the run before left, None if there was none.
    """

    def __init__(self, file: Path | None = None, *, clock: Clock | None = None) -> None:
        self.state: bytes | None = None
        self._file = file
        self._clock = clock or SystemClock()
        self._shelf: Shelf | None = None
        self._window: deque[Entry] = deque()
        self._beyond = 0
        self._unstored: deque[Entry] = deque()
        self._unsaved: bytes | None = None
        self._undeleted: list[int] = []
        # Where the file cannot be opened, new events still come after all that are in it.
        self._last = int(self._clock.now().wall.timestamp() * 1000)
        self._tail = 0
        self._offered: int | None = None
        self._fault: str | None = None
        self._retry_s = float("-inf")
        self._damage: str | None = None
        self._damaged_s = float("-inf")
        if file is not None:
            self._disk = Disk(file)
            self._open(file, first=True)

    def __len__(self) -> int:
        return len(self._window) + self._beyond + len(self._unstored)

    @property
    def in_memory(self) -> int:
        """How many events are held in memory."""
        return len(self._window) + len(self._unstored)

    def append(self, payloads: Sequence[bytes], *, state: bytes | None = None) -> None:
        """Take events in; when this returns, they are on disk, or ``trouble`` says why not.

        Args:
            payloads: events in their order.
            state: the alarm state after them; the disk gets both or neither.
        """
        at = self._clock.now().wall
        for payload in payloads:
            self._last += 1
            self._unstored.append(Entry(sequence=self._last, at=at, payload=payload))
        self._unsaved = state or self._unsaved
        self._store()

    def remember(self, state: bytes) -> None:
        """Keep a state that no event led to; a power cut may take it back."""
        if self._shelf is None or self._fault is not None:
            self._unsaved = state
            return
        try:
            self._disk.do(partial(self._shelf.remember, state))
        except StorageError as error:
            self._unsaved = state
            self._fail(error)

    def head(self) -> bytes | None:
        """The oldest event, which stays; None when none waits."""
        first = self._first()
        self._offered = None if first is None else first.sequence
        return None if first is None else first.payload

    def pop(self) -> None:
        """Delete the event that ``head`` gave last: the broker has it."""
        if self._offered is None:
            return
        sequence, self._offered = self._offered, None
        self._remove(sequence)
        if self._file is None:
            return
        self._undeleted.append(sequence)
        if self._shelf is None or self._fault is not None:
            return
        try:
            self._disk.do(partial(self._shelf.forget, sequence))
            self._undeleted.clear()
        except StorageError as error:
            self._fail(error)

    def waiting_s(self, now: Moment) -> float:
        """Age of the oldest event, seconds; 0 when none waits, or when the clock was set back."""
        first = self._first()
        return 0.0 if first is None else max(0.0, (now.wall - first.at).total_seconds())

    def trouble(self, now: Moment) -> str | None:
        """What is wrong with the disk; None while events are safe on it, or were never to be."""
        if self._fault is not None:
            return self._fault
        recent = now.monotonic_s - self._damaged_s < DAMAGE_TOLD_S
        return self._damage if recent else None

    def retry(self) -> None:
        """Try a disk that failed again, now and then."""
        waits = self._clock.now().monotonic_s < self._retry_s
        if self._file is None or self._fault is None or waits or self._disk.hangs:
            return
        self._let_go()
        self._open(self._file, first=False)

    def close(self) -> None:
        """Let go of the file; what can be written is."""
        self._store()
        self._let_go()
        if self._file is not None:
            self._disk.close()

    def _open(self, file: Path, *, first: bool) -> None:
        try:
            within_s = FIRST_OPEN_S if first else None
            self._shelf = self._disk.do(partial(Shelf, file), within_s=within_s, late=Shelf.close)
            if self._shelf.damage is not None:
                self._damage = self._shelf.damage
                self._damaged_s = self._clock.now().monotonic_s
            if first:
                self.state = self._disk.do(self._shelf.state, within_s=within_s)
                self._last = max(self._last, self._disk.do(self._shelf.last))
            # A new file in place of a damaged one has not what is in memory.
            self._disk.do(partial(self._shelf.store, [*self._window], taken=[*self._undeleted]))
            self._undeleted.clear()
            newest = self._unstored[0].sequence if self._unstored else self._last + 1
            between = partial(self._shelf.count, after=self._tail, before=newest)
            self._beyond = self._disk.do(between)
        except StorageError as error:
            self._let_go()
            self._fail(error)
            return
        self._store()

    def _let_go(self) -> None:
        if self._shelf is None or self._disk.hangs:
            return
        with suppress(StorageError):  # it is closed whenever the disk comes back
            self._disk.do(self._shelf.close)
        self._shelf = None

    def _store(self) -> None:
        if self._shelf is None:
            return
        entries = [*self._unstored]
        if entries or self._unsaved is not None or self._undeleted:
            try:
                self._disk.do(
                    partial(
                        self._shelf.store, entries, state=self._unsaved, taken=[*self._undeleted]
                    )
                )
            except StorageError as error:
                self._fail(error)
                return
        self._unstored.clear()
        self._undeleted.clear()
        self._unsaved = None
        room = 0 if self._beyond else max(0, WINDOW - len(self._window))
        self._window.extend(entries[:room])
        if entries[:room]:
            self._tail = self._window[-1].sequence
        self._beyond += len(entries[room:])
        if self._fault is not None:
            self._fault = None
            _log.warning("%s can be written again; all events are in it", self._file)

    def _first(self) -> Entry | None:
        if not self._window and self._beyond:
            self._refill()
        if self._window:
            return self._window[0]
        return self._unstored[0] if self._unstored else None

    def _refill(self) -> None:
        found: list[Entry] = []
        if self._shelf is not None:
            try:
                limit = min(WINDOW, self._beyond)
                found = self._disk.do(partial(self._shelf.load, after=self._tail, limit=limit))
            except StorageError as error:
                self._fail(error)
        if not found:
            # New alarms must not wait for a disk that may never answer. Whatever is in the file
            # stays there, and is told when the file can be read again.
            _log.error("%s: %d events in it cannot be read now", self._file, self._beyond)
            self._beyond = 0
            return
        self._window.extend(found)
        self._tail = found[-1].sequence
        self._beyond -= len(found)

    def _remove(self, sequence: int) -> None:
        for queue in (self._window, self._unstored):
            for entry in queue:
                if entry.sequence == sequence:
                    queue.remove(entry)
                    return
        self._beyond = max(0, self._beyond - 1)  # it was in memory alone and has been written

    def _fail(self, error: StorageError) -> None:
        if self._fault is None:
            _log.error("events are kept in memory alone: %s", error)
        self._fault = str(error)
        self._retry_s = self._clock.now().monotonic_s + RETRY_S
