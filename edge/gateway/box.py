"""All rooms of one box, with their workers and links; they come, change and go while it runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from edge.config import EdgeConfig, RoomConfig
from edge.gateway import kernel_clock
from edge.gateway.changes import Changes
from edge.gateway.handover import Handover
from edge.gateway.ledger import Ledger
from edge.gateway.pulse import Pulse, status_line
from edge.gateway.room import RoomGateway
from edge.gateway.state import record_folder, resident_file, room_file
from edge.gateway.supervisor import START_LIMIT_S, Supervisor
from edge.health.values import RoomSample
from edge.identity.desk import ResidentDesk
from edge.identity.vault import Vault
from edge.mqtt import RoomLink
from edge.mqtt.backlog import Backlog
from edge.record.entry import Kind
from edge.record.journal import Journal, Notebook
from edge.record.publisher import RecordedLink
from edge.record.settings import describe
from edge.worker.handle import WorkerHandle
from edge.worker.messages import Failed, Hello
from pain.clock import Clock
from pain.errors import BrokerError
from pain.topics import Topics
from pain.wire import ReloadCommand

_log = logging.getLogger(__name__)

RECORD_CLOSE_S: Final = 3.0
"""Longest wait for the last lines of the record; a disk that hangs must not keep the daemon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCommand:
    """A command as it came from the broker."""

    room: str
    name: str
    payload: bytes
    retained: bool


class _Watched:
    """One room with its worker and its link."""

    def __init__(
        self,
        *,
        gateway: RoomGateway,
        supervisor: Supervisor,
        link: RoomLink,
        journal: Notebook,
        clock: Clock,
    ) -> None:
        self.gateway = gateway
        self.supervisor = supervisor
        self.link = link
        self.hello: Hello | None = None
        self._journal = journal
        self._clock = clock

    def step(self) -> None:
        before_s = self._clock.now().monotonic_s
        messages, lost = self.supervisor.receive()
        self.gateway.heard_up_to(before_s)
        for message in messages:
            if isinstance(message, Hello):
                self.hello = message
                self._note(Kind.MODEL, message.model_dump(mode="json", exclude={"kind"}))
            elif isinstance(message, Failed):
                self._note(Kind.FAULT, message.model_dump(mode="json", exclude={"kind"}))
            self.gateway.handle(message)
        if self.gateway.finished:
            self.supervisor.stop()
            return
        lost = lost or self.supervisor.check()
        if lost:
            self.hello = None
            self._note(Kind.WORKER_LOST, {"detail": lost})
            self.gateway.worker_lost(lost, next_start_s=self.supervisor.next_start_s)

    def _note(self, kind: Kind, body: Mapping[str, object]) -> None:
        self._journal.note(kind, body, room=self.gateway.room.id)


class Box:
    """Every room of a configuration. Not thread-safe but for what its links call.

    Args:
        config: the whole configuration.
        fast: read video files as fast as they decode.
        clock: the machine's time.
        on_command: takes each command, on a link's thread; must return at once.
        on_connected: called after each connection, on a link's thread.
        reload: reads the config file again for a command; raises CommandRefused.
        config_file: by which the daemon knows its own rooms; without one nothing is taken back of
            a room that goes.
    """

    def __init__(
        self,
        config: EdgeConfig,
        *,
        fast: bool,
        clock: Clock,
        on_command: Callable[[RoomCommand], None],
        on_connected: Callable[[], None],
        reload: Callable[[ReloadCommand], None],
        config_file: Path | None = None,
    ) -> None:
        self.config = config
        self._fast = fast
        self._clock = clock
        self._on_command = on_command
        self._on_connected = on_connected
        self._reload = reload
        self._journal = Journal(
            record_folder(config.storage, config.site),
            file_bytes=round(config.storage.record_file_mb * 1e6),
            keep_days=config.storage.record_keep_days,
            clock=clock,
        )
        self._ledger = None if config_file is None else Ledger(config_file)
        self._links: dict[str, RoomLink] = {}
        self._rooms: dict[str, _Watched] = {}

    @property
    def finished(self) -> bool:
        """Whether no room has anything left to watch."""
        return all(room.gateway.finished for room in self._rooms.values())

    @property
    def faulty(self) -> bool:
        """Whether a recording was unusable."""
        return any(room.gateway.fault for room in self._rooms.values())

    @property
    def pipes(self) -> list[Connection]:
        """What to wait on for the workers' messages."""
        found = (room.supervisor.connection for room in self._rooms.values())
        return [pipe for pipe in found if pipe is not None]

    @property
    def pulses(self) -> list[Pulse]:
        """How each room is."""
        return [room.gateway.pulse() for room in self._rooms.values()]

    def samples(self) -> list[RoomSample]:
        """How each room is, for those who ask from outside."""
        return [room.gateway.sample() for room in self._rooms.values()]

    def status_line(self, pulses: list[Pulse]) -> str:
        """One line for people."""
        failure = next((link.failure for link in self._links.values() if link.failure), None)
        return status_line(pulses, broker=failure)

    def connect(self) -> None:
        """Begin to connect to the broker, in the background.

        Raises:
            ConfigError: the password file or a certificate cannot be used.
        """
        self._journal.start()
        self._journal.note(Kind.STARTED, {"software": version("painwatch")})
        self._journal.note(Kind.CONFIGURED, describe(self.config, None))
        for room in self.config.rooms:
            self._connect(room, self._backlog(room))
        self._keep_ledger()

    def require_broker(self) -> None:
        """Wait until every room is connected.

        Raises:
            BrokerError: the broker did not accept us within mqtt.connect_timeout_s.
        """
        timeout_s = self.config.mqtt.connect_timeout_s
        for link in self._links.values():
            if not link.wait_connected(timeout_s):
                raise BrokerError(
                    f"{link.failure or 'no answer from the broker'} "
                    "(waited mqtt.connect_timeout_s = "
                    f"{timeout_s:g} s; with --wait-for-broker the daemon starts all the same)"
                )

    def watch(self) -> None:
        """Start a worker for each room."""
        for room in self.config.rooms:
            self._watch(room)

    def step(self) -> None:
        """Take what the workers have said, and let time pass."""
        for room in self._rooms.values():
            room.step()
            room.gateway.tick()

    def command(self, command: RoomCommand) -> None:
        """Carry out a command; one for a room that has gone meanwhile is dropped."""
        room = self._rooms.get(command.room)
        if room is not None:
            room.gateway.command(command.name, command.payload, retained=command.retained)

    def tell_config(self, error: str | None) -> None:
        """Say in every room's status whether the config file was taken."""
        for room in self._rooms.values():
            room.gateway.tell_config(error)

    def apply(self, config: EdgeConfig, changes: Changes) -> None:
        """Go over to another configuration; rooms that it does not touch notice nothing.

        Returns when rooms that go, and links that are made anew, have said goodbye: at most
        ``FAREWELL_S``. What workers say meanwhile waits in their pipes.
        """
        self._journal.note(Kind.CONFIGURED, describe(config, self.config))
        self.config = config
        before = {name: self._rooms[name].gateway.hand_over() for name in changes.changed}
        relinked = [name for name, change in changes.changed.items() if change.link]
        self._part(changes.removed, relinked)
        for room in config.rooms:
            if room.id in changes.added:
                self._connect(room, self._backlog(room))
                self._watch(room)
            elif room.id in changes.changed:
                if room.id in relinked:
                    self._connect(room, self._links[room.id].backlog)
                self._change(room, before[room.id], worker=changes.changed[room.id].worker)
        self._keep_ledger()

    def _keep_ledger(self) -> None:
        if self._ledger is not None:
            self._ledger.keep(self.config)

    def _part(self, removed: Iterable[str], relinked: Iterable[str]) -> None:
        gone = [self._rooms.pop(name) for name in removed]
        for room in gone:
            room.gateway.finish()
            del self._links[room.gateway.room.id]
        _all_at_once(
            [
                *(room.link.stop for room in gone),
                *(room.supervisor.stop for room in gone),
                *(partial(self._links[name].stop, keep_backlog=True) for name in relinked),
            ]
        )

    def finish(self) -> None:
        """Say a last time how each room stands."""
        for room in self._rooms.values():
            room.gateway.finish()

    def leave(self) -> None:
        """Say goodbye to the broker and end every worker, all at once: none waits for another.

        A worker that hangs takes its time to end; the goodbye is long out by then.
        """
        _all_at_once(
            [
                *(link.stop for link in self._links.values()),
                *(room.supervisor.stop for room in self._rooms.values()),
            ]
        )
        if self._ledger is not None:
            self._ledger.stop()
        self._journal.note(Kind.STOPPED, {})
        self._journal.close(RECORD_CLOSE_S)

    def _topics(self, room: RoomConfig) -> Topics:
        return Topics(site=self.config.site, room=room.id)

    def _backlog(self, room: RoomConfig) -> Backlog:
        return Backlog(room_file(self.config.storage, self._topics(room)), clock=self._clock)

    def _connect(self, room: RoomConfig, backlog: Backlog) -> None:
        def take(name: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001
            self._on_command(
                RoomCommand(room=room.id, name=name, payload=payload, retained=retained)
            )

        link = RoomLink(
            mqtt=self.config.mqtt,
            topics=self._topics(room),
            backlog=backlog,
            room_name=room.display_name,
            on_command=take,
            on_connected=self._on_connected,
        )
        link.start()
        self._links[room.id] = link

    def _watch(self, room: RoomConfig) -> None:
        link = self._links[room.id]
        supervisor = Supervisor(
            name=room.id,
            make=self._worker(room),
            clock=self._clock,
            start_limit_s=self._start_limit_s,
        )
        gateway = self._gateway(room, link, link.saved_state)
        self._rooms[room.id] = _Watched(
            gateway=gateway,
            supervisor=supervisor,
            link=link,
            journal=self._journal,
            clock=self._clock,
        )
        supervisor.start()

    def _change(self, room: RoomConfig, before: Handover, *, worker: bool) -> None:
        watched = self._rooms[room.id]
        watched.link = self._links[room.id]
        watched.gateway = self._gateway(room, watched.link, before.state)
        watched.gateway.take_over(before)
        if worker:
            _log.info("%s: its settings changed; the vision worker is replaced", room.id)
            watched.hello = None
            watched.supervisor.replace(self._worker(room), start_limit_s=self._start_limit_s)
        elif watched.hello is not None:
            watched.gateway.handle(watched.hello)

    def _gateway(self, room: RoomConfig, link: RoomLink, saved: bytes | None) -> RoomGateway:
        return RoomGateway(
            room=room,
            config=self.config,
            publisher=RecordedLink(link, self._journal, room=room.id),
            clock=self._clock,
            fast=self._fast,
            saved=saved,
            reload=self._reload,
            resident=ResidentDesk(
                room.identity,
                vault=Vault(resident_file(self.config.storage, self._topics(room))),
                note=partial(self._journal.note, Kind.IDENTITY, room=room.id),
            ),
            note_baseline=partial(self._journal.note, Kind.BASELINE, room=room.id),
            synchronised=kernel_clock.synchronised,
            asleep_s=kernel_clock.asleep_s,
        )

    def _worker(self, room: RoomConfig) -> Callable[[], WorkerHandle]:
        return partial(WorkerHandle, room=room, config=self.config, fast=self._fast)

    @property
    def _start_limit_s(self) -> float:
        return self.config.scoring.start_limit_s(START_LIMIT_S)


def _all_at_once(jobs: Iterable[Callable[[], object]]) -> None:
    """Do them in threads of their own; returns when all are done."""
    threads = [threading.Thread(target=job, name="goodbye") for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
