"""A real broker, and the real gateway with real workers on the bundled clip."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

import edge
from edge.config import EdgeConfig
from edge.gateway.run import Gateway
from pain.clock import SystemClock
from pain.topics import Topics
from tests.brokers import MosquittoBroker, Recorder

RESIDENT_CLIP = Path(edge.__file__).parent / "demo" / "resident.mp4"
TOPICS = Topics(site="home", room="room-1")

MakeConfig = Callable[..., EdgeConfig]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def recorder(broker: MosquittoBroker) -> Iterator[Recorder]:
    with Recorder(broker.port) as listening:
        yield listening


def config_maker(broker: MosquittoBroker, landmarker: Path) -> MakeConfig:
    """Configuration of one room on the bundled clip; keywords replace whole sections."""

    def make(*, camera: dict[str, Any] | None = None, **sections: Any) -> EdgeConfig:
        room = {"id": TOPICS.room, "camera": camera or {"uri": str(RESIDENT_CLIP)}}
        document = {
            "site": TOPICS.site,
            "mqtt": broker.config(homeassistant_prefix=None).model_dump(),
            "rooms": [room],
            "tracking": {"landmarker": str(landmarker)},
            "storage": {"folder": str(broker.folder / "state")},
            **sections,
        }
        return EdgeConfig.model_validate(document)

    return make


@pytest.fixture
def make_config(broker: MosquittoBroker, landmarker_path: Path) -> MakeConfig:
    return config_maker(broker, landmarker_path)


class RunningGateway:
    """A gateway in a thread of its own, as long as a test needs it."""

    def __init__(self, config: EdgeConfig, *, fast: bool = False) -> None:
        self.gateway = Gateway(config, fast=fast, clock=SystemClock())
        self.exit_code: int | None = None
        self._thread = threading.Thread(target=self._run, name="gateway")

    def _run(self) -> None:
        self.exit_code = self.gateway.run(wait_for_broker=False)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.stop()
        self._thread.join()
