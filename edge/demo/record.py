"""What the wire showed during the demonstration, in seconds of the clip; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.watch.feed import Message
from pain.alarms import AlarmState, Condition, Trigger
from pain.topics import parse_topic
from pain.wire import (
    EVENTS,
    AlarmEventPayload,
    ReadingPayload,
    StatusPayload,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One alarm transition; times are seconds of the clip.

    Attributes:
        condition: which alarm.
        trigger: what moved it.
        before: state before.
        after: state after.
        onset_s: when the level crossed the limit.
        decided_s: when the alarm was decided.
        published_s: when it was handed to the broker.
    """

    condition: Condition
    trigger: Trigger
    before: AlarmState
    after: AlarmState
    onset_s: float
    decided_s: float
    published_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One published reading.

    Attributes:
        clip_s: when the face was seen, seconds of the clip.
        level: smoothed level 0..6, None when unavailable.
    """

    clip_s: float
    level: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything the judge needs.

    Attributes:
        changes: alarm transitions in the order of their arrival; a repeated one is repeated here.
        levels: published readings in the order of their arrival.
    """

    changes: tuple[Change, ...]
    levels: tuple[Level, ...]


def stream_start(messages: Iterable[Message]) -> datetime | None:
    """Wall time of the clip's first frame, as the room's status tells it; None before that."""
    started = None
    for message in messages:
        if _leaf(message) == "status" and message.payload:
            status = StatusPayload.model_validate_json(message.payload)
            started = status.stream_started_at or started
    return started


def record(messages: Sequence[Message], *, started: datetime) -> Record:
    """Read what was heard.

    Args:
        messages: in the order of their arrival.
        started: wall time of the clip's first frame.

    Raises:
        pydantic.ValidationError: the daemon broke its own contract.
    """

    def clip_s(at: datetime) -> float:
        return (at - started).total_seconds()

    changes = []
    levels = []
    for message in messages:
        leaf = _leaf(message)
        if leaf == "event":
            event = EVENTS.validate_json(message.payload)
            if isinstance(event, AlarmEventPayload):
                changes.append(
                    Change(
                        condition=event.condition,
                        trigger=event.trigger,
                        before=event.before,
                        after=event.after,
                        onset_s=clip_s(event.onset_at),
                        decided_s=clip_s(event.decided_at),
                        published_s=clip_s(event.published_at),
                    )
                )
        elif leaf == "reading":
            reading = ReadingPayload.model_validate_json(message.payload)
            levels.append(Level(clip_s=clip_s(reading.measured_at), level=reading.level))
    return Record(changes=tuple(changes), levels=tuple(levels))


def _leaf(message: Message) -> str | None:
    place = parse_topic(message.topic)
    return place[2] if place else None
