"""One room's file: the events that the broker has not taken yet, and where the room's alarms stand.

SQLite in WAL mode. What must survive a power cut (events, and the alarm state that they led to) is
written with ``synchronous=FULL``, in one transaction. What may come twice or late (the deletion of
an event that the broker has, a sign of life) is written with ``NORMAL``: it survives a killed
process, spares the flash, and cannot be torn, for a later FULL commit follows it in the same log.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pain.errors import StorageError

_log = logging.getLogger(__name__)

LOCK_WAIT_S: Final = 2.0
"""A process that was just killed lets go of the file at once; a second daemon never does."""

_TABLES: Final = """
BEGIN;
CREATE TABLE IF NOT EXISTS event
    (sequence INTEGER PRIMARY KEY, at_s REAL NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL);
COMMIT;
"""
_ADD: Final = "INSERT OR IGNORE INTO event (sequence, at_s, payload) VALUES (?, ?, ?)"
_SELECT: Final = "SELECT sequence, at_s, payload FROM event WHERE sequence > ? ORDER BY sequence"
_KEEP: Final = "INSERT OR REPLACE INTO state (one, value) VALUES (1, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event that waits.

    Attributes:
        sequence: its place in the order, counted up for ever within one file.
        at: when it was raised, UTC.
        payload: what is published.
    """

    sequence: int
    at: datetime
    payload: bytes


class Shelf:
    """An open file. Not thread-safe; every method may raise ``StorageError``.

    The file is locked as long as it is open, so that no second daemon tells the same events.

    Args:
        file: the file; it and its folder are made where they are absent, for this user alone.

    Attributes:
        damage: what was wrong with a file that was found there and set aside, else None.

    Raises:
        StorageError: it cannot be opened or written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.damage: str | None = None
        with self._wrapped():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._database = self._opened()
            self._identity = _identity(file)

    @property
    def synchronous(self) -> int:
        """SQLite's ``synchronous`` of the last write: 1 is NORMAL, 2 is FULL."""
        return int(self._database.execute("PRAGMA synchronous").fetchone()[0])

    def store(
        self, entries: Sequence[Entry], *, state: bytes | None = None, taken: Sequence[int] = ()
    ) -> None:
        """Write all of it or nothing, so that it survives a power cut from here on.

        Args:
            entries: events to keep; one whose place is taken already is the same and stays.
            state: the alarm state that they led to; None to leave it as it is.
            taken: places of events that the broker has.
        """
        with self._transaction("FULL"):
            self._database.executemany(
                "DELETE FROM event WHERE sequence = ?", [(place,) for place in taken]
            )
            self._database.executemany(_ADD, [_row(entry) for entry in entries])
            if state is not None:
                self._database.execute(_KEEP, (state,))

    def remember(self, state: bytes) -> None:
        """Write a state that may be lost in a power cut: a sign of life."""
        with self._transaction("NORMAL"):
            self._database.execute(_KEEP, (state,))

    def forget(self, sequence: int) -> None:
        """Delete an event that the broker has."""
        with self._transaction("NORMAL"):
            self._database.execute("DELETE FROM event WHERE sequence = ?", (sequence,))

    def load(self, *, after: int, limit: int) -> list[Entry]:
        """The oldest events behind a place, in order."""
        with self._wrapped():
            rows = self._database.execute(f"{_SELECT} LIMIT ?", (after, limit)).fetchall()
        return [_entry(row) for row in rows]

    def count(self, *, after: int, before: int) -> int:
        """How many events wait between two places."""
        with self._wrapped():
            found = self._database.execute(
                "SELECT count(*) FROM event WHERE sequence > ? AND sequence < ?", (after, before)
            ).fetchone()
        return int(found[0])

    def last(self) -> int:
        """The place of the newest event; 0 when none waits."""
        with self._wrapped():
            found = self._database.execute("SELECT max(sequence) FROM event").fetchone()
        return int(found[0] or 0)

    def state(self) -> bytes | None:
        """The state as last written; None in a new file."""
        with self._wrapped():
            return _state(self._database)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):  # what was committed is in the log all the same
            self._database.close()

    def _opened(self) -> sqlite3.Connection:
        database = _connect(self._file)
        try:
            fault = _prepare(database)
            entries, state = ([], None) if fault is None else _salvage(database)
        except BaseException:
            database.close()
            raise
        if fault is None:
            return database
        database.close()
        kept = _set_aside(self._file)
        self.damage = (
            f"{self._file} was damaged ({fault}) and is kept as {kept.name}; {len(entries)} events "
            f"could be read from it, the state of the alarms could{'' if state else ' not'}"
        )
        _log.error("%s", self.damage)
        return self._begun_anew(entries, state)

    def _begun_anew(self, entries: Sequence[Entry], state: bytes | None) -> sqlite3.Connection:
        self._database = _connect(self._file)
        try:
            _prepare(self._database)
            self._identity = _identity(self._file)
            self.store(entries, state=state)
        except BaseException:
            self._database.close()
            raise
        return self._database

    @contextmanager
    def _transaction(self, synchronous: str) -> Iterator[None]:
        with self._wrapped():
            self._look_in_place()
            self._database.execute(f"PRAGMA synchronous={synchronous}")
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                # A full disk has rolled it back already.
                with suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise

    def _look_in_place(self) -> None:
        """SQLite goes on in a file that was deleted, and nothing of it would outlive this process.

        Raises:
            OSError: the file was deleted, or another one is in its place.
        """
        if _identity(self._file) != self._identity:
            raise OSError("it was deleted or replaced while in use")

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StorageError(
                f"{self._file} cannot be used ({error}): check the disk's free space and health, "
                "and that this user alone has the file open and may write there"
            ) from error


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _connect(file: Path) -> sqlite3.Connection:
    # Events tell of people's health: the file, and with it its log, is for this user alone.
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    # The link's thread deletes what the gateway's thread has written; the link's lock keeps order.
    return sqlite3.connect(file, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False)


def _prepare(database: sqlite3.Connection) -> str | None:
    """Set the modes, make the tables, and say what is wrong with the file, if anything is."""
    try:
        # Before the first use of the log: an exclusive lock then needs no shared memory file.
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        mode = database.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            return f"its journal is {mode!r}, not 'wal'"
        verdict = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
        if verdict != "ok":
            return verdict
        database.executescript(_TABLES)
    except sqlite3.OperationalError:
        raise  # locked, full, read-only: the file itself may be sound
    except sqlite3.DatabaseError as error:
        return str(error)
    return None


def _salvage(database: sqlite3.Connection) -> tuple[list[Entry], bytes | None]:
    """Read what can still be read of a damaged file."""
    entries: list[Entry] = []
    state: bytes | None = None
    with suppress(sqlite3.Error, TypeError, ValueError):
        state = _state(database)
    with suppress(sqlite3.Error, TypeError, ValueError):
        for row in database.execute(_SELECT, (0,)):
            entries.append(_entry(row))  # noqa: PERF401  (what came before a fault is kept)
    return entries, state


def _set_aside(file: Path) -> Path:
    kept = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    for suffix in ("", "-wal", "-shm"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


def _state(database: sqlite3.Connection) -> bytes | None:
    found = database.execute("SELECT value FROM state").fetchone()
    return None if found is None else bytes(found[0])


def _row(entry: Entry) -> tuple[int, float, bytes]:
    return entry.sequence, entry.at.timestamp(), entry.payload


def _entry(row: tuple[int, float, bytes]) -> Entry:
    sequence, at_s, payload = row
    return Entry(sequence=sequence, at=datetime.fromtimestamp(at_s, UTC), payload=bytes(payload))
