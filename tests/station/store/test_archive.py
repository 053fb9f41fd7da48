"""What was kept is found again; what people write is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.event import listen, remove

from pain.alarms import Condition, Trigger
from pain.errors import StorageError
from pain.wire import EventPayload
from station.config.storage import RetentionConfig
from station.live.minutes import Minutes
from station.live.values import RoomKey
from station.ports import Note, Verdict
from station.store import retention as retention_module
from station.store.archive import SqlArchive
from station.store.retention import forget_old
from station.store.tables import AuditRow
from station.store.writer import Writer
from tests.station.faulty import Faulty
from tests.station.messages import OTHER, ROOM, START, alarm_event, answer, moment, reading

LONG_AGO = START - timedelta(days=3650)


def keep(engine: Engine, *events: EventPayload, key: RoomKey = ROOM, at: datetime = START) -> None:
    writer = Writer(engine, now=lambda: at)
    writer.start()
    for event in events:
        writer.event(key, event, lambda: None)
    writer.stop()


@pytest.fixture
def archive(engine: Engine) -> SqlArchive:
    return SqlArchive(engine)


def test_events_come_newest_first_and_as_they_were_published(engine, archive):
    first, second = alarm_event(detail="a 'quoted' \x00 cause"), answer(uuid4())
    keep(engine, first, second)
    found = archive.events(ROOM, since=LONG_AGO, limit=10)
    assert [stored.event for stored in found] == [second, first]
    assert {stored.received_at for stored in found} == {START}


def test_events_are_limited_by_room_time_and_number(engine, archive):
    keep(engine, *(alarm_event() for _ in range(5)))
    keep(engine, alarm_event(), key=OTHER)
    assert len(archive.events(None, since=START, limit=10)) == 6
    assert len(archive.events(OTHER, since=START, limit=10)) == 1
    assert len(archive.events(ROOM, since=START, limit=3)) == 3
    assert archive.events(None, since=START + timedelta(seconds=1), limit=10) == []


class TestVerdict:
    def test_a_later_word_replaces_the_first_and_both_are_audited(self, engine, archive):
        event = alarm_event()
        keep(engine, event)
        archive.judge(event.id, Verdict.UNSURE, person="nurse-7", at=START)
        archive.judge(event.id, Verdict.PAIN, person="nurse-8", at=START)
        (stored,) = archive.events(ROOM, since=LONG_AGO, limit=10)
        assert (stored.verdict, stored.verdict_by) == (Verdict.PAIN, "nurse-8")
        with engine.connect() as connection:
            lines = connection.execute(select(AuditRow.person, AuditRow.detail)).all()
        assert [line.person for line in lines] == ["nurse-7", "nurse-8"]
        assert all(str(event.id) in line.detail for line in lines)

    def test_of_an_unknown_event_is_refused(self, archive):
        with pytest.raises(KeyError):
            archive.judge(UUID(int=1), Verdict.PAIN, person="nurse-7", at=START)


class TestNotes:
    def test_are_kept_by_room(self, archive):
        note = Note(key=ROOM, at=START, person="nurse-7", text="<b>Turned</b> & settled")
        archive.add_note(note)
        assert archive.notes(ROOM, since=LONG_AGO) == [note]
        assert archive.notes(OTHER, since=LONG_AGO) == []

    @pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
    def test_must_say_something_and_end(self, archive, text):
        with pytest.raises(ValueError, match="1 to 4000"):
            archive.add_note(Note(key=ROOM, at=START, person="nurse-7", text=text))


def test_the_burden_counts_onsets_of_pain_and_what_nurses_said_of_them(engine, archive):
    noon = datetime.combine(date(2026, 11, 24), datetime.min.time()).astimezone(UTC) + timedelta(
        hours=12
    )
    severe, moderate, unjudged = (
        alarm_event(at=noon),
        alarm_event(Condition.PAIN_MODERATE, at=noon),
        alarm_event(at=noon),
    )
    keep(
        engine,
        severe,
        moderate,
        unjudged,
        alarm_event(Condition.CAMERA_LOST, at=noon),
        alarm_event(trigger=Trigger.CLEARED, at=noon),
        alarm_event(at=noon + timedelta(days=1)),
    )
    archive.judge(severe.id, Verdict.PAIN, person="nurse-7", at=noon)
    archive.judge(moderate.id, Verdict.NOT_PAIN, person="nurse-7", at=noon)
    minutes = Minutes()
    for number in range(36):
        now = moment((noon - START).total_seconds() + 60 * number)
        minutes.hear(ROOM, reading(1.0, at=now.wall), now)
    writer = Writer(engine, now=lambda: noon)
    writer.start()
    writer.minutes(minutes.take())
    writer.stop()
    burden = archive.burden(since=date(2026, 11, 24), until=date(2026, 11, 25))
    assert (burden.alarms, burden.confirmed, burden.dismissed, burden.unsure) == (3, 1, 1, 0)
    assert burden.resident_days == pytest.approx(36 / 1440)
    assert burden.alarms_a_day is None
    assert archive.highest(ROOM, since=noon + timedelta(seconds=30), until=noon) == 1.0
    assert (
        archive.highest(ROOM, since=noon - timedelta(hours=2), until=noon - timedelta(minutes=1))
        is None
    )
    assert replace(burden, resident_days=1.5).alarms_a_day == pytest.approx(2.0)


def test_what_is_too_old_is_forgotten_and_nothing_else(engine, archive):
    old, new = alarm_event(), alarm_event()
    keep(engine, old, at=START - timedelta(days=11))
    keep(engine, new, at=START - timedelta(days=9))
    archive.judge(old.id, Verdict.PAIN, person="nurse-7", at=START - timedelta(days=11))
    archive.add_note(Note(key=ROOM, at=START - timedelta(days=4), person="nurse-7", text="old"))
    archive.add_note(Note(key=ROOM, at=START, person="nurse-7", text="new"))
    writer = Writer(engine, now=lambda: START)
    writer.start()
    writer.silent(OTHER, START - timedelta(days=50))  # lasts
    writer.silent(ROOM, START - timedelta(days=50))
    writer.speaking(ROOM, START - timedelta(days=49))
    writer.stop()
    retention = RetentionConfig(events_days=10, minutes_days=1, notes_days=3, audit_days=3650)
    assert forget_old(engine, retention, now=START, ending=Event()) == 4
    assert [stored.event for stored in archive.events(None, since=LONG_AGO, limit=9)] == [new]
    assert [note.text for note in archive.notes(ROOM, since=LONG_AGO)] == ["new"]
    assert [silence.key for silence in archive.silences(None, since=LONG_AGO)] == [OTHER]


class TestALargePast:
    @pytest.fixture
    def days_of_minutes(self, engine: Engine) -> int:
        minutes = Minutes()
        for number in range(3 * 1440):
            now = moment(60.0 * number - 10 * 86400)
            minutes.hear(ROOM, reading(1.0, at=now.wall), now)
        writer = Writer(engine, now=lambda: START)
        writer.start()
        writer.minutes(minutes.take())
        writer.stop()
        return 3 * 1440

    @pytest.fixture
    def deleted(self, engine: Engine) -> Iterator[list[int]]:
        """Rows that each statement deletes."""
        found: list[int] = []

        def note(_connection, cursor, statement, *_: object) -> None:
            if statement.startswith("DELETE"):
                found.append(cursor.rowcount)

        listen(engine, "after_cursor_execute", note)
        yield found
        remove(engine, "after_cursor_execute", note)

    def test_is_forgotten_in_pieces_between_which_others_write(
        self, engine, days_of_minutes, deleted, monkeypatch
    ):
        monkeypatch.setattr(retention_module, "REST_S", 0.0)
        gone = forget_old(engine, RetentionConfig(minutes_days=1), now=START, ending=Event())
        assert gone == days_of_minutes
        assert max(deleted) <= 60

    def test_is_left_for_the_next_run_where_the_station_ends(
        self, engine, days_of_minutes, deleted
    ):
        ending = Event()
        ending.set()
        forget_old(engine, RetentionConfig(minutes_days=1), now=START, ending=ending)
        assert sum(deleted) <= 60


def test_no_way_of_every_minute_reads_the_whole_past(sqlite_engine):
    plans: list[str] = []

    def explain(_connection, cursor, statement, parameters, _context, many: bool) -> None:
        if not statement.startswith(("SELECT", "DELETE", "UPDATE")):
            return
        explaining = cursor.connection.cursor()
        one = parameters[0] if many else parameters
        explaining.execute(f"EXPLAIN QUERY PLAN {statement}", one)
        plans.extend(row[-1] for row in explaining.fetchall())

    listen(sqlite_engine, "before_cursor_execute", explain)
    minutes = Minutes()
    writer = Writer(sqlite_engine, now=lambda: START)
    writer.start()
    for seconds in (0, 1):
        minutes.hear(ROOM, reading(1.0), moment(seconds))
        writer.minutes(minutes.take())
    writer.stop()
    SqlArchive(sqlite_engine).burden(since=date(2026, 11, 24), until=date(2026, 11, 25))
    forget_old(sqlite_engine, RetentionConfig(), now=START, ending=Event())
    assert plans
    assert [plan for plan in plans if plan.startswith(("SCAN minutes", "SCAN events"))] == []


def test_a_database_that_fails_is_told_without_its_statements(engine, archive):
    faulty = Faulty(engine)
    note = Note(key=ROOM, at=START, person="nurse-7", text="secret")
    with pytest.raises(StorageError, match=r"database or disk is full.*look whether") as caught:
        archive.add_note(note)
    assert "secret" not in str(caught.value)
    with pytest.raises(StorageError):
        archive.events(None, since=START, limit=1)
    faulty.mend()
