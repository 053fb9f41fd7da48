"""Real worker processes: fixtures that start them and hear them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import edge
from edge.config import EdgeConfig
from edge.worker.handle import WorkerHandle
from edge.worker.messages import Message, decode
from tests.edge.score.conftest import Recipe, make_bundle

RESIDENT_CLIP = Path(edge.__file__).parent / "demo" / "resident.mp4"

SOON_S = 60.0
"""Longest wait for a worker; a busy machine takes seconds to load the libraries."""


class Worker(WorkerHandle):
    """A handle that a test listens through."""

    def hear(self) -> Message | None:
        """Next message, None once the worker is gone."""
        assert self.connection.poll(SOON_S), "the worker has said nothing for too long"
        try:
            return decode(self.connection.recv_bytes())
        except EOFError:
            return None

    def hear_until(self, wanted: Callable[[Message], bool]) -> list[Message]:
        """Messages up to and with the first one that is wanted."""
        heard: list[Message] = []
        while (message := self.hear()) is not None:
            heard.append(message)
            if wanted(message):
                return heard
        raise AssertionError(f"the worker is gone, code {self.exitcode}; it said {heard}")

    def hear_out(self) -> list[Message]:
        """Everything up to its end."""
        heard: list[Message] = []
        while (message := self.hear()) is not None:
            heard.append(message)
        self.stop(SOON_S)
        return heard


StartWorker = Callable[..., Worker]


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real bundle that gives every face level 3."""
    directory = tmp_path_factory.mktemp("bundle") / "bundle"
    make_bundle(directory, Recipe())
    return directory


@pytest.fixture
def start_worker(landmarker_path: Path, small_bundle: Path) -> Iterator[StartWorker]:
    """Start a worker on a source; it is ended with the test."""
    workers: list[Worker] = []

    def start(
        uri: object,
        *,
        fast: bool = False,
        bundle: Path | None = small_bundle,
        scoring: Mapping[str, object] | None = None,
        **camera: Any,
    ) -> Worker:
        config = EdgeConfig.model_validate(
            {
                "site": "test",
                "mqtt": {"host": "localhost", "password": "br0ker-pw"},
                "rooms": [{"id": "room-1", "camera": {"uri": str(uri), **camera}}],
                "tracking": {"landmarker": landmarker_path},
                "scoring": {"bundle": bundle, **(scoring or {})},
            }
        )
        worker = Worker(room=config.rooms[0], config=config, fast=fast)
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        worker.stop(0)
        worker.close()
