"""One command, ready to be published."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pain.topics import Topics
from pain.wire import Command
from station.live.values import RoomKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command on its way.

    Attributes:
        id: the command's id, by which its answer is known.
        topic: where to publish it, QoS 1.
        payload: what to publish.
        valid_s: it must not arrive later than this, seconds.
    """

    id: UUID
    topic: str
    payload: bytes
    valid_s: float


def order(key: RoomKey, name: str, command: Command) -> Order:
    """Address a command to a room."""
    return Order(
        id=command.id,
        topic=Topics(site=key.site, room=key.room).command(name),
        payload=command.model_dump_json().encode(),
        valid_s=(command.expires_at - command.issued_at).total_seconds(),
    )
