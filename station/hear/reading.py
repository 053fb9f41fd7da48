"""From an MQTT message to a checked value, or to a refusal that keeps nothing of the content."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ValidationError

from pain.alarms import Condition
from pain.topics import Topics, parse_topic
from pain.wire import (
    EVENTS,
    AlarmPayload,
    Availability,
    EventPayload,
    ReadingPayload,
    StatusPayload,
)
from station.live.messages import Cleared, Heard, Leaf, Refusal, Refused
from station.live.values import RoomKey

MAX_BYTES: Final = 64 * 1024
"""The largest message of a room is a status, about 2 KiB."""

EARLIEST_YEAR: Final = 1900
"""A box without a battery for its clock wakes in 1970 and may still see pain."""

LATEST_YEAR: Final = 2200

_PLAIN_NAME: Final = re.compile(r"[^\x00-\x1f\x7f<>]{1,64}")
"""A name for people holds no markup and no control characters."""


def read_message(topic: str, payload: bytes) -> Heard | Refused:
    """Read one message of a room.

    Args:
        topic: full topic, as received.
        payload: as received; an empty one takes a retained message back.

    Returns:
        The message, or why it is refused. Never raises.
    """
    place = _place(topic)
    if isinstance(place, Refused):
        return place
    key, leaf, condition = place
    if len(payload) > MAX_BYTES:
        return Refused(why=Refusal.TOO_LARGE, key=key, leaf=leaf)
    if not payload and leaf in (Leaf.AVAILABILITY, Leaf.STATUS, Leaf.ALARM):
        return Heard(key=key, body=Cleared(leaf=leaf, condition=condition))
    try:
        heard = Heard(key=key, body=_body(leaf, condition, payload))
    except (ValidationError, ValueError, RecursionError):
        return Refused(why=Refusal.NOT_READABLE, key=key, leaf=leaf)
    why = _implausible(heard)
    return heard if why is None else Refused(why=why, key=key, leaf=leaf)


def _place(topic: str) -> tuple[RoomKey, Leaf, Condition | None] | Refused:
    parts = parse_topic(topic)
    if parts is None:
        return Refused(why=Refusal.WRONG_TOPIC)
    site, room, rest = parts
    try:
        Topics(site=site, room=room)
    except ValueError:
        return Refused(why=Refusal.HOSTILE_NAME)
    key = RoomKey(site=site, room=room)
    name, _, which = rest.partition("/")
    try:
        leaf = Leaf(name)
        condition = Condition(which) if leaf is Leaf.ALARM else None
    except ValueError:
        return Refused(why=Refusal.WRONG_TOPIC, key=key)
    if which and condition is None:
        return Refused(why=Refusal.WRONG_TOPIC, key=key)
    return key, leaf, condition


def _body(
    leaf: Leaf, condition: Condition | None, payload: bytes
) -> Availability | ReadingPayload | StatusPayload | AlarmPayload | EventPayload:
    match leaf:
        case Leaf.AVAILABILITY:
            return Availability(payload.decode())
        case Leaf.READING:
            return ReadingPayload.model_validate_json(payload)
        case Leaf.STATUS:
            return StatusPayload.model_validate_json(payload)
        case Leaf.EVENT:
            return EVENTS.validate_json(payload)
    alarm = AlarmPayload.model_validate_json(payload)
    if alarm.condition is not condition:
        raise ValueError("the topic names another condition than the payload")
    return alarm


def _implausible(heard: Heard) -> Refusal | None:
    body = heard.body
    if isinstance(body, StatusPayload) and not _PLAIN_NAME.fullmatch(body.room_name):
        return Refusal.HOSTILE_NAME
    if isinstance(body, BaseModel):
        for name in type(body).model_fields:
            value = getattr(body, name)
            if isinstance(value, datetime) and not EARLIEST_YEAR < value.year < LATEST_YEAR:
                return Refusal.IMPOSSIBLE_TIME
    return None
