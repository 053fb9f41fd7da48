"""The real station with its board, as a process, and what it costs."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import psutil
import yaml
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from pain.errors import BrokerError, UsageError
from pain.topics import station_heartbeat
from station.config.root import StationConfig

START_S: Final = 30.0
STOP_S: Final = 30.0
SAMPLE_S: Final = 0.5


class Cost:
    """Processor time and memory of a process and of all that it has started.

    Args:
        process: already running.
    """

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._began_s = self._used_s()
        self._loop = asyncio.get_running_loop()
        self._began_at_s = self._loop.time()
        self.memory_mib = 0.0

    @property
    def cores(self) -> float:
        """Processor time over wall time since the beginning."""
        return (self._used_s() - self._began_s) / (self._loop.time() - self._began_at_s)

    async def watch(self) -> None:
        """Follow the memory until cancelled."""
        while True:
            self.memory_mib = max(self.memory_mib, self._process.memory_info().rss / 2**20)
            await asyncio.sleep(SAMPLE_S)

    def _used_s(self) -> float:
        used_s = 0.0
        for process in (self._process, *self._process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used_s += times.user + times.system
        return used_s


@asynccontextmanager
async def station_process(config: StationConfig, folder: Path) -> AsyncIterator[psutil.Process]:
    """Run ``painwatch station run``; gives the process once it hears the rooms and serves pages.

    Args:
        config: its settings; the database is there already.
        folder: for the settings file and the log.

    Raises:
        BrokerError: it does not come to hear the rooms.
        UsageError: it does not come to serve the board.
    """
    file = folder / "station.yaml"
    file.write_text(yaml.safe_dump(config.model_dump(mode="json", exclude_defaults=True)))
    log = folder / "station.log"
    command = (sys.executable, "-m", "painwatch", "station", "run", "-c", str(file))
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(*command, stderr=errors)
    try:
        await asyncio.to_thread(_wait_for_heartbeat, config)
        await _wait_for_pages(config)
        yield psutil.Process(process.pid)
        process.terminate()
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except (BrokerError, UsageError):
        sys.stderr.write(log.read_text(encoding="utf-8"))
        raise
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _wait_for_heartbeat(config: StationConfig) -> None:
    beating = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    topic = station_heartbeat(config.site, config.station)

    def subscribe(*_: object) -> None:
        client.subscribe(topic)

    client.on_connect = subscribe
    client.on_message = lambda *_: beating.set()
    client.connect(config.mqtt.host, config.mqtt.port)
    client.loop_start()
    try:
        if not beating.wait(START_S):
            raise BrokerError(f"the station did not hear the rooms within {START_S:g} s")
    finally:
        client.disconnect()
        client.loop_stop()


async def _wait_for_pages(config: StationConfig) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(START_S):
            while True:
                with suppress(ConnectionError):
                    _, writer = await asyncio.open_connection(config.web.host, config.web.port)
                    writer.close()
                    await writer.wait_closed()
                    return
                await asyncio.sleep(0.05)
    raise UsageError(f"the station did not serve its board within {START_S:g} s")
