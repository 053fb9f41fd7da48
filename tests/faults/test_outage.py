"""A long outage of the broker: everything is told once and in order, memory stays bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.brokers import MosquittoBroker, Recorder
from tests.edge.mqtt.samples import TOPICS

ROOT = Path(__file__).parents[2]
EVENTS = 10_000
GROWTH_BYTES = 4_000_000
"""Eight thousand events and their objects would take more than twice this."""


@pytest.mark.slow
def test_ten_thousand_events_wait_on_disk_and_are_told_once_in_order(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    file = tmp_path / "state" / "room.sqlite3"
    with MosquittoBroker(tmp_path / "broker") as broker, Recorder(broker.port) as recorder:
        broker.stop()  # it remembers its subscriber
        room = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.outage"),
                *(str(broker.port), str(file), str(EVENTS)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        with ending(room):
            assert room.stdout is not None
            few_bytes, many_bytes, pending = map(int, room.stdout.readline().split())
            record_property("rss_bytes", f"{few_bytes} with a fifth, {many_bytes} with all")
            assert pending == EVENTS
            assert many_bytes - few_bytes < GROWTH_BYTES
            broker.start()
            assert room.wait() == 0
        recorder.publish("mark", "all told")
        recorder.wait_for_text("mark", "all told")
        told = [int(json.loads(heard.payload)["command"]) for heard in recorder.on(TOPICS.event)]
    assert told == list(range(EVENTS))


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    """However it ends, the process does too."""
    with process:
        try:
            yield
        finally:
            process.kill()
