"""A broker for each test, and links that are stopped when it ends."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.config import MqttConfig
from edge.mqtt import RoomLink
from pain.topics import Topics
from tests.brokers import MosquittoBroker, Recorder
from tests.edge.mqtt.samples import TOPICS

MakeLink = Callable[..., RoomLink]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def recorder(broker: MosquittoBroker) -> Iterator[Recorder]:
    with Recorder(broker.port) as listening:
        yield listening


@pytest.fixture
def commands() -> queue.Queue[tuple[str, bytes, bool]]:
    """Commands that any link of this test has handed on."""
    return queue.Queue()


@pytest.fixture
def make_link(commands: queue.Queue[tuple[str, bytes, bool]]) -> Iterator[MakeLink]:
    links: list[RoomLink] = []

    def make(mqtt: MqttConfig, *, topics: Topics = TOPICS, **callbacks: Any) -> RoomLink:
        def on_command(name: str, payload: bytes, retained: bool) -> None:
            commands.put((name, payload, retained))

        link = RoomLink(
            mqtt=mqtt,
            topics=topics,
            room_name="Room 12",
            **{"on_command": on_command, "on_connected": lambda: None, **callbacks},
        )
        link.start()
        links.append(link)
        return link

    yield make
    for link in links:
        link.stop()
