"""Gives commands and waits for the rooms' answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypedDict
from uuid import UUID, uuid4

from pain.alarms import Condition
from pain.clock import Clock
from pain.wire import (
    AcknowledgeCommand,
    Command,
    CommandEventPayload,
    EnrolResidentCommand,
    ForgetResidentCommand,
    PauseCommand,
    ResetBaselineCommand,
    ResumeCommand,
    SetBaselineCommand,
)
from station.live.values import RoomKey
from station.orders.order import Order, order
from station.ports import OrderState, Outcome

VALID_S: Final = 30.0
"""A command expires after this time, so that one delivered late does nothing. Also what two
clocks may differ by."""


class _Common(TypedDict):
    id: UUID
    person: str
    issued_at: datetime
    expires_at: datetime


class OrderDesk:
    """Commands to rooms; an ``Orders``. For the event loop's thread alone.

    Args:
        send: publishes; False when there is no connection.
        clock: source of the present moment.
        timeout_s: how long to wait for an answer, seconds.
    """

    def __init__(self, *, send: Callable[[Order], bool], clock: Clock, timeout_s: float) -> None:
        self._send = send
        self._clock = clock
        self._timeout_s = timeout_s
        self._waiting: dict[tuple[RoomKey, UUID], asyncio.Future[CommandEventPayload]] = {}

    async def acknowledge(
        self, key: RoomKey, condition: Condition | None, *, person: str
    ) -> Outcome:
        """Acknowledge one alarm, or all that are signalled."""
        command = AcknowledgeCommand(condition=condition, **self._common(person))
        return await self._give(key, "acknowledge", command)

    async def pause(self, key: RoomKey, *, until: datetime, person: str) -> Outcome:
        """Pause signals until a moment."""
        return await self._give(key, "pause", PauseCommand(until=until, **self._common(person)))

    async def resume(self, key: RoomKey, *, person: str) -> Outcome:
        """End a pause."""
        return await self._give(key, "resume", ResumeCommand(**self._common(person)))

    async def set_baseline(self, key: RoomKey, *, person: str) -> Outcome:
        """Take the coming calm minutes as this resident's neutral."""
        command = SetBaselineCommand(**self._common(person))
        return await self._give(key, "set_baseline", command)

    async def reset_baseline(self, key: RoomKey, *, person: str) -> Outcome:
        """Delete the resident's neutral."""
        command = ResetBaselineCommand(**self._common(person))
        return await self._give(key, "reset_baseline", command)

    async def enrol_resident(self, key: RoomKey, *, consent: str, person: str) -> Outcome:
        """Enrol the face that is seen in the coming window; ``consent`` is recorded."""
        command = EnrolResidentCommand(consent=consent, **self._common(person))
        return await self._give(key, "enrol_resident", command)

    async def forget_resident(self, key: RoomKey, *, person: str) -> Outcome:
        """Delete the enrolled face's numbers."""
        command = ForgetResidentCommand(**self._common(person))
        return await self._give(key, "forget_resident", command)

    def answered(self, key: RoomKey, answer: CommandEventPayload) -> None:
        """Take a room's answer; one that nobody waits for any more is left to the history."""
        if answer.command_id is None:
            return
        waiting = self._waiting.get((key, answer.command_id))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _common(self, person: str) -> _Common:
        now = self._clock.now().wall
        return _Common(
            id=uuid4(), person=person, issued_at=now, expires_at=now + timedelta(seconds=VALID_S)
        )

    async def _give(self, key: RoomKey, name: str, command: Command) -> Outcome:
        place = (key, command.id)
        answered: asyncio.Future[CommandEventPayload] = asyncio.get_running_loop().create_future()
        self._waiting[place] = answered
        try:
            if not self._send(order(key, name, command)):
                return Outcome(state=OrderState.NOT_SENT)
            async with asyncio.timeout(self._timeout_s):
                answer = await answered
        except TimeoutError:
            return Outcome(state=OrderState.TIMED_OUT)
        finally:
            del self._waiting[place]
        if answer.accepted:
            return Outcome(state=OrderState.ACCEPTED)
        return Outcome(state=OrderState.REFUSED, reason=answer.reason)
