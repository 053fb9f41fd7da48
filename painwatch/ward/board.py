"""A real station with its board for a demonstration, as a process of its own."""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pain.errors import InternalError
from station.access.people import People
from station.access.values import Person, Role
from station.store.engine import open_engine, sqlite_url

START_S: Final = 30.0
STOP_S: Final = 10.0
READY: Final = "the board is at"

PEOPLE: Final = (
    Person(id="nurse", name="Nurse (demonstration)", role=Role.NURSE),
    Person(id="admin", name="Administrator (demonstration)", role=Role.ADMIN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBoard:
    """A board that can be looked at.

    Attributes:
        url: where it is.
        password: of everybody in ``PEOPLE``, made up for this demonstration.
    """

    url: str
    password: str


class DemoStation:
    """Settings and database of a demonstration's station, before it starts.

    Args:
        folder: an empty folder; its database is made here.
        site: short name of the site.
        station: id of the station.
    """

    def __init__(self, folder: Path, *, site: str, station: str) -> None:
        self._folder = folder
        self._site = site
        self._station = station
        self.state = folder / "station"
        self.state.mkdir(mode=0o700)
        self.engine = open_engine(sqlite_url(self.state))
        self.password = "-".join(secrets.token_hex(2) for _ in range(3))
        for person in PEOPLE:
            People(self.engine).add(person, self.password, by="demonstration", at=datetime.now(UTC))

    @contextmanager
    def running(self, broker_port: int, protocol: str) -> Iterator[RunningBoard]:
        """Run it for the length of a block.

        Raises:
            InternalError: it does not start; the message has its last words.
        """
        self.engine.dispose()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        file = self._folder / "station.yaml"
        file.write_text(
            f"site: {self._site}\nstation: {self._station}\n"
            f"mqtt: {{host: 127.0.0.1, port: {broker_port}, plaintext: true, "
            f"protocol: {protocol!r}}}\n"
            f"storage: {{folder: '{self.state}'}}\n"
            f"web: {{port: {port}}}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "painwatch", "station", "run", "-c", str(file)]
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        log = _Log(process)
        try:
            log.wait_ready()
            yield RunningBoard(url=f"http://127.0.0.1:{port}/", password=self.password)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.join()


class _Log:
    """Reads what the station logs, so that it never waits for a full pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._settled = threading.Event()
        self._reader = threading.Thread(target=self._read, name="station-log")
        self._reader.start()

    def wait_ready(self) -> None:
        self._settled.wait(START_S)
        if not any(READY in line for line in self._lines):
            said = "".join(self._lines[-8:])
            raise InternalError(f"the demonstration's station did not start. It said:\n{said}")

    def join(self) -> None:
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stderr is not None  # noqa: S101  we asked for a pipe
        with self._process.stderr as stream:
            for line in stream:
                self._lines = [*self._lines[-50:], line]
                if READY in line:
                    self._settled.set()
        self._settled.set()
