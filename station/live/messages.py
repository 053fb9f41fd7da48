"""What the station hears, read and checked; adapters from MQTT stand in station/hear."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pain.alarms import Condition
from pain.wire import AlarmPayload, Availability, EventPayload, ReadingPayload, StatusPayload
from station.live.values import RoomKey


class Leaf(StrEnum):
    """The topics of a room that a station listens to."""

    AVAILABILITY = "availability"
    STATUS = "status"
    READING = "reading"
    ALARM = "alarm"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A retained message was taken back (an empty payload).

    Attributes:
        leaf: which topic.
        condition: which condition, of an alarm; None otherwise.
    """

    leaf: Leaf
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message of a room."""

    key: RoomKey
    body: Availability | ReadingPayload | StatusPayload | AlarmPayload | EventPayload | Cleared


class Refusal(StrEnum):
    """Why a message was not taken."""

    WRONG_TOPIC = "wrong_topic"
    TOO_LARGE = "too_large"
    NOT_READABLE = "not_readable"
    HOSTILE_NAME = "hostile_name"
    IMPOSSIBLE_TIME = "impossible_time"
    TOO_MANY_ROOMS = "too_many_rooms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One message that was not taken; nothing of its content is kept.

    Attributes:
        why: the reason.
        key: the room, None where the topic names none that can exist.
        leaf: which topic of the room, None where it is none of ours.
    """

    why: Refusal
    key: RoomKey | None = None
    leaf: Leaf | None = None
