"""From the publishing of an alarm to its tile in the browser, with the real station between."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psutil

import station.access.tables  # noqa: F401  its tables are made with all others
from station.access.people import People
from station.access.values import Person, Role
from station.bench.broker import free_port, mosquitto
from station.bench.load import SITE, room_name
from station.bench.pages import alarms_seen, chromium, open_board
from station.bench.process import Cost, station_process
from station.bench.run import Load, publish, readings_kept
from station.config.root import StationConfig
from station.run import storage_url
from station.store.archive import SqlArchive
from station.store.engine import open_engine

LATEST_S: Final = 30.0
"""What is not on a page or in the database so long after the rooms have ended is missing."""

_NURSE: Final = Person(id="bench", name="Bench", role=Role.NURSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardMeasured:
    """What the station and its pages made of the load.

    Attributes:
        readings_sent: readings that the rooms published.
        readings_kept: readings that the minutes in the database count.
        events_kept: events in the database.
        shown_ms: page by page, from the publishing of each alarm to its tile, milliseconds.
        cpu_cores: processor time of the station over the load, in cores.
        memory_mib: its largest resident memory, MiB.
        browser_cores: processor time of the browser with all its pages.
        busy_cores: processor time of everything on this machine.
    """

    readings_sent: int
    readings_kept: int
    events_kept: int
    shown_ms: Sequence[Sequence[float]]
    cpu_cores: float
    memory_mib: float
    browser_cores: float
    busy_cores: float


async def measure_board(load: Load, browsers: int) -> BoardMeasured:
    """Run broker, rooms, station and browser on this machine, each in its own process.

    Args:
        load: what the rooms say.
        browsers: pages that look at the overview.

    Raises:
        BrokerError: mosquitto is not installed, or the station does not hear the rooms.
        UsageError: Playwright or Chromium is not installed, or the board does not come up.
    """
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
        folder = Path(name)
        config = _config(load, port, folder)
        password = secrets.token_urlsafe()
        engine = open_engine(storage_url(config.storage))
        try:
            People(engine).add(_NURSE, password, by="bench", at=datetime.now(UTC))
        finally:
            engine.dispose()
        url = f"http://{config.web.host}:{config.web.port}"
        async with chromium() as browser, station_process(config, folder) as running:
            pages = [
                await open_board(
                    browser, url, person=_NURSE.id, password=password, rooms=load.rooms
                )
                for _ in range(browsers)
            ]
            cost, browser_cost = Cost(running), Cost(_browser_process())
            watching = asyncio.create_task(cost.watch())
            psutil.cpu_percent()
            published = await publish(port, load)
            busy_cores = psutil.cpu_percent() / 100 * (psutil.cpu_count() or 1)
            cpu_cores, browser_cores = cost.cores, browser_cost.cores
            watching.cancel()
            seen = [await alarms_seen(page, len(published), LATEST_S) for page in pages]
            await _all_kept(config, load)
        return BoardMeasured(
            readings_sent=_readings_sent(load),
            readings_kept=readings_kept(config, load),
            events_kept=_events_kept(config, load),
            shown_ms=[[at_ms - published[room] for room, at_ms in each.items()] for each in seen],
            cpu_cores=cpu_cores,
            memory_mib=cost.memory_mib,
            browser_cores=browser_cores,
            busy_cores=busy_cores,
        )


def _browser_process() -> psutil.Process:
    """Playwright's driver, which has started the browser."""
    return next(
        child
        for child in psutil.Process().children()
        if any("playwright" in word for word in child.cmdline())
    )


def _config(load: Load, port: int, folder: Path) -> StationConfig:
    rooms = [{"id": room_name(n), "name": f"Room {n}"} for n in range(load.rooms)]
    return StationConfig.model_validate(
        {
            "site": SITE,
            "station": "bench",
            "mqtt": {"host": "127.0.0.1", "port": port, "plaintext": True},
            "rooms": rooms,
            "storage": {"folder": folder / "state"},
            "web": {"port": free_port()},
        }
    )


async def _all_kept(config: StationConfig, load: Load) -> None:
    """Wait for the last readings, which a station that ends may not have taken from its socket."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LATEST_S):
            while await asyncio.to_thread(readings_kept, config, load) < _readings_sent(load):  # noqa: ASYNC110
                await asyncio.sleep(1.0)


def _readings_sent(load: Load) -> int:
    return int(load.rooms * load.seconds)


def _events_kept(config: StationConfig, load: Load) -> int:
    engine = open_engine(storage_url(config.storage))
    since = datetime.now(UTC) - timedelta(days=1)
    try:
        return len(SqlArchive(engine).events(None, since=since, limit=2 * load.burst))
    finally:
        engine.dispose()
