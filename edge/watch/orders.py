"""Commands that a person gives at the board, ready to be published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from pain.clock import Moment
from pain.topics import Topics
from pain.wire import AcknowledgeCommand, Command, PauseCommand, ResumeCommand

VALID_S: Final = 30.0
"""A command expires after this time, so that one delivered late does nothing. Also what two
clocks may differ by."""

ANSWER_WITHIN_S: Final = 8.0
"""The person is told that nobody answered after this time."""

PAUSE_S: Final = 600.0
"""A pause from the board lasts ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command on its way.

    Attributes:
        id: the command's id, by which its answer is known.
        name: command name, e.g. ``acknowledge``.
        room: key of the room, ``site/room``.
        topic: where to publish it, QoS 1.
        payload: what to publish.
        deadline_s: monotonic time after which it counts as not answered, seconds.
    """

    id: UUID
    name: str
    room: str
    topic: str
    payload: bytes
    deadline_s: float


def acknowledge(room: str, *, person: str, now: Moment) -> Order:
    """Acknowledge every alarm that the room signals.

    Args:
        room: key of the room, ``site/room``.
        person: id of the person, 1..64 characters.
        now: present moment.

    Raises:
        pydantic.ValidationError: the person's id is empty, too long or holds control characters.
    """
    expires = now.wall + timedelta(seconds=VALID_S)
    command = AcknowledgeCommand(id=uuid4(), person=person, issued_at=now.wall, expires_at=expires)
    return _order("acknowledge", room, command, now)


def pause(room: str, *, person: str, now: Moment) -> Order:
    """Pause the room's signals for ten minutes; arguments as for ``acknowledge``."""
    expires = now.wall + timedelta(seconds=VALID_S)
    until = now.wall + timedelta(seconds=PAUSE_S)
    command = PauseCommand(
        id=uuid4(), person=person, issued_at=now.wall, expires_at=expires, until=until
    )
    return _order("pause", room, command, now)


def resume(room: str, *, person: str, now: Moment) -> Order:
    """End the room's pause; arguments as for ``acknowledge``."""
    expires = now.wall + timedelta(seconds=VALID_S)
    command = ResumeCommand(id=uuid4(), person=person, issued_at=now.wall, expires_at=expires)
    return _order("resume", room, command, now)


def _order(name: str, room: str, command: Command, now: Moment) -> Order:
    site, _, room_id = room.partition("/")
    return Order(
        id=command.id,
        name=name,
        room=room,
        topic=Topics(site=site, room=room_id).command(name),
        payload=command.model_dump_json().encode(),
        deadline_s=now.monotonic_s + ANSWER_WITHIN_S,
    )
