"""What was kept is read in order and once, from either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import station.share.source
from station.ports import Note, Silence, Verdict
from station.share.span import Span
from station.store.archive import SqlArchive
from station.store.engine import open_engine
from tests.databases import PostgresServer
from tests.station.messages import OTHER, ROOM, alarm_event
from tests.station.share.ward import SPAN, Ward, at


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ward]:
    if request.param == "sqlite":
        yield request.getfixturevalue("ward")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    engine = open_engine(server.new_database())
    yield Ward(engine=engine, config=tmp_path)
    engine.dispose()


def test_pages_join_without_a_gap_or_a_double(either, monkeypatch):
    monkeypatch.setattr(station.share.source, "_PAGE", 3)
    events = [alarm_event(at=at(number)) for number in range(7)]
    either.hear(*events)
    either.judge(events[4], Verdict.PAIN)
    found = list(either.source.events(ROOM, since=SPAN.since, until=None))
    assert [one.stored.event for one in found] == events
    assert [one.judged_at for one in found if one.stored.verdict] == [at(60)]
    within = either.source.events(ROOM, since=at(2), until=at(5))
    assert [one.stored.event for one in within] == events[2:5]


def test_rooms_are_those_of_which_anything_was_kept(either):
    assert either.source.rooms() == []
    either.watch(1.0, key=OTHER)
    either.be_silent(at(0), None)
    assert either.source.rooms() == [ROOM, OTHER]


def test_minutes_are_found_between_days_without_any(either):
    for minutes in (0, 1, 60 * 24 * 3, 60 * 24 * 9):
        either.watch(1.0, since=at(minutes))
    span = Span(since=at(1), until=at(60 * 24 * 9))
    assert [one.at for one in either.source.minutes(ROOM, span)] == [at(1), at(60 * 24 * 3)]
    assert list(either.source.minutes(OTHER, span)) == []


def test_silences_that_touch_the_span_and_notes_in_it_are_found(either):
    either.be_silent(at(0), at(5))
    either.be_silent(at(10), None)
    archive = SqlArchive(either.engine)
    for minutes in (4, 6, 8):
        archive.add_note(Note(key=ROOM, at=at(minutes), person="nurse-7", text=f"at {minutes}"))
    span = Span(since=at(5), until=at(8))
    assert list(either.source.silences(ROOM, span)) == [Silence(key=ROOM, since=at(0), until=at(5))]
    assert [note.text for note in either.source.notes(ROOM, span)] == ["at 6"]
