"""Escalates: looks, decides, keeps, and delivers until somebody has acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pain.alarms import Trigger
from pain.clock import Clock, Moment
from pain.errors import DeliveryError
from pain.wire import AlarmEventPayload, EscalationKind
from station.config.root import StationConfig
from station.escalate.casebook import Casebook, Decision
from station.escalate.couriers import Couriers
from station.escalate.letter import letter
from station.escalate.log import AuditLine, EscalationLog
from station.escalate.sights import judgeable, sights_of
from station.escalate.values import Case, Matter, Notice, Sight
from station.live.values import RoomKey, RoomSnapshot
from station.ports import Told
from station.words import Language, words_of

_log = logging.getLogger(__name__)

FIRST_RETRY_S: Final = 5.0
LONGEST_RETRY_S: Final = 120.0
ALL_CLEAR_TRIES: Final = 12
"""An all-clear that nobody takes for about 20 minutes is old news."""


class Escalator:
    """Used on the event loop's thread. Disk and network are waited for elsewhere.

    Args:
        config: the station.
        engine: the database.
        clock: source of the present moment.
    """

    def __init__(self, config: StationConfig, engine: Engine, *, clock: Clock) -> None:
        self._config = config
        self._settings = config.escalation
        self._clock = clock
        self._words = words_of(Language(config.board.language))
        self._log = EscalationLog(engine)
        self._couriers = Couriers(config)
        self._recipients = {one.id: one for one in self._settings.recipients}
        self._book: Casebook | None = None
        self._cases: dict[UUID, Case] = {}
        self._troubles_since: dict[str, Moment] = {}
        self._sending: dict[UUID, asyncio.Task[None]] = {}
        self._notices: dict[UUID, Notice] = {}
        self._unsaved: tuple[dict[UUID, Case], dict[UUID, Notice], list[AuditLine]] = ({}, {}, [])
        self._saving: asyncio.Task[None] | None = None
        self._failing: set[str] = set()
        self._told: list[tuple[UUID, Told]] = []
        self._broken = False
        self._written = True

    @property
    def failing(self) -> frozenset[str]:
        """Ids of recipients whose last message could not be delivered."""
        return frozenset(self._failing)

    @property
    def broken(self) -> bool:
        """Whether escalation itself failed at the last look."""
        return self._broken

    def told(self, key: RoomKey) -> tuple[Told, ...]:
        """Who was told of what is not acknowledged in a room, in order."""
        if not self._told:
            return ()
        open_ = {
            case.id
            for case in self._cases.values()
            if case.matter.key == key and case.ended_at is None
        }
        return tuple(told for case_id, told in self._told if case_id in open_)

    async def start(self) -> None:
        """Take up what the run before left.

        Raises:
            ConfigError: the broker's password or a certificate cannot be used.
        """
        if not self._settings.steps:
            return
        try:
            cases, notices = await asyncio.to_thread(self._log.load)
            knew = await asyncio.to_thread(self._log.acknowledged, cases)
        except SQLAlchemyError as error:
            _log.warning("open escalations could not be read: %s", type(error).__name__)
            cases, notices, knew = [], [], []
        self._cases = {case.id: case for case in cases}
        self._book = Casebook(
            self._settings.steps,
            cases=[case for case in cases if case.ended_at is None],
            notices=notices,
        )
        for matter, at in knew:
            self._book.acknowledged(matter, at)
        await asyncio.to_thread(self._couriers.start)
        for notice in notices:
            self._remember(notice)
            if notice.waiting:
                self._send(notice)

    async def stop(self) -> None:
        """End attempts, and write what became of them; the next run goes on."""
        tasks = list(self._sending.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._saving is not None:
            await self._saving
        await self._save()
        await asyncio.to_thread(self._couriers.stop)

    def hear(self, key: RoomKey, event: AlarmEventPayload) -> None:
        """Take an alarm's event in, also one from a time in which the station did not run."""
        if self._book is not None and event.trigger is Trigger.ACKNOWLEDGED:
            matter = Matter(key=key, subject=event.condition.value)
            self._book.acknowledged(matter, event.decided_at)

    def tick(
        self, rooms: Sequence[RoomSnapshot], troubles: Collection[str], *, connected: bool
    ) -> None:
        """Look at the rooms; never raises, for hearing them comes first.

        Args:
            rooms: what is known now.
            troubles: short names of the station's own.
            connected: whether rooms can be heard at all.
        """
        if self._book is None:
            return
        try:
            self._look(self._book, rooms, troubles, connected=connected)
            self._broken = False
        except Exception:  # noqa: BLE001  the reason follows
            # The board still shows every alarm, and says that nobody else is told.
            if not self._broken:
                _log.exception("escalation failed")
            self._broken = True

    def _look(
        self,
        book: Casebook,
        rooms: Sequence[RoomSnapshot],
        troubles: Collection[str],
        *,
        connected: bool,
    ) -> None:
        now = self._clock.now()
        wide = self._settings.room_silent
        sights = [*sights_of(rooms, room_silent=wide), *self._own(troubles if wide else (), now)]
        known = {room.key: room for room in rooms}

        def means_something(matter: Matter) -> bool:
            return judgeable(matter, known, connected=connected)

        self._take(book.look(sights, now, judgeable=means_something), now)
        if any(self._unsaved) and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self._save(), name="escalation-save")

    def _own(self, troubles: Collection[str], now: Moment) -> list[Sight]:
        self._troubles_since = {
            name: self._troubles_since.get(name, now) for name in sorted(troubles)
        }
        return [
            Sight(
                matter=Matter(key=RoomKey(site=self._config.site, room=""), subject=name),
                name=f"Station {self._config.station}",
                onset_at=since.wall,
                changed_at=since.wall,
            )
            for name, since in self._troubles_since.items()
        ]

    def _take(self, decision: Decision, now: Moment) -> None:
        for case in decision.cases:
            self._cases[case.id] = case
            self._unsaved[0][case.id] = case
        for notice in decision.notices:
            case = self._cases[notice.case_id]
            if not notice.waiting:
                self._drop(notice)
                continue
            self._note("escalation_due", case, notice, now)
            self._unsaved[1][notice.id] = notice
            self._send(notice)

    def _drop(self, notice: Notice) -> None:
        known = self._notices.get(notice.id, notice)
        self._keep(replace(known, dropped_at=notice.dropped_at))
        if (task := self._sending.get(notice.id)) is not None:
            task.cancel()

    def _send(self, notice: Notice) -> None:
        self._notices[notice.id] = notice
        task = asyncio.create_task(self._deliver(notice), name=f"escalation-{notice.recipient}")
        self._sending[notice.id] = task
        task.add_done_callback(lambda _: self._sent(notice.id))

    async def _deliver(self, notice: Notice) -> None:
        pause_s = FIRST_RETRY_S
        while notice.waiting:
            notice = await self._attempt(notice)
            if notice.waiting:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_RETRY_S)

    def _sent(self, notice_id: UUID) -> None:
        self._sending.pop(notice_id, None)
        self._notices.pop(notice_id, None)

    async def _attempt(self, notice: Notice) -> Notice:
        case = self._cases[notice.case_id]
        recipient = self._recipients.get(notice.recipient)
        now = self._clock.now()
        if recipient is None:
            gone = replace(notice, dropped_at=now.wall, failure="the settings no longer name them")
            return self._keep(gone)
        # An attempt that is cut off may arrive, so it counts from its beginning.
        notice = self._keep(replace(notice, attempts=notice.attempts + 1))
        try:
            payload = letter(
                case, notice, station=self._config.station, at=now.wall, words=self._words
            )
            await self._couriers.deliver(recipient, payload)
        except DeliveryError as error:
            return self._failed(notice, case, str(error))
        except Exception as error:  # noqa: BLE001  the reason follows
            # A mistake of ours must be as visible as a server that is away.
            _log.exception("%s: a delivery failed within", notice.recipient)
            return self._failed(notice, case, type(error).__name__)
        self._failing.discard(notice.recipient)
        done = self._keep(replace(notice, delivered_at=self._clock.now().wall, failure=None))
        self._note("escalation_delivered", case, done, self._clock.now())
        self._remember(done)
        return done

    def _remember(self, notice: Notice) -> None:
        if notice.delivered_at is not None and notice.kind is EscalationKind.ALARM:
            told = Told(recipient=notice.recipient, at=notice.delivered_at)
            self._told.append((notice.case_id, told))

    def _failed(self, notice: Notice, case: Case, why: str) -> Notice:
        now = self._clock.now()
        if notice.failure != why:
            _log.warning("%s could not be told: %s", notice.recipient, why)
        self._failing.add(notice.recipient)
        last = notice.kind is EscalationKind.ALL_CLEAR and notice.attempts >= ALL_CLEAR_TRIES
        failed = replace(notice, failure=why, dropped_at=now.wall if last else None)
        self._note("escalation_failed", case, failed, now)
        return self._keep(failed)

    def _keep(self, notice: Notice) -> Notice:
        self._notices[notice.id] = notice
        self._unsaved[1][notice.id] = notice
        if self._book is not None:
            self._book.delivered(notice)
        return notice

    def _note(self, action: str, case: Case, notice: Notice, now: Moment) -> None:
        detail: dict[str, str | int | float | None] = {
            "recipient": notice.recipient,
            "subject": case.matter.subject,
            "kind": notice.kind.value,
            "step": notice.step,
            "attempt": notice.attempts,
            "event": None if case.event_id is None else str(case.event_id),
            "failure": notice.failure,
        }
        line = AuditLine(action=action, at=now.wall, key=case.matter.key, detail=detail)
        self._unsaved[2].append(line)

    async def _save(self) -> None:
        saved, self._unsaved = self._unsaved, ({}, {}, [])
        try:
            await asyncio.to_thread(self._log.save, saved[0].values(), saved[1].values(), saved[2])
        except SQLAlchemyError as error:
            # Escalation goes on from memory; what is newer than this stays in force.
            if self._written:
                _log.warning("escalations could not be written: %s", type(error).__name__)
            self._written = False
            newer = self._unsaved
            lines = [*saved[2], *newer[2]][-1000:]
            self._unsaved = ({**saved[0], **newer[0]}, {**saved[1], **newer[1]}, lines)
            return
        self._written = True
        self._forget()

    def _forget(self) -> None:
        busy = {notice.case_id for notice in self._notices.values()}
        for case_id, case in list(self._cases.items()):
            if (
                case.ended_at is not None
                and case_id not in busy
                and case_id not in self._unsaved[0]
            ):
                del self._cases[case_id]
        self._told = [(case_id, told) for case_id, told in self._told if case_id in self._cases]
