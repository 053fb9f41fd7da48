"""Commands from a page: one press, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from pydantic import TypeAdapter, ValidationError

from pain.alarms import Condition
from pain.wire import Consent
from station.board.elements import Text as TextElement
from station.board.visit import Board, Visit, is_welcome
from station.live.values import RoomKey
from station.ports import Outcome
from station.words import Text

PAUSES_MIN: Final = (5, 15, 30, 60)
"""Pauses that a nurse may choose; the room refuses what its own settings do not allow."""

_CONSENT: Final[TypeAdapter[str]] = TypeAdapter(Consent)


class Acting:
    """Gives commands for one room in one person's name.

    Args:
        board: what all pages share.
        visit: who acts.
        key: the room.
        said: shows what became of it.
    """

    def __init__(self, board: Board, visit: Visit, key: RoomKey, said: TextElement) -> None:
        self._board = board
        self._visit = visit
        self._key = key
        self._said = said

    async def acknowledge(self, condition: Condition | None = None) -> None:
        """Acknowledge one alarm, or all."""
        orders = self._board.station.orders
        await self._do(
            lambda: orders.acknowledge(self._key, condition, person=self._visit.person.id)
        )

    async def pause(self, minutes: int) -> None:
        """Pause the room's signals."""
        until = self._board.clock.now().wall + timedelta(minutes=minutes)
        orders = self._board.station.orders
        await self._do(lambda: orders.pause(self._key, until=until, person=self._visit.person.id))

    async def resume(self) -> None:
        """End the pause."""
        orders = self._board.station.orders
        await self._do(lambda: orders.resume(self._key, person=self._visit.person.id))

    async def set_baseline(self) -> None:
        """Let the room measure the resident's neutral."""
        orders = self._board.station.orders
        await self._do(lambda: orders.set_baseline(self._key, person=self._visit.person.id))

    async def reset_baseline(self) -> None:
        """Let the room delete it."""
        orders = self._board.station.orders
        await self._do(lambda: orders.reset_baseline(self._key, person=self._visit.person.id))

    async def enrol(self, consent: str) -> None:
        """Let the room enrol the resident's face.

        Args:
            consent: who consented, when and how; without it nothing is sent.
        """
        try:
            given = _CONSENT.validate_python(consent)
        except ValidationError:
            self._said.text = self._visit.words.say[Text.CONSENT]
            return
        orders = self._board.station.orders
        await self._do(
            lambda: orders.enrol_resident(self._key, consent=given, person=self._visit.person.id)
        )

    async def forget(self) -> None:
        """Let the room delete the enrolled face."""
        orders = self._board.station.orders
        await self._do(lambda: orders.forget_resident(self._key, person=self._visit.person.id))

    async def _do(self, order: Callable[[], Awaitable[Outcome]]) -> None:
        words = self._visit.words
        if not self._visit.may_act or not await is_welcome(self._board, self._visit):
            self._said.text = words.say[Text.NOT_ALLOWED]
            return
        self._said.text = words.say[Text.WAITING]
        outcome = await order()
        if not self._said.is_deleted:
            reason = outcome.reason or "?"
            self._said.text = words.outcomes[outcome.state].format(reason=reason)
