"""Opening the database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect

from pain.errors import StorageError
from station.ports import Note
from station.store import open_engine
from station.store.archive import SqlArchive
from station.store.engine import sqlite_url
from station.store.lock import only_station
from tests.station.messages import ROOM, START


def test_sqlite_writes_through_and_readers_do_not_wait(sqlite_engine):
    with sqlite_engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "cannot be used"),
        ("cuneiform://clay", "cannot be used"),
        ("sqlite:////nowhere/at/all.sqlite3", "unable to open database file"),
        ("postgresql+psycopg://station:hunter22@127.0.0.1:1/x", "station:\\*\\*\\*@127.0.0.1:1/x"),
    ],
)
def test_a_database_that_cannot_be_opened_is_explained(url, words):
    with pytest.raises(StorageError, match=words):
        open_engine(url)


def test_what_is_no_database_is_explained(tmp_path):
    (tmp_path / "station.sqlite3").write_text("a shopping list, " * 100)
    with pytest.raises(StorageError, match="not a database"):
        open_engine(sqlite_url(tmp_path))


def test_a_database_of_another_version_is_not_written(engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE notes DROP COLUMN person")
    with pytest.raises(StorageError, match=r"another version .* lacks notes\.person"):
        open_engine(engine.url.render_as_string(hide_password=False))


def test_a_database_is_opened_again_with_what_it_holds(engine):
    note = Note(key=ROOM, at=START, person="nurse-7", text="x")
    SqlArchive(engine).add_note(note)
    again = open_engine(engine.url.render_as_string(hide_password=False))
    assert SqlArchive(again).notes(ROOM, since=START) == [note]
    again.dispose()


def test_a_database_of_before_an_index_gets_it(engine):
    def indexes() -> set[str | None]:
        return {index["name"] for index in inspect(engine).get_indexes("minutes")}

    whole = indexes()
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX minutes_by_time")
    assert indexes() < whole
    open_engine(engine.url.render_as_string(hide_password=False)).dispose()
    assert indexes() == whole


def test_moments_keep_their_instant_whatever_their_zone(engine):
    archive = SqlArchive(engine)
    there = START.astimezone(timezone(timedelta(hours=5, minutes=30)))
    archive.add_note(Note(key=ROOM, at=there, person="nurse-7", text="x"))
    (note,) = archive.notes(ROOM, since=START)
    assert note.at == START
    assert note.at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(engine):
    naive = datetime(2026, 11, 24)  # noqa: DTZ001  the point of the test
    with pytest.raises(StorageError, match="no time zone"):
        SqlArchive(engine).add_note(Note(key=ROOM, at=naive, person="nurse-7", text="x"))


class TestLock:
    def test_two_stations_cannot_write_one_file(self, tmp_path):
        url = sqlite_url(tmp_path)
        with (
            only_station(url),
            pytest.raises(StorageError, match="another station writes"),
            only_station(url),
        ):
            pytest.fail("both have it")
        with only_station(url):
            pass

    def test_a_folder_that_is_not_there_is_told(self):
        with (
            pytest.raises(StorageError, match="cannot be made"),
            only_station("sqlite:////nowhere/at/all.sqlite3"),
        ):
            pytest.fail("there is none")

    @pytest.mark.parametrize(
        "url", ["postgresql+psycopg://station@db/painwatch", "sqlite://", "nonsense"]
    )
    def test_what_is_no_file_has_none(self, url):
        with only_station(url), only_station(url):
            pass
