"""The daemon's main loop: one process, all rooms."""

from __future__ import annotations

import logging
import queue
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from types import FrameType
from typing import Final

from edge.config import EdgeConfig, RoomConfig
from edge.gateway.room import RoomGateway
from edge.gateway.state import room_file
from edge.gateway.supervisor import START_LIMIT_S, Supervisor
from edge.mqtt import RoomLink
from edge.mqtt.backlog import Backlog
from edge.worker.handle import WorkerHandle
from pain.broker.wakeup import Wakeup
from pain.clock import Clock, SystemClock
from pain.errors import BrokerError
from pain.topics import Topics

_log = logging.getLogger(__name__)

TICK_S: Final = 0.2
"""Longest wait for a message; delays and stalls are decided this finely."""

FAILED_EXIT_CODE: Final = 2


@dataclass(frozen=True, slots=True)
class _Command:
    room: str
    name: str
    payload: bytes
    retained: bool


class _Watched:
    """One room with its worker and its link."""

    def __init__(self, *, gateway: RoomGateway, supervisor: Supervisor, link: RoomLink) -> None:
        self.gateway = gateway
        self.supervisor = supervisor
        self.link = link

    def step(self) -> None:
        messages, lost = self.supervisor.receive()
        for message in messages:
            self.gateway.handle(message)
        if self.gateway.finished:
            self.supervisor.stop()
            return
        lost = lost or self.supervisor.check()
        if lost:
            self.gateway.worker_lost(lost)


def run(config: EdgeConfig, *, fast: bool, wait_for_broker: bool) -> int:
    """Watch all rooms until stopped, or until every room's video has ended.

    Args:
        config: the whole configuration.
        fast: read video files as fast as they decode.
        wait_for_broker: keep going when the broker is absent at start.

    Returns:
        Exit code: 0 after a clean stop, 2 when a room's source or model could not be used.

    Raises:
        BrokerError: the broker did not accept us within mqtt.connect_timeout_s.
    """
    gateway = Gateway(config, fast=fast, clock=SystemClock())
    with _stopped_by_signals(gateway):
        return gateway.run(wait_for_broker=wait_for_broker)


@contextmanager
def _stopped_by_signals(gateway: Gateway) -> Iterator[None]:
    """SIGTERM and Ctrl-C end the main loop, which then says goodbye to the broker."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        gateway.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Gateway:
    """All rooms of one box."""

    def __init__(self, config: EdgeConfig, *, fast: bool, clock: Clock) -> None:
        self._config = config
        self._fast = fast
        self._clock = clock
        self._wakeup = Wakeup()
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._stopping = False

    def stop(self) -> None:
        """End the main loop soon; safe from signal handlers and other threads."""
        self._stopping = True
        self._wakeup.set()

    def run(self, *, wait_for_broker: bool) -> int:
        """Run until stopped; see ``run``."""
        with ExitStack() as cleanup:
            self._wakeup.open()
            cleanup.callback(self._wakeup.close)
            links = {room.id: self._link(room) for room in self._config.rooms}
            for link in links.values():
                link.start()
                cleanup.callback(link.stop)
            if not wait_for_broker:
                self._require_broker(links)
            rooms = [self._watch(room, links[room.id]) for room in self._config.rooms]
            for room in rooms:
                room.supervisor.start()
                cleanup.callback(room.supervisor.stop)
            self._loop({room.gateway.room.id: room for room in rooms})
            for room in rooms:
                room.gateway.finish()
        return FAILED_EXIT_CODE if any(room.gateway.fault for room in rooms) else 0

    def _loop(self, rooms: dict[str, _Watched]) -> None:
        while not self._stopping and not all(room.gateway.finished for room in rooms.values()):
            pipes = [
                pipe for room in rooms.values() if (pipe := room.supervisor.connection) is not None
            ]
            if self._wakeup.fileno() in wait([*pipes, self._wakeup.fileno()], timeout=TICK_S):
                self._wakeup.clear()
            for room in rooms.values():
                room.step()
                room.gateway.tick()
            self._take_commands(rooms)

    def _take_commands(self, rooms: dict[str, _Watched]) -> None:
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            rooms[command.room].gateway.command(
                command.name, command.payload, retained=command.retained
            )

    def _link(self, room: RoomConfig) -> RoomLink:
        def enqueue(name: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001
            self._commands.put(_Command(room.id, name, payload, retained))
            self._wakeup.set()

        topics = Topics(site=self._config.site, room=room.id)
        return RoomLink(
            mqtt=self._config.mqtt,
            topics=topics,
            backlog=Backlog(room_file(self._config.storage, topics), clock=self._clock),
            room_name=room.display_name,
            on_command=enqueue,
            on_connected=self._wakeup.set,
        )

    def _watch(self, room: RoomConfig, link: RoomLink) -> _Watched:
        return _Watched(
            gateway=RoomGateway(
                room=room,
                config=self._config,
                publisher=link,
                clock=self._clock,
                fast=self._fast,
                saved=link.saved_state,
            ),
            supervisor=Supervisor(
                name=room.id,
                make=partial(WorkerHandle, room=room, config=self._config, fast=self._fast),
                clock=self._clock,
                start_limit_s=self._config.scoring.start_limit_s(START_LIMIT_S),
            ),
            link=link,
        )

    def _require_broker(self, links: dict[str, RoomLink]) -> None:
        timeout_s = self._config.mqtt.connect_timeout_s
        for link in links.values():
            if not link.wait_connected(timeout_s):
                raise BrokerError(
                    f"{link.failure or 'no answer from the broker'} "
                    "(waited mqtt.connect_timeout_s = "
                    f"{timeout_s:g} s; with --wait-for-broker the daemon starts all the same)"
                )
