"""Runs the station until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import platformdirs
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

import station.access.tables  # noqa: F401  its tables are made with all others
from pain.clock import SystemClock
from pain.errors import StorageError
from station.app import StationApp
from station.config.root import StationConfig
from station.config.storage import StorageConfig
from station.store.alive import last_alive
from station.store.audit import add_audit
from station.store.engine import open_engine, sqlite_url
from station.store.failures import unwritable
from station.store.lock import only_station

_log = logging.getLogger(__name__)

Serve = Callable[[StationApp, StationConfig], Awaitable[None]]
"""Serves the board until it is cancelled."""


def board_server() -> Serve:
    """The board's own server; found late, since a station without a board needs no web kit."""
    board: Serve = import_module("station.board").serve
    return board


def storage_url(storage: StorageConfig) -> str:
    """URL of the database; its folder is made where it is absent.

    Raises:
        StorageError: the folder cannot be made.
    """
    if storage.url is not None:
        return storage.url.get_secret_value()
    state = os.environ.get("STATE_DIRECTORY")
    folder = storage.folder or (
        Path(state.split(":")[0]) if state else platformdirs.user_state_path("painwatch")
    )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be made ({error.strerror}): choose another storage.folder"
        ) from error
    return sqlite_url(folder)


@contextlib.asynccontextmanager
async def running(config: StationConfig) -> AsyncIterator[StationApp]:
    """Open the database and hear the rooms for the length of a block.

    Raises:
        ConfigError: the broker's password or a certificate cannot be used.
        StorageError: the database cannot be opened, or another station writes it.
    """
    url = storage_url(config.storage)
    with only_station(url):
        engine = open_engine(url)
        try:
            _tell_of_start(engine, config)
            app = StationApp(config, engine, clock=SystemClock())
            await app.start()
            try:
                yield app
            finally:
                await app.stop()
        finally:
            engine.dispose()


def _tell_of_start(engine: Engine, config: StationConfig) -> None:
    """Keep when nobody listened: from the last sign of life until now."""
    try:
        with engine.begin() as connection:
            last = last_alive(connection)
            detail = {
                "station": config.station,
                "last_alive": None if last is None else last.isoformat(timespec="seconds"),
            }
            add_audit(connection, "station_started", at=datetime.now(UTC), detail=detail)
    except SQLAlchemyError as error:
        raise unwritable(error) from error


async def run(config: StationConfig, serve: Serve | None) -> None:
    """Run the station until SIGTERM or Ctrl-C.

    Args:
        config: the settings.
        serve: serves the board; nobody does when None.

    Raises:
        ConfigError: the broker's password or a certificate cannot be used.
        StorageError: the database cannot be opened, or another station writes it.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with running(config) as app:
        _log.info("station %s listens to site %s", config.station, config.site)
        stopped = asyncio.create_task(stopping.wait(), name="stopped")
        tasks: set[asyncio.Task[object]] = {stopped}
        if serve is not None:
            tasks.add(asyncio.ensure_future(serve(app, config)))
        done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for task in done:
            task.result()
    _log.info("station %s has stopped", config.station)
