"""The real process: killed as a power cut would in a storm of events, told to stop, watched."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from station.store.engine import FILE_NAME
from tests.brokers import PATIENCE_S, MosquittoBroker, free_port
from tests.edge.gateway.daemons import ServiceManager
from tests.station.storm import blow, publisher, taken

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(broker: MosquittoBroker, tmp_path: Path) -> Path:
    file = tmp_path / "station.yaml"
    file.write_text(
        "site: elm-court\n"
        "station: ward-2\n"
        f"mqtt: {{host: 127.0.0.1, port: {broker.port}, plaintext: true, heartbeat_s: 1}}\n"
        "storage: {folder: state}\n"
    )
    return file


@contextmanager
def station(settings: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "painwatch", "station", "run", "--no-board", "-c", str(settings)],
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def stored(settings: Path) -> list[UUID]:
    """Ids of all events on the disk, in their order; duplicates would show."""
    database = settings.parent / "state" / FILE_NAME
    if not database.exists():
        return []
    with closing(sqlite3.connect(database)) as connection:
        try:
            rows = connection.execute("SELECT id FROM events ORDER BY number").fetchall()
        except sqlite3.OperationalError:  # the tables are not made yet
            return []
    return [UUID(row[0]) for row in rows]


def wait_for(settings: Path, number: int) -> list[UUID]:
    deadline_s = time.monotonic() + 3 * PATIENCE_S
    while len(found := stored(settings)) < number:
        assert time.monotonic() < deadline_s, f"{len(found)} of {number} events"
        time.sleep(0.02)  # another process writes; SQLite tells no reader
    return found


@pytest.mark.slow
def test_a_station_killed_in_a_storm_loses_no_event_and_keeps_none_twice(
    broker: MosquittoBroker, settings: Path
) -> None:
    ids: list[UUID] = []
    with publisher(broker.port) as client:
        with station(settings):
            first, sent = blow(client, 1)
            # The subscription stands once an event came; before it, nobody owed us anything.
            while not stored(settings):
                more, sent_more = blow(client, 1)
                first += more
                taken(sent_more)
                time.sleep(0.05)  # likewise
        with station(settings) as victim:
            known = len(stored(settings))
            ids, sent = blow(client, 1500)
            wait_for(settings, known + 100)
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait(PATIENCE_S)
            cut_at = len(stored(settings))
            taken(sent)
        assert cut_at < known + len(ids), "the storm was over before the station was killed"
        with station(settings) as heir:
            wait_for(settings, known + len(ids))
            heir.send_signal(signal.SIGTERM)
            assert heir.wait(PATIENCE_S) == 0
    kept = [event_id for event_id in stored(settings) if event_id not in set(first)]
    assert len(kept) == len(set(kept)), "an event is kept twice"
    assert kept == ids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_station_ends_cleanly_when_it_is_told_to(
    broker: MosquittoBroker, settings: Path, number: signal.Signals
) -> None:
    with station(settings) as process:
        broker.wait_for_log("as painwatch-elm-court-ward-2-archive")
        process.send_signal(number)
        assert process.wait(PATIENCE_S) == 0


def test_a_station_with_its_board_ends_without_a_traceback(
    broker: MosquittoBroker, settings: Path
) -> None:
    text = settings.read_text()
    settings.write_text(f"{text}web: {{port: {free_port()}}}\n")
    command = [sys.executable, "-m", "painwatch", "station", "run", "-c", str(settings)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "nobody can log in yet" in line:
                process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert not [line for line in said if "Traceback" in line or "Error" in line], said


def test_systemd_hears_that_the_station_is_ready_how_it_is_and_that_it_lives(
    settings: Path, tmp_path: Path
) -> None:
    with (
        ServiceManager(tmp_path / "notify") as manager,
        station(settings, NOTIFY_SOCKET=str(manager.path), WATCHDOG_USEC="1000000") as process,
    ):
        manager.wait_for(lambda said: "STATUS=0 rooms, 0 silent; no trouble" in said)
        manager.wait_for(lambda said: "READY=1" in said and said.count("WATCHDOG=1") >= 2)
        process.send_signal(signal.SIGTERM)
        manager.wait_for(lambda said: said[-1] == "STOPPING=1")
        assert process.wait(PATIENCE_S) == 0


def test_a_mistake_in_the_settings_ends_it_with_code_2(tmp_path: Path) -> None:
    settings = tmp_path / "station.yaml"
    settings.write_text("site: elm-court\nwibble: 1\n")
    with station(settings) as process:
        assert process.wait(PATIENCE_S) == 2
