"""Everything behind the board: hears, judges, keeps, and gives commands."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pain.clock import Clock, Moment
from pain.notify import Notifier
from pain.wire import AlarmEventPayload, CommandEventPayload, ReadingPayload
from station.config.root import StationConfig
from station.escalate.escalator import Escalator
from station.hear.archive_link import ArchiveLink
from station.hear.live_link import LiveLink
from station.hear.refusals import Refusals
from station.live.bands import Bands
from station.live.messages import Cleared, Heard, Refusal, Refused
from station.live.minutes import Minutes
from station.live.rooms import Changes, Rooms, Rules
from station.live.values import RoomKey, RoomSnapshot
from station.orders.desk import OrderDesk
from station.ports import Station, Told, Trouble
from station.store.archive import SqlArchive
from station.store.retention import forget_old
from station.store.writer import Writer

_log = logging.getLogger(__name__)

TICK_S: Final = 0.5
"""Time passes for the rooms this often."""

KEEP_EVERY_S: Final = 10.0
"""Minutes and refusals are written this often; a station that is killed loses no more of them."""

FORGET_EVERY_S: Final = 3600.0

STALLED_S: Final = 10.0
"""Where time has stood still for the rooms this long, the board is not to be relied upon."""

GRACE_S: Final = 5.0
"""A connection that fetches no events for this long is told of; a new one takes a moment."""

OnChange = Callable[[RoomKey | None], None]


class StationApp:
    """The station; implements ``station.ports.Station``. Started once, stopped once.

    Args:
        config: the settings.
        engine: the database; the caller disposes of it after ``stop``.
        clock: source of the present moment.
    """

    def __init__(self, config: StationConfig, engine: Engine, *, clock: Clock) -> None:
        self._config = config
        self._engine = engine
        self._clock = clock
        self._archive = SqlArchive(engine)
        self._refusals = Refusals()
        self._writer = Writer(engine, now=lambda: clock.now().wall)
        self._archive_link = ArchiveLink(
            config, sink=self._writer, refusals=self._refusals, heard=self.on_event
        )
        self._live_link = LiveLink(
            config,
            clock=clock,
            listener=self,
            refusals=self._refusals,
            listening=self._listening,
        )
        self._desk = OrderDesk(
            send=self._live_link.send, clock=clock, timeout_s=config.mqtt.command_timeout_s
        )
        self._rooms = Rooms(
            expected={RoomKey(site=config.site, room=room.id): room.name for room in config.rooms},
            rules=Rules(
                bands=Bands(moderate=config.board.moderate_from, severe=config.board.severe_from),
                silent_after_s=config.board.silent_after_s,
                stopped_silent_after_s=config.board.stopped_silent_after_s,
            ),
            now=clock.now(),
            stopped_until={
                RoomKey(site=config.site, room=room.id): room.stopped_until
                for room in config.rooms
                if room.stopped_until is not None
            },
        )
        self._minutes = Minutes()
        self._escalator = Escalator(config, engine, clock=clock)
        self._notifier = Notifier()
        self._listeners: list[OnChange] = []
        self._inbox: deque[Callable[[], Changes]] = deque()
        self._woken = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._housekeeping: asyncio.Task[None] | None = None
        self._forgetting: asyncio.Task[None] | None = None
        self._ending = threading.Event()
        self._fetching_s = float("-inf")
        self._ticked_s = float("-inf")
        self._done_s: dict[str, float] = {}
        self._troubles: frozenset[Trouble] = frozenset({Trouble.BROKER_LOST})

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us, as far as the rooms that are shown know."""
        return self._rooms.connected

    @property
    def failure(self) -> str | None:
        """Why there is no connection and what to do; None while connected."""
        return self._live_link.failure

    @property
    def fetching(self) -> bool:
        """Whether events are being fetched for the archive."""
        return self._archive_link.connected

    @property
    def refused(self) -> int:
        """Messages that were refused since the start."""
        return self._refusals.total

    @property
    def troubles(self) -> frozenset[Trouble]:
        """What keeps the station from doing its work; empty when all is well."""
        return self._troubles

    @property
    def orders(self) -> OrderDesk:
        """Commands."""
        return self._desk

    @property
    def archive(self) -> SqlArchive:
        """What was stored."""
        return self._archive

    @property
    def engine(self) -> Engine:
        """The database, for tables of the board's own."""
        return self._engine

    def rooms(self) -> Sequence[RoomSnapshot]:
        """All rooms, those that need somebody most first."""
        return self._rooms.snapshots()

    def room(self, key: RoomKey) -> RoomSnapshot | None:
        """One room."""
        return self._rooms.snapshot(key)

    def told(self, key: RoomKey) -> Sequence[Told]:
        """Who was told of what is not acknowledged in a room, in order."""
        return self._escalator.told(key)

    def on_change(self, heard: OnChange) -> Callable[[], None]:
        """Be told of a room that changed, or of all (None); returns what ends it."""
        self._listeners.append(heard)

        def end() -> None:
            with suppress(ValueError):
                self._listeners.remove(heard)

        return end

    async def start(self) -> None:
        """Begin to hear, in the background and for ever.

        Raises:
            ConfigError: the broker's password or a certificate cannot be used.
        """
        self._loop = asyncio.get_running_loop()
        self._fetching_s = self._clock.now().monotonic_s
        self._writer.start()
        try:
            await self._escalator.start()
            self._archive_link.start()
            self._live_link.start()
        except BaseException:
            await self._escalator.stop()
            self._archive_link.stop()
            self._writer.stop()
            raise
        self._housekeeping = asyncio.create_task(self._keep_house(), name="station-housekeeping")

    async def stop(self) -> None:
        """Disconnect, write what waits, and end."""
        if self._housekeeping is None:
            return
        self._notifier.stopping()
        self._housekeeping.cancel()
        with suppress(asyncio.CancelledError):
            await self._housekeeping
        self._ending.set()
        if self._forgetting is not None:
            # Its connection must be back before the engine is disposed of.
            await asyncio.wait([self._forgetting])
        await self._escalator.stop()
        await asyncio.to_thread(self._live_link.stop)
        await asyncio.to_thread(self._archive_link.stop)
        self._drain()
        self._keep()
        await asyncio.to_thread(self._writer.stop)

    def on_message(self, message: Heard | Refused, now: Moment) -> None:
        """Take a message from the connection's thread."""
        self._post(partial(self._hear, message, now))

    def on_event(self, key: RoomKey, event: AlarmEventPayload) -> None:
        """Take an event from the archive's thread; missed ones come there, and nowhere else."""
        self._post(partial(self._fetched, key, event))

    def on_link(self, now: Moment, *, connected: bool) -> None:
        """Take note, from the connection's thread, that it came or went."""
        self._post(partial(self._rooms.link, now, connected=connected))

    def _post(self, work: Callable[[], Changes]) -> None:
        if self._loop is None:
            return
        self._inbox.append(work)
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        # Before the first look: what comes later finds it so and wakes the loop again.
        self._woken = False
        before = self._rooms.connected
        changed: set[RoomKey] = set()
        for _ in range(len(self._inbox)):
            changed |= self._keep_changes(self._inbox.popleft()())
        if self._rooms.connected != before:
            self._judge()
            self._tell(None)
            return
        for key in changed:
            self._tell(key)

    def _hear(self, message: Heard | Refused, now: Moment) -> Changes:
        changes = self._rooms.hear(message, now)
        if isinstance(message, Refused):
            return changes
        if isinstance(message.body, Cleared):
            return changes
        if self._rooms.snapshot(message.key) is None:
            self._refusals.add(Refused(why=Refusal.TOO_MANY_ROOMS))
        elif isinstance(message.body, CommandEventPayload):
            self._desk.answered(message.key, message.body)
        elif isinstance(message.body, ReadingPayload):
            self._minutes.hear(message.key, message.body, now)
        return changes

    def _fetched(self, key: RoomKey, event: AlarmEventPayload) -> Changes:
        self._escalator.hear(key, event)
        return Changes()

    def _keep_changes(self, changes: Changes) -> frozenset[RoomKey]:
        for key, since in changes.silent:
            _log.warning("%s/%s is silent", key.site, key.room)
            self._writer.silent(key, since)
        for key in changes.speaking:
            self._writer.speaking(key, self._clock.now().wall)
        return changes.rooms

    def _tell(self, key: RoomKey | None) -> None:
        for heard in tuple(self._listeners):
            try:
                heard(key)
            except Exception:  # noqa: BLE001  the reason follows
                # One page that fails must not blind the others.
                _log.exception("a listener failed")

    async def _keep_house(self) -> None:
        while True:
            try:
                await self._tidy(self._clock.now())
            except Exception:  # noqa: BLE001  the reason follows
                # Silence would be found by nobody then. Whoever relies on the heartbeat or on
                # systemd's watchdog is told by their absence.
                _log.exception("the station's housekeeping failed")
            await asyncio.sleep(TICK_S)

    async def _tidy(self, now: Moment) -> None:
        for key in self._keep_changes(self._rooms.tick(now)):
            self._tell(key)
        self._escalator.tick(
            self._rooms.snapshots(),
            self._troubles - {Trouble.ESCALATION_FAILS},
            connected=self._rooms.connected,
        )
        if self._judge():
            self._tell(None)
        if self._due(now, "keep", KEEP_EVERY_S):
            self._keep()
        if self._due(now, "alive", self._config.mqtt.heartbeat_s):
            self._writer.alive()
        idle = self._forgetting is None or self._forgetting.done()
        if idle and self._due(now, "forget", FORGET_EVERY_S):
            # Not waited for: rooms are judged while a large past is deleted.
            self._forgetting = asyncio.create_task(asyncio.to_thread(self._forget))
        self._ticked_s = now.monotonic_s
        self._notifier.tell(ready=True, alive=True, status=self._words(), now_s=now.monotonic_s)

    def _due(self, now: Moment, chore: str, every_s: float) -> bool:
        due = now.monotonic_s - self._done_s.get(chore, float("-inf")) >= every_s
        if due:
            self._done_s[chore] = now.monotonic_s
        return due

    def _keep(self) -> None:
        self._writer.minutes(self._minutes.take())
        self._writer.refused(self._refusals.take())

    def _forget(self) -> None:
        try:
            gone = forget_old(
                self._engine,
                self._config.storage.retention,
                now=self._clock.now().wall,
                ending=self._ending,
            )
        except SQLAlchemyError as error:
            _log.warning("old records could not be deleted: %s", type(error).__name__)
            return
        if gone:
            _log.info("%d records were older than the settings keep them", gone)

    def _listening(self) -> bool:
        """Whether the rooms may rely on us; asked on the connection's thread.

        That thread would go on beating over an event loop that hangs, with old tiles on the board.
        """
        moving = self._clock.now().monotonic_s - self._ticked_s < STALLED_S
        return moving and self._archive_link.connected and self._writer.trouble is None

    def _words(self) -> str:
        """One line for systemd's status."""
        shown = self._rooms.snapshots()
        silent = sum(room.silent_since is not None for room in shown)
        troubles = ", ".join(sorted(self._troubles)) or "no trouble"
        return f"{len(shown)} rooms, {silent} silent; {troubles}"

    def _judge(self) -> bool:
        """Find out what is wrong; says whether that changed."""
        now_s = self._clock.now().monotonic_s
        if self._archive_link.connected or not self._rooms.connected:
            self._fetching_s = now_s
        found = {
            Trouble.BROKER_LOST: not self._rooms.connected,
            Trouble.STORAGE_FAILS: self._writer.trouble is not None,
            Trouble.EVENTS_NOT_HEARD: now_s - self._fetching_s > GRACE_S,
            Trouble.ESCALATION_FAILS: bool(self._escalator.failing) or self._escalator.broken,
        }
        troubles = frozenset(trouble for trouble, here in found.items() if here)
        changed, self._troubles = troubles != self._troubles, troubles
        return changed


if TYPE_CHECKING:
    _KEEPS_ITS_WORD: type[Station] = StationApp
