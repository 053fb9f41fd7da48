"""A real broker, a real station, and a box that the test speaks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from station.app import StationApp
from station.config import StationConfig
from station.live.values import RoomKey
from station.run import running
from tests.brokers import PATIENCE_S, MosquittoBroker, Recorder
from tests.databases import PostgresServer
from tests.station.messages import ROOM, TOPIC

T = TypeVar("T")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path / "broker") as started:
        yield started


@pytest.fixture
def box(broker: MosquittoBroker) -> Iterator[Recorder]:
    """Hears everything; publishes what a room's box would."""
    with Recorder(broker.port, client_id="box") as recorder:
        yield recorder


MakeConfig = Callable[..., StationConfig]


@pytest.fixture
def make_config(broker: MosquittoBroker, tmp_path: Path) -> MakeConfig:
    def make(*, mqtt: dict[str, Any] | None = None, **changes: Any) -> StationConfig:
        settings = {
            "site": ROOM.site,
            "station": "ward-2",
            "mqtt": {
                "host": "127.0.0.1",
                "port": broker.port,
                "plaintext": True,
                "keepalive_s": 5,
                "heartbeat_s": 1.0,
                "command_timeout_s": 1.0,
                **(mqtt or {}),
            },
            "storage": {"folder": tmp_path / "state"},
            **changes,
        }
        return StationConfig.model_validate(settings)

    return make


async def until(predicate: Callable[[], T]) -> T:
    """Wait until the predicate holds, and return what it returned."""
    async with asyncio.timeout(PATIENCE_S):
        while not (result := predicate()):  # noqa: ASYNC110  any predicate, not an event
            await asyncio.sleep(0.01)
    return result


@asynccontextmanager
async def listening(config: StationConfig) -> AsyncIterator[StationApp]:
    """A station that is connected and fetches events."""
    async with running(config) as app:
        await until(lambda: app.connected)
        await until(lambda: app.fetching)
        yield app


def say(box: Recorder, leaf: str, payload: Any, *, retain: bool = False) -> None:
    """Publish as the room's box."""
    text = payload if isinstance(payload, str | bytes) else payload.model_dump_json()
    box.publish(f"{TOPIC}/{leaf}", text, retain=retain)


def now() -> datetime:
    return datetime.now(UTC)


def level_of(app: StationApp, key: RoomKey = ROOM) -> float | None:
    shown = app.room(key)
    return shown.level if shown else None
