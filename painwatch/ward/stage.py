"""Everything of the demonstration ward, begun and ended together."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pain.errors import InternalError
from painwatch.ward.board import DemoStation, RunningBoard
from painwatch.ward.boxes import SITE, STATION
from painwatch.ward.broker import some_broker
from painwatch.ward.past import DAYS, write_past

STOP_S: Final = 10.0

Tell = Callable[[str], object]


@contextmanager
def staged(*, tell: Tell) -> Iterator[RunningBoard]:
    """Run broker, boxes and station for the length of a block; nothing is left behind.

    Args:
        tell: takes one line for each step, for people who wait.

    Raises:
        BrokerError: no broker starts.
        InternalError: the station does not start.
    """
    with tempfile.TemporaryDirectory(prefix="painwatch-ward-") as name:
        folder = Path(name)
        tell(f"inventing the {DAYS} days before")
        station = DemoStation(folder, site=SITE, station=STATION)
        write_past(station.engine, site=SITE, until=datetime.now(UTC))
        with some_broker(folder) as broker:
            tell(f"broker: {broker.name}, port {broker.port}")
            with (
                station.running(broker.port, broker.protocol) as board,
                _boxes(broker.port, broker.protocol, folder),
            ):
                yield board


@contextmanager
def _boxes(port: int, protocol: str, folder: Path) -> Iterator[None]:
    state = folder / "boxes"
    state.mkdir(mode=0o700)
    process = subprocess.Popen(  # noqa: S603  our own interpreter and module
        [sys.executable, "-m", "painwatch.ward.boxes", str(port), protocol, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is ours: we end it in order, so that it can say goodbye to the broker.
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101  we asked for pipes
    assert process.stdout is not None  # noqa: S101  likewise
    try:
        if not process.stdout.readline():
            raise InternalError("the simulated boxes did not start; their last words are above")
        yield
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
