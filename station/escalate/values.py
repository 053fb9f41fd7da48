"""What is escalated, and what is sent, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pain.wire import EscalationEnding, EscalationKind
from station.live.values import RoomKey

ROOM_SILENT = "room_silent"
"""A subject besides the conditions and troubles: the station hears nothing of a room."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Matter:
    """Names what may be escalated.

    Attributes:
        key: the room; for the station's own troubles its room is empty.
        subject: a condition, ``room_silent``, or one of the station's troubles.
    """

    key: RoomKey
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A matter as it is seen at one look.

    Attributes:
        matter: which.
        name: name of the room for people.
        onset_at: when it began, UTC.
        changed_at: when the room decided that it is so, on the room's clock, UTC.
        paused: whether its signals are paused.
        acknowledged: whether somebody knows.
        level: level of pain 0..6 at this look, None where there is none.
        event_id: the room's event that led to this state.
    """

    matter: Matter
    name: str
    onset_at: datetime
    changed_at: datetime
    paused: bool = False
    acknowledged: bool = False
    level: float | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One matter from its onset until it is acknowledged or gone.

    Attributes:
        id: idempotency key.
        matter: which.
        name: name of the room for people.
        level: highest level that was seen, 0..6; None where there was none.
        began_at: first onset without acknowledgement since; steps count from here.
        stood_at: when the room had decided that it stands unacknowledged, as first seen, on the
            room's clock; only an acknowledgement after this is one of this case.
        event_id: the room's newest event on it.
        ended_at: None while it lasts.
        ending: why it ended.
    """

    id: UUID
    matter: Matter
    name: str
    level: float | None
    began_at: datetime
    stood_at: datetime
    event_id: UUID | None = None
    ended_at: datetime | None = None
    ending: EscalationEnding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one recipient.

    Attributes:
        id: idempotency key; the same for every attempt.
        case_id: what it is about.
        kind: alarm or all-clear.
        step: number of the step, from 1; 0 for an all-clear.
        recipient: id of the recipient.
        due_at: when it was decided, UTC.
        attempts: how often it was tried.
        delivered_at: when it was taken, None before that.
        dropped_at: when it was given up, None otherwise.
        failure: why the last attempt failed, in words.
    """

    id: UUID
    case_id: UUID
    kind: EscalationKind
    step: int
    recipient: str
    due_at: datetime
    attempts: int = 0
    delivered_at: datetime | None = None
    dropped_at: datetime | None = None
    failure: str | None = None

    @property
    def waiting(self) -> bool:
        """Whether it is still to be delivered."""
        return self.delivered_at is None and self.dropped_at is None
