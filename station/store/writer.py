"""Writes what was heard, on a thread of its own, and says when it is safe."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, case, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from pain.wire import AlarmEventPayload, EventPayload
from station.live.messages import Refused
from station.live.minutes import MinuteSums, merge
from station.live.values import RoomKey
from station.store.alive import keep_alive
from station.store.audit import add_audit
from station.store.failures import reason
from station.store.minute_rows import add_minutes
from station.store.tables import EventRow, SilenceRow

_log = logging.getLogger(__name__)

STUCK_S: Final = 8.0
"""A write that has not come back after this time is not to be relied upon."""

AGAIN_S: Final = 1.0
"""A database that failed is tried again after this time."""

MOST_REFUSALS: Final = 1000
"""Kinds of refusals that wait for the database; more are only counted in the log."""

Done = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An event, or the place in line of a message that was not one.

    Attributes:
        row: the event as a row; None where there is nothing to write.
        done: called once everything up to here is on the disk.
    """

    row: dict[str, object] | None
    done: Done


@dataclass(slots=True)
class _Batch:
    """Everything that waits."""

    entries: list[_Entry] = field(default_factory=list)
    minutes: MinuteSums = field(default_factory=dict)
    silences: list[tuple[RoomKey, datetime, bool]] = field(default_factory=list)
    refusals: dict[Refused, int] = field(default_factory=dict)
    alive: bool = False

    def __bool__(self) -> bool:
        parts = (self.entries, self.minutes, self.silences, self.refusals, self.alive)
        return any(parts)


class Writer:
    """Keeps events, minutes, silences and refusals. Thread-safe; started once, stopped once.

    What cannot be written waits and is tried again for ever: the events at the broker, which keeps
    them until ``done`` is called, the rest in memory.

    Args:
        engine: the database.
        now: the present time, UTC.
    """

    def __init__(self, engine: Engine, *, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._changed = threading.Condition()
        self._waiting = _Batch()
        self._trouble: str | None = None
        self._writing_since_s: float | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written now; None when the last write went well."""
        since_s = self._writing_since_s
        if since_s is not None and time.monotonic() - since_s > STUCK_S:
            return "the database does not answer"
        return self._trouble

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, if the database lets us, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def event(self, key: RoomKey, event: EventPayload, done: Done) -> None:
        """Keep an event, once; ``done`` is called on the writer's thread when it is safe."""
        row = _row(key, event, received_at=self._now())
        self._put(_Entry(row=row, done=done))

    def in_turn(self, done: Done) -> None:
        """Call ``done`` when all events before it are safe."""
        self._put(_Entry(row=None, done=done))

    def minutes(self, parts: MinuteSums) -> None:
        """Keep parts of minutes."""
        with self._changed:
            merge(self._waiting.minutes, parts)
            self._changed.notify_all()

    def silent(self, key: RoomKey, since: datetime) -> None:
        """Keep that a room fell silent; nothing happens where it already was."""
        with self._changed:
            self._waiting.silences.append((key, since, True))
            self._changed.notify_all()

    def speaking(self, key: RoomKey, at: datetime) -> None:
        """Keep that a room was heard again; nothing happens where it was not silent."""
        with self._changed:
            self._waiting.silences.append((key, at, False))
            self._changed.notify_all()

    def refused(self, refusals: dict[Refused, int]) -> None:
        """Keep how many messages were refused, by room, topic and reason."""
        with self._changed:
            kept = self._waiting.refusals
            for refusal, count in refusals.items():
                if refusal in kept or len(kept) < MOST_REFUSALS:
                    kept[refusal] = kept.get(refusal, 0) + count
            self._changed.notify_all()

    def alive(self) -> None:
        """Keep that the station lives; this is also how a database that failed is found out."""
        with self._changed:
            self._waiting.alive = True
            self._changed.notify_all()

    def _put(self, entry: _Entry) -> None:
        with self._changed:
            self._waiting.entries.append(entry)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                batch, self._waiting = self._waiting, _Batch()
                closing = self._closing
            self._writing_since_s = time.monotonic()
            written = self._written(batch)
            self._writing_since_s = None
            if written:
                for entry in batch.entries:
                    entry.done()
            elif closing:
                return
            else:
                self._put_back(batch)
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, AGAIN_S)
            with self._changed:
                if self._closing and not self._waiting:
                    return

    def _written(self, batch: _Batch) -> bool:
        try:
            with self._engine.begin() as connection:
                self._write(connection, batch)
        except SQLAlchemyError as error:
            said = reason(error)
            if said != self._trouble:
                _log.error(
                    "the database cannot be written (%s): the rooms are still shown, events wait "
                    "at the broker, and the station no longer says that it listens",
                    said,
                )
            self._trouble = said
            return False
        except Exception:  # noqa: BLE001  the reason follows
            # This thread is the only way to the disk, so it outlives any mistake; what it could
            # not write stays and is tried again, and the heartbeat stops.
            _log.exception("the writer failed")
            self._trouble = "the writer failed"
            return False
        if self._trouble is not None:
            _log.warning("the database is written again")
        self._trouble = None
        return True

    def _put_back(self, batch: _Batch) -> None:
        with self._changed:
            later = self._waiting
            batch.entries += later.entries
            batch.silences += later.silences
            merge(batch.minutes, later.minutes)
            for refusal, count in later.refusals.items():
                batch.refusals[refusal] = batch.refusals.get(refusal, 0) + count
            self._waiting = batch

    def _write(self, connection: Connection, batch: _Batch) -> None:
        _add_events(connection, [entry.row for entry in batch.entries if entry.row is not None])
        for key, at, begins in batch.silences:
            _keep_silence(connection, key, at, begins=begins)
        add_minutes(connection, batch.minutes)
        if batch.alive:
            keep_alive(connection, self._now())
        for refusal, count in batch.refusals.items():
            add_audit(
                connection,
                "message_refused",
                at=self._now(),
                key=refusal.key,
                detail={"why": refusal.why, "topic": refusal.leaf, "count": count},
            )


def _row(key: RoomKey, event: EventPayload, *, received_at: datetime) -> dict[str, object]:
    alarm = event if isinstance(event, AlarmEventPayload) else None
    return {
        "id": event.id,
        "site": key.site,
        "room": key.room,
        "kind": event.kind,
        "condition": alarm.condition.value if alarm else None,
        "trigger": alarm.trigger.value if alarm else None,
        "decided_at": event.decided_at,
        "received_at": received_at,
        "payload": event.model_dump_json(),
    }


def _add_events(connection: Connection, rows: list[dict[str, object]]) -> None:
    new = {row["id"]: row for row in reversed(rows)}  # of two with one key the first one counts
    if not new:
        return
    known = connection.scalars(select(EventRow.id).where(EventRow.id.in_(_ids(new))))
    for event_id in known:
        del new[event_id]
    if new:
        connection.execute(insert(EventRow), list(reversed(new.values())))


def _ids(rows: dict[object, dict[str, object]]) -> list[UUID]:
    return [event_id for event_id in rows if isinstance(event_id, UUID)]


def _keep_silence(connection: Connection, key: RoomKey, at: datetime, *, begins: bool) -> None:
    lasting = (
        SilenceRow.site == key.site,
        SilenceRow.room == key.room,
        SilenceRow.until.is_(None),
    )
    if not begins:
        # A clock that was set back meanwhile: FHIR refuses a time that ends before it begins.
        until = case((SilenceRow.since > at, SilenceRow.since), else_=at)
        connection.execute(update(SilenceRow).where(*lasting).values(until=until))
    elif connection.scalar(select(SilenceRow.number).where(*lasting)) is None:
        connection.execute(insert(SilenceRow).values(site=key.site, room=key.room, since=at))
