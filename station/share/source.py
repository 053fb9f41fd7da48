"""Reads what was kept, oldest first, in pieces that fit any memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, func, or_, select, union

from pain.wire import EVENTS
from station.live.values import RoomKey
from station.ports import Minute, Note, Silence, StoredEvent, Verdict
from station.share.span import Span
from station.store.archive import SqlArchive
from station.store.failures import told
from station.store.tables import EventRow, MinuteRow, NoteRow, SilenceRow, VerdictRow

_PAGE: Final = 1000
"""Short reads: a long one would keep SQLite from tidying up its write-ahead log."""

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An event with the moment of the nurse's word.

    Attributes:
        stored: the event.
        judged_at: when the verdict was given, UTC; None without one.
    """

    stored: StoredEvent
    judged_at: datetime | None


class Source:
    """The station's database, for exports.

    Every method raises ``StorageError`` when the database fails.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._archive = SqlArchive(engine)

    def rooms(self) -> list[RoomKey]:
        """All rooms of which anything was kept, by name."""
        tables = (EventRow, MinuteRow, SilenceRow, NoteRow)
        query = union(*(select(table.site, table.room) for table in tables))
        with told(), self._engine.connect() as connection:
            return sorted(RoomKey(site=row[0], room=row[1]) for row in connection.execute(query))

    def events(self, key: RoomKey, *, since: datetime, until: datetime | None) -> Iterator[Kept]:
        """Events of a room in the order in which they came, by when the box decided them.

        Args:
            key: the room.
            since: the earliest decision.
            until: the first decision left out; None for all.
        """
        query = (
            select(EventRow, VerdictRow.verdict, VerdictRow.person, VerdictRow.at)
            .outerjoin(VerdictRow, VerdictRow.event_id == EventRow.id)
            .where(EventRow.site == key.site, EventRow.room == key.room)
            .where(EventRow.decided_at >= since)
            .order_by(EventRow.number)
            .limit(_PAGE)
        )
        if until is not None:
            query = query.where(EventRow.decided_at < until)
        last = -1
        while True:
            with told(), self._engine.connect() as connection:
                rows = connection.execute(query.where(EventRow.number > last)).all()
            for row in rows:
                last = row.number
                stored = StoredEvent(
                    key=key,
                    event=EVENTS.validate_json(row.payload),
                    received_at=row.received_at,
                    verdict=None if row.verdict is None else Verdict(row.verdict),
                    verdict_by=row.person,
                )
                yield Kept(stored=stored, judged_at=row.at)
            if len(rows) < _PAGE:
                return

    def minutes(self, key: RoomKey, span: Span) -> Iterator[Minute]:
        """Minutes of a room; those without any reading are left out."""
        within = (
            MinuteRow.site == key.site,
            MinuteRow.room == key.room,
            MinuteRow.at >= span.since,
            MinuteRow.at < span.until,
        )
        with told(), self._engine.connect() as connection:
            first = connection.scalar(select(func.min(MinuteRow.at)).where(*within))
            last = connection.scalar(select(func.max(MinuteRow.at)).where(*within))
        if first is None or last is None:
            return
        for day in Span(since=first, until=last + _MINUTE).days():
            yield from self._archive.minutes(key, since=day.since, until=day.until)

    def silences(self, key: RoomKey, span: Span) -> Iterator[Silence]:
        """Times in which a room said nothing and which touch the span."""
        query = (
            select(SilenceRow.since, SilenceRow.until)
            .where(SilenceRow.site == key.site, SilenceRow.room == key.room)
            .where(SilenceRow.since < span.until)
            .where(or_(SilenceRow.until.is_(None), SilenceRow.until >= span.since))
            .order_by(SilenceRow.number)
        )
        with told(), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            yield Silence(key=key, since=row.since, until=row.until)

    def notes(self, key: RoomKey, span: Span) -> Iterator[Note]:
        """What people wrote about a room."""
        for note in reversed(self._archive.notes(key, since=span.since)):
            if note.at < span.until:
                yield note
