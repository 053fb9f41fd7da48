"""The real daemon in a process of its own, with a real socket of the service manager."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import psutil

from edge.config import EdgeConfig
from pain.topics import Topics
from pain.wire import COMMANDS, EVENTS, CommandEventPayload
from tests.brokers import Recorder

PATIENCE_S = 60.0
"""How long to wait for what must come; a busy machine loads the models in many seconds."""


class ServiceManager:
    """The receiving end of sd_notify: a datagram socket, and what came through it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[str] = []
        self._changed = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._thread = threading.Thread(target=self._listen, name="service-manager")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"", str(self.path))
        self._thread.join()
        self._socket.close()

    def wait_for(self, what: Callable[[list[str]], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: what(self.said), PATIENCE_S), self.said

    def _listen(self) -> None:
        while message := self._socket.recv(4096):
            with self._changed:
                self.said.append(message.decode())
                self._changed.notify_all()


class Daemon:
    """``painwatch edge run -c FILE``.

    Args:
        file: where its config is kept.
        config: its first content.
        environment: more variables.
    """

    def __init__(self, file: Path, config: EdgeConfig, **environment: str) -> None:
        self.file = file
        self.content: dict[str, Any] = json.loads(config.model_dump_json(exclude_none=True))
        self.write()
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "painwatch", "edge", "run", "-c", str(self.file)],
            env=self._environment,
        )
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers().values():
            worker.resume()
        self.signal(signal.SIGTERM)
        assert self.wait() == 0

    def write(self) -> None:
        """Write the config file whole, as an editor does."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps(self.content, indent=1))
        draft.replace(self.file)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(PATIENCE_S)

    @property
    def ended(self) -> bool:
        assert self._process is not None
        return self._process.poll() is not None

    def workers(self) -> dict[str, psutil.Process]:
        """The vision workers by the id of their room."""
        assert self._process is not None
        if self.ended:
            return {}
        found: dict[str, psutil.Process] = {}
        for child in psutil.Process(self._process.pid).children():
            rooms = [part for part in child.cmdline() if part.startswith("--room=")]
            if rooms:
                found[rooms[0].removeprefix("--room=")] = child
        return found


def order_reload(recorder: Recorder, topics: Topics) -> CommandEventPayload:
    """Give the command and wait for its answer."""
    return ask(recorder, topics, "reload", person="it-3", reason="the camera was moved")


def ask(
    recorder: Recorder, topics: Topics, name: str, *, person: str = "nurse-7", **more: str
) -> CommandEventPayload:
    """Give a command and wait for its answer."""
    now = datetime.now(UTC)
    command = COMMANDS[name].model_validate(
        {
            "id": uuid4(),
            "person": person,
            "issued_at": now,
            "expires_at": now + timedelta(minutes=1),
            **more,
        }
    )
    recorder.publish(topics.command(name), command.model_dump_json())
    return answer_to(recorder, topics, command.id)


def answer_to(recorder: Recorder, topics: Topics, command: UUID) -> CommandEventPayload:
    (answer,) = recorder.wait_for(
        lambda messages: [
            event
            for heard in messages
            if heard.topic == topics.event
            and isinstance(event := EVENTS.validate_json(heard.payload), CommandEventPayload)
            and event.command_id == command
        ]
    )
    return answer
