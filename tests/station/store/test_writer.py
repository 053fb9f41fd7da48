"""Nothing is called safe before it is on the disk."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, func, select

from pain.clock import Moment
from station.live.messages import Leaf, Refusal, Refused
from station.live.minutes import Minutes
from station.store import writer as writer_module
from station.store.archive import SqlArchive
from station.store.tables import AliveRow, AuditRow, EventRow, MinuteRow, SilenceRow
from station.store.writer import Writer
from tests.station.faulty import Faulty
from tests.station.messages import OTHER, ROOM, START, alarm_event, moment, reading

PATIENCE_S = 20.0


@contextmanager
def writing(engine: Engine):
    writer = Writer(engine, now=lambda: START)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


def count(engine: Engine, table) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


class Line:
    """Remembers what was called safe, in its order."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._changed = threading.Condition()
        self.safe: list[tuple[object, int]] = []

    def done(self, name: object):
        def called() -> None:
            stored = count(self._engine, EventRow)
            with self._changed:
                self.safe.append((name, stored))
                self._changed.notify_all()

        return called

    def wait(self, number: int) -> list[object]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.safe) >= number, PATIENCE_S)
            return [name for name, _ in self.safe]


def test_an_event_is_safe_once_another_reader_sees_it(engine):
    line = Line(engine)
    with writing(engine) as writer:
        for number in range(20):
            writer.event(ROOM, alarm_event(), line.done(number))
        assert line.wait(20) == list(range(20))
    assert all(stored > number for number, stored in line.safe)


def test_an_event_that_comes_again_is_kept_once_and_safe_each_time(engine):
    event_id = uuid4()
    line = Line(engine)
    with writing(engine) as writer:
        for number in range(3):
            writer.event(ROOM, alarm_event(event_id=event_id), line.done(number))
        line.wait(3)
        writer.event(ROOM, alarm_event(event_id=event_id), line.done(3))
        line.wait(4)
    assert count(engine, EventRow) == 1


def test_what_was_refused_keeps_its_place_in_line(engine):
    line = Line(engine)
    with writing(engine) as writer:
        writer.event(ROOM, alarm_event(), line.done("first"))
        writer.in_turn(line.done("refused"))
        writer.event(ROOM, alarm_event(), line.done("last"))
        assert line.wait(3) == ["first", "refused", "last"]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(writer_module, "AGAIN_S", 0.02)


def test_while_the_disk_is_full_nothing_is_safe_and_afterwards_everything_is(engine, quick):
    faulty = Faulty(engine)
    ended: list[str] = []
    with writing(engine) as writer:
        writer.event(ROOM, alarm_event(), lambda: ended.append("event"))
        writer.silent(ROOM, START)
        for _ in range(3):
            assert faulty.failed.acquire(timeout=PATIENCE_S)
        assert writer.trouble == "database or disk is full"
        assert ended == []
        faulty.mend()
        safe = threading.Event()
        writer.in_turn(safe.set)
        assert safe.wait(PATIENCE_S)
        assert writer.trouble is None
    assert ended == ["event"]
    assert count(engine, EventRow) == count(engine, SilenceRow) == 1


def test_a_database_that_another_program_has_locked_is_waited_for(sqlite_engine, quick):
    safe = threading.Event()
    with (
        writing(sqlite_engine) as writer,
        closing(sqlite3.connect(sqlite_engine.url.database)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        writer.event(ROOM, alarm_event(), safe.set)
        assert not safe.wait(0.2)
        other.rollback()
        assert safe.wait(PATIENCE_S)
    assert count(sqlite_engine, EventRow) == 1


def test_the_writer_that_stops_before_a_full_disk_ends_all_the_same(engine, quick):
    faulty = Faulty(engine)
    with writing(engine) as writer:
        writer.event(ROOM, alarm_event(), lambda: pytest.fail("it was not written"))
        assert faulty.failed.acquire(timeout=PATIENCE_S)
    faulty.mend()
    assert count(engine, EventRow) == 0


def test_a_database_that_does_not_answer_is_trouble_while_it_lasts(engine, monkeypatch):
    monkeypatch.setattr(writer_module, "STUCK_S", 0.05)
    entered, answer, safe = threading.Event(), threading.Event(), threading.Event()

    def hang(_connection: object) -> None:
        entered.set()
        assert answer.wait(PATIENCE_S)

    event.listen(engine, "begin", hang)
    with writing(engine) as writer:
        writer.event(ROOM, alarm_event(), safe.set)
        assert entered.wait(PATIENCE_S)
        deadline_s = time.monotonic() + PATIENCE_S
        while writer.trouble is None:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)  # what is tested is that time alone makes it a trouble
        assert writer.trouble == "the database does not answer"
        answer.set()
        assert safe.wait(PATIENCE_S)
        assert writer.trouble is None
    event.remove(engine, "begin", hang)


def test_minutes_grow_part_by_part(engine):
    with writing(engine) as writer:
        for second, level in ((0, 2.0), (20, 6.0), (40, None), (70, 1.0)):
            minutes = Minutes()
            now: Moment = moment(second)
            minutes.hear(ROOM, reading(level, at=now.wall, coverage=0.5), now)
            minutes.hear(OTHER, reading(1.0, at=now.wall), now)
            writer.minutes(minutes.take())
    first, second = SqlArchive(engine).minutes(
        ROOM, since=START, until=START + timedelta(minutes=5)
    )
    assert (first.mean, first.highest, first.readings) == (4.0, 6.0, 3)
    assert first.coverage == pytest.approx(0.5)
    assert (second.at, second.mean) == (START + timedelta(minutes=1), 1.0)
    assert count(engine, MinuteRow) == 4


def test_a_minute_without_levels_has_no_mean_and_is_not_calm(engine):
    minutes = Minutes()
    minutes.hear(ROOM, reading(None), moment(0))
    with writing(engine) as writer:
        writer.minutes(minutes.take())
    (minute,) = SqlArchive(engine).minutes(ROOM, since=START, until=START + timedelta(minutes=1))
    assert (minute.mean, minute.highest, minute.readings) == (None, None, 1)


def test_a_reading_that_came_too_late_is_in_no_minute():
    minutes = Minutes()
    minutes.hear(ROOM, reading(5.0, at=START - timedelta(seconds=60)), moment(0))
    assert minutes.take() == {}


def test_a_silence_lasts_until_the_room_speaks(engine):
    later = START + timedelta(minutes=3)
    with writing(engine) as writer:
        writer.speaking(ROOM, START)
        writer.silent(ROOM, START)
        writer.silent(ROOM, later)  # as after a restart of the station
        writer.silent(OTHER, later)
        writer.speaking(ROOM, later)
    archive = SqlArchive(engine)
    (silence,) = archive.silences(ROOM, since=START)
    assert (silence.since, silence.until) == (START, later)
    (other,) = archive.silences(OTHER, since=START)
    assert other.until is None
    assert len(archive.silences(None, since=START)) == 2
    assert archive.silences(ROOM, since=later + timedelta(seconds=1)) == []


def test_a_clock_that_is_set_back_ends_no_silence_before_its_beginning(engine):
    writer = Writer(engine, now=lambda: START)
    writer.start()
    writer.silent(ROOM, START)
    writer.speaking(ROOM, START - timedelta(hours=1))
    writer.stop()
    [silence] = SqlArchive(engine).silences(ROOM, since=START - timedelta(days=1))
    assert (silence.since, silence.until) == (START, START)


def test_refusals_are_audited_with_their_number_and_without_their_content(engine):
    refused = Refused(why=Refusal.NOT_READABLE, key=ROOM, leaf=Leaf.READING)
    with writing(engine) as writer:
        writer.refused({refused: 17})
        writer.alive()
    with engine.connect() as connection:
        (row,) = connection.execute(select(AuditRow.__table__)).all()
    assert (row.action, row.room) == ("message_refused", ROOM.room)
    assert row.detail == '{"why": "not_readable", "topic": "reading", "count": 17}'
    assert count(engine, AliveRow) == 1
