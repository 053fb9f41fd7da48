"""Reads what was kept, and keeps what people write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    delete,
    distinct,
    func,
    insert,
    or_,
    select,
)

from pain.alarms import PHYSIOLOGICAL, Trigger
from pain.wire import EVENTS
from station.live.values import RoomKey
from station.ports import Burden, Minute, Note, Silence, StoredEvent, Verdict
from station.store.audit import add_audit
from station.store.failures import told
from station.store.tables import EventRow, MinuteRow, NoteRow, SilenceRow, VerdictRow

MOST_LETTERS = 4000
"""Longest note that is kept."""


class SqlArchive:
    """The archive in a database. Safe from any thread.

    Every method raises ``StorageError`` when the database fails.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def events(self, key: RoomKey | None, *, since: datetime, limit: int) -> Sequence[StoredEvent]:
        """Newest first, of one room or of all; ``since`` is the time of receipt."""
        query = (
            select(
                EventRow.site,
                EventRow.room,
                EventRow.payload,
                EventRow.received_at,
                VerdictRow.verdict,
                VerdictRow.person,
            )
            .outerjoin(VerdictRow, VerdictRow.event_id == EventRow.id)
            .where(EventRow.received_at >= since, *_of(EventRow, key))
            .order_by(EventRow.number.desc())
            .limit(limit)
        )
        with told(), self._engine.connect() as connection:
            return [
                StoredEvent(
                    key=RoomKey(site=row.site, room=row.room),
                    event=EVENTS.validate_json(row.payload),
                    received_at=row.received_at,
                    verdict=None if row.verdict is None else Verdict(row.verdict),
                    verdict_by=row.person,
                )
                for row in connection.execute(query)
            ]

    def minutes(self, key: RoomKey, *, since: datetime, until: datetime) -> Sequence[Minute]:
        """Oldest first; minutes without any reading are left out."""
        query = (
            select(MinuteRow)
            .where(MinuteRow.at >= since, MinuteRow.at < until, *_of(MinuteRow, key))
            .order_by(MinuteRow.at)
        )
        with told(), self._engine.connect() as connection:
            return [
                Minute(
                    at=row.at,
                    mean=row.level_sum / row.levels if row.levels else None,
                    highest=row.highest,
                    coverage=min(row.coverage_sum / row.readings, 1.0),
                    readings=row.readings,
                )
                for row in connection.execute(query)
            ]

    def highest(self, key: RoomKey, *, since: datetime, until: datetime) -> float | None:
        """Highest level 0..6 of the minutes that a span touches; None where there was none."""
        query = select(func.max(MinuteRow.highest)).where(
            MinuteRow.at >= since.replace(second=0, microsecond=0),
            MinuteRow.at <= until,
            *_of(MinuteRow, key),
        )
        with told(), self._engine.connect() as connection:
            return connection.scalar(query)

    def silences(self, key: RoomKey | None, *, since: datetime) -> Sequence[Silence]:
        """Newest first, of one room or of all; those that ended before ``since`` are left out."""
        query = (
            select(SilenceRow)
            .where(
                or_(SilenceRow.until.is_(None), SilenceRow.until >= since), *_of(SilenceRow, key)
            )
            .order_by(SilenceRow.number.desc())
        )
        with told(), self._engine.connect() as connection:
            return [
                Silence(key=RoomKey(site=row.site, room=row.room), since=row.since, until=row.until)
                for row in connection.execute(query)
            ]

    def notes(self, key: RoomKey, *, since: datetime) -> Sequence[Note]:
        """Newest first."""
        query = (
            select(NoteRow)
            .where(NoteRow.at >= since, *_of(NoteRow, key))
            .order_by(NoteRow.number.desc())
        )
        with told(), self._engine.connect() as connection:
            return [
                Note(key=key, at=row.at, person=row.person, text=row.text)
                for row in connection.execute(query)
            ]

    def add_note(self, note: Note) -> None:
        """Keep a note.

        Raises:
            ValueError: it is empty or longer than ``MOST_LETTERS``.
            StorageError: the database cannot be written.
        """
        if not note.text.strip() or len(note.text) > MOST_LETTERS:
            raise ValueError(f"a note has 1 to {MOST_LETTERS} characters")
        with told(), self._engine.begin() as connection:
            connection.execute(
                insert(NoteRow).values(
                    site=note.key.site,
                    room=note.key.room,
                    at=note.at,
                    person=note.person,
                    text=note.text,
                )
            )
            add_audit(connection, "note_added", at=note.at, person=note.person, key=note.key)

    def judge(self, event_id: UUID, verdict: Verdict, *, person: str, at: datetime) -> None:
        """Keep a nurse's word on an alarm; a later word replaces it, both stay in the audit.

        Raises:
            KeyError: there is no such event.
            StorageError: the database cannot be written.
        """
        with told(), self._engine.begin() as connection:
            key = _room_of(connection, event_id)
            connection.execute(delete(VerdictRow).where(VerdictRow.event_id == event_id))
            connection.execute(
                insert(VerdictRow).values(event_id=event_id, verdict=verdict, person=person, at=at)
            )
            detail = {"event": str(event_id), "verdict": verdict.value}
            add_audit(connection, "alarm_judged", at=at, person=person, key=key, detail=detail)

    def burden(self, *, since: date, until: date) -> Burden:
        """Alarm burden over whole days, local time; ``until`` is the first day left out.

        A resident-day is 24 h of minutes in which a room was watched.
        """
        begin, end = _midnight(since), _midnight(until)
        onsets = (
            EventRow.decided_at >= begin,
            EventRow.decided_at < end,
            EventRow.trigger == Trigger.ONSET.value,
            EventRow.condition.in_(sorted(PHYSIOLOGICAL)),
        )
        judged = (
            select(VerdictRow.verdict, func.count())
            .join(EventRow, EventRow.id == VerdictRow.event_id)
            .where(*onsets)
            .group_by(VerdictRow.verdict)
        )
        minutes = (
            select(func.count())
            .select_from(MinuteRow)
            .where(MinuteRow.at >= begin, MinuteRow.at < end, MinuteRow.levels > 0)
        )
        with told(), self._engine.connect() as connection:
            alarms = connection.scalar(select(func.count(distinct(EventRow.id))).where(*onsets))
            counts = {row[0]: row[1] for row in connection.execute(judged)}
            watched = connection.scalar(minutes)
        return Burden(
            alarms=alarms or 0,
            confirmed=counts.get(Verdict.PAIN.value, 0),
            dismissed=counts.get(Verdict.NOT_PAIN.value, 0),
            unsure=counts.get(Verdict.UNSURE.value, 0),
            resident_days=(watched or 0) / (24 * 60),
        )


def _of(
    table: type[EventRow | MinuteRow | SilenceRow | NoteRow], key: RoomKey | None
) -> tuple[ColumnElement[bool], ...]:
    if key is None:
        return ()
    return (table.site == key.site, table.room == key.room)


def _room_of(connection: Connection, event_id: UUID) -> RoomKey:
    row = connection.execute(
        select(EventRow.site, EventRow.room).where(EventRow.id == event_id)
    ).one_or_none()
    if row is None:
        raise KeyError(event_id)
    return RoomKey(site=row.site, room=row.room)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone(UTC)
