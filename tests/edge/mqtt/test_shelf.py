"""The file that keeps events: what a power cut, damage and a second daemon do to it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.mqtt import shelf as shelf_module
from edge.mqtt.shelf import Entry, Shelf
from pain.errors import StorageError

AT = datetime(2026, 11, 24, 3, 30, 0, 250_000, tzinfo=UTC)
FULL, NORMAL = 2, 1


def entry(number: int) -> Entry:
    return Entry(sequence=number, at=AT, payload=b"event %d" % number)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "home" / "room-1.sqlite3"


@pytest.fixture
def shelf(file: Path) -> Iterator[Shelf]:
    opened = Shelf(file)
    yield opened
    opened.close()


def test_what_was_stored_is_there_after_a_restart_in_order(file: Path) -> None:
    shelf = Shelf(file)
    shelf.store([entry(1), entry(2)], state=b"one")
    shelf.store([entry(3)], state=b"two", taken=[1])
    shelf.close()
    again = Shelf(file)
    assert again.load(after=0, limit=10) == [entry(2), entry(3)]
    assert (again.state(), again.last(), again.damage) == (b"two", 3, None)
    again.close()


def test_an_event_survives_a_power_cut_and_its_deletion_need_not(shelf: Shelf) -> None:
    shelf.store([entry(1)], state=b"")
    assert shelf.synchronous == FULL
    shelf.forget(1)
    assert shelf.synchronous == NORMAL
    shelf.remember(b"alive")
    assert shelf.synchronous == NORMAL
    shelf.store([entry(2)])
    assert shelf.synchronous == FULL
    mode = shelf._database.execute("PRAGMA journal_mode").fetchone()
    assert mode == ("wal",)


def test_it_is_for_this_user_alone(shelf: Shelf, file: Path) -> None:
    shelf.store([entry(1)])
    for part in file.parent.iterdir():
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o077 == 0


def test_a_second_daemon_is_told_that_the_file_is_taken(
    shelf: Shelf, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "LOCK_WAIT_S", 0.05)
    shelf.store([entry(1)])
    with pytest.raises(StorageError, match="locked"):
        Shelf(file)
    assert shelf.load(after=0, limit=1) == [entry(1)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a power cut leaves it: the log holds twenty transactions."""
    folder = tmp_path_factory.mktemp("written")
    shelf = Shelf(folder / "room.sqlite3")
    for number in range(1, 21):
        shelf.store([entry(number)], state=b"%d" % number)
    cut = tmp_path_factory.mktemp("cut")
    for part in folder.iterdir():
        shutil.copy(part, cut)
    shelf.close()
    return cut


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_a_log_cut_anywhere_gives_the_first_events_and_the_state_that_they_led_to(
    written: Path, tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    for part in written.iterdir():
        shutil.copy(part, folder)
    log = folder / "room.sqlite3-wal"
    with log.open("r+b") as torn:
        torn.truncate(round(log.stat().st_size * share))
    shelf = Shelf(folder / "room.sqlite3")
    events = shelf.load(after=0, limit=100)
    assert events == [entry(number) for number in range(1, len(events) + 1)]
    assert shelf.state() == (b"%d" % len(events) if events else None)
    assert shelf.damage is None
    shelf.close()


def test_a_file_that_is_no_database_is_kept_and_a_new_one_begun(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 1000)
    shelf = Shelf(file)
    shelf.store([entry(1)])
    shelf.close()
    (kept,) = file.parent.glob("*.damaged-*")
    assert kept.read_bytes().startswith(b"this is no database")
    assert shelf.damage is not None
    assert kept.name in shelf.damage
    assert kept.name in caplog.text


def test_what_can_be_read_of_a_damaged_file_is_taken_over(file: Path) -> None:
    shelf = Shelf(file)
    for number in range(1, 201):
        shelf.store([Entry(sequence=number, at=AT, payload=b"x" * 400)], state=b"kept")
    shelf.close()
    with file.open("r+b") as broken:  # a page in the second half of the events
        broken.seek(file.stat().st_size // 4096 * 3 // 4 * 4096)
        broken.write(b"\xff" * 4096)
    with closing(sqlite3.connect(file)) as plain, pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT sum(length(payload)) FROM event").fetchone()
    again = Shelf(file)
    events, state = again.load(after=0, limit=1000), again.state()
    again.close()
    assert state == b"kept"
    assert again.damage is not None
    assert [one.sequence for one in events] == list(range(1, len(events) + 1))
    assert len(events) >= 50


def test_a_folder_that_may_not_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file stands where the folder should be")
    with pytest.raises(StorageError, match="check the disk"):
        Shelf(tmp_path / "state" / "room.sqlite3")
