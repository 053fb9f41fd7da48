"""The station's own process under load: what came, how late, at what cost."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Final
from uuid import UUID

import psutil

from pain.alarms import Condition
from pain.errors import BrokerError
from station.app import StationApp
from station.bench.broker import mosquitto
from station.bench.load import SITE, room_name
from station.config.root import StationConfig
from station.live.values import RoomKey
from station.run import running, storage_url
from station.store.archive import SqlArchive
from station.store.engine import open_engine

PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the rooms say.

    Attributes:
        rooms: each says one reading a second.
        seconds: for how long.
        burst: alarms within one second, half-way.
    """

    rooms: int
    seconds: float
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the station made of it.

    Attributes:
        readings_sent: readings that the rooms published.
        readings_kept: readings that the minutes in the database count.
        events_kept: events in the database.
        reading_ms: from the making of each reading to the change on the board, milliseconds.
        alarm_ms: likewise for each alarm.
        cpu_cores: processor time of the station over the load, in cores.
        memory_mib: its largest resident memory, MiB.
    """

    readings_sent: int
    readings_kept: int
    events_kept: int
    reading_ms: list[float]
    alarm_ms: list[float]
    cpu_cores: float
    memory_mib: float


def p95(values: list[float]) -> float:
    """95th percentile of at least two values."""
    return quantiles(values, n=20, method="inclusive")[-1]


class _Observer:
    """Notes how late each change is shown; rooms and the bench share this machine's clock."""

    def __init__(self, app: StationApp) -> None:
        self._app = app
        self._seen: set[tuple[RoomKey, datetime]] = set()
        self.reading_ms: list[float] = []
        self.alarm_ms: list[float] = []

    def changed(self, key: RoomKey | None) -> None:
        shown = self._app.room(key) if key else None
        if shown is None:
            return
        now = datetime.now(UTC)
        if shown.reading is not None:
            self._note(shown.key, shown.reading.measured_at, now, self.reading_ms)
        alarm = shown.alarms.get(Condition.PAIN_SEVERE)
        if alarm is not None:
            self._note(shown.key, alarm.changed_at, now, self.alarm_ms)

    def _note(self, key: RoomKey, made: datetime, now: datetime, into: list[float]) -> None:
        if (key, made) not in self._seen:
            self._seen.add((key, made))
            into.append((now - made) / timedelta(milliseconds=1))


async def measure(load: Load) -> Measured:
    """Run broker, rooms and station on this machine, the station in this process.

    Raises:
        BrokerError: mosquitto is not installed.
    """
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
        config = StationConfig.model_validate(
            {
                "site": SITE,
                "station": "bench",
                "mqtt": {"host": "127.0.0.1", "port": port, "plaintext": True},
                "storage": {"folder": Path(name) / "state"},
            }
        )
        async with running(config) as app:
            await _until(lambda: app.connected and app.fetching)
            observer = _Observer(app)
            app.on_change(observer.changed)
            me = psutil.Process()
            before = me.cpu_times()
            began = datetime.now(UTC)
            await publish(port, load)
            elapsed_s = (datetime.now(UTC) - began).total_seconds()
            after = me.cpu_times()
            memory = me.memory_info().rss
            await _until(lambda: len(_events(app, load)) >= load.burst)
            events = _events(app, load)
        used_s = after.user - before.user + after.system - before.system
        return Measured(
            readings_sent=int(load.rooms * load.seconds),
            readings_kept=readings_kept(config, load),
            events_kept=len(events),
            reading_ms=observer.reading_ms,
            alarm_ms=observer.alarm_ms,
            cpu_cores=used_s / elapsed_s,
            memory_mib=memory / 2**20,
        )


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  the station tells of rooms, not of its own state
            await asyncio.sleep(0.05)


async def publish(port: int, load: Load) -> dict[str, float]:
    """Let the rooms speak, in a process of their own.

    Returns:
        When each alarm was published, by room, in milliseconds since 1970.

    Raises:
        BrokerError: they could not.
    """
    numbers = (port, load.rooms, load.seconds, load.burst)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "station.bench.load", *map(str, numbers), stdout=PIPE
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise BrokerError(f"the rooms' process ended with code {process.returncode}")
    lines = (line.split() for line in said.decode().splitlines())
    return {room: float(at_ms) for room, at_ms in lines}


def _events(app: StationApp, load: Load) -> list[UUID]:
    since = datetime.now(UTC) - timedelta(days=1)
    found = app.archive.events(None, since=since, limit=2 * load.burst)
    return [stored.event.id for stored in found]


def readings_kept(config: StationConfig, load: Load) -> int:
    """Readings that the minutes in the database of a station count."""
    engine = open_engine(storage_url(config.storage))
    archive = SqlArchive(engine)
    until = datetime.now(UTC) + timedelta(minutes=1)
    try:
        return sum(
            minute.readings
            for number in range(load.rooms)
            for minute in archive.minutes(
                RoomKey(site=SITE, room=room_name(number)),
                since=until - timedelta(days=1),
                until=until,
            )
        )
    finally:
        engine.dispose()
