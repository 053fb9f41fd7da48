"""What the board knows: a pure reducer over MQTT messages, commands and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from edge.watch import words
from edge.watch.orders import Order
from edge.watch.spark import Sample
from pain.alarms import AlarmState, Condition, Priority
from pain.clock import Moment
from pain.topics import parse_topic
from pain.wire import (
    EVENTS,
    TRIAL,
    AlarmEventPayload,
    AlarmPayload,
    Availability,
    ReadingPayload,
    RestartEventPayload,
    StatusPayload,
)

HISTORY_S: Final = 600.0
"""Levels older than this are forgotten."""

LOG_LENGTH: Final = 200

BROKER: Final = "broker"
"""Stands in the place of a room's key in log lines that belong to no room."""


class Tone(StrEnum):
    """How a line of the log is meant."""

    HIGH = "high"
    MEDIUM = "medium"
    GOOD = "good"
    BAD = "bad"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One thing that happened.

    Attributes:
        at: wall time.
        room: key of the room, ``site/room``.
        text: what happened, in words.
        tone: how it is meant.
        mine: whether it answers an order given on this board.
    """

    at: datetime
    room: str
    text: str
    tone: Tone
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A reading and the moment at which it came."""

    payload: ReadingPayload
    at: Moment

    @property
    def life_s(self) -> float:
        """How long its sender lets it stand, seconds."""
        return (self.payload.expires_at - self.payload.measured_at).total_seconds()

    def is_fresh(self, now: Moment) -> bool:
        """Whether it still says something.

        Both clocks must agree: the sender's expiry on the wall clock, and its life span counted
        from receipt on the monotonic clock, so that a sender whose clock runs ahead cannot keep an
        old level on the board.
        """
        age_s = now.monotonic_s - self.at.monotonic_s
        return now.wall < self.payload.expires_at and age_s < self.life_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is known of one room."""

    key: str
    availability: Availability | None = None
    reading: Received | None = None
    status: StatusPayload | None = None
    alarms: Mapping[Condition, AlarmPayload] = field(default_factory=lambda: MappingProxyType({}))
    history: tuple[Sample, ...] = ()
    unreadable: int = 0

    @property
    def name(self) -> str:
        """Name for people: the configured one once a status came, else the id."""
        return self.status.room_name if self.status else self.key.rpartition("/")[2]

    @property
    def standing(self) -> Mapping[Condition, AlarmPayload]:
        """Alarms that are not off."""
        return {c: alarm for c, alarm in self.alarms.items() if alarm.state is not AlarmState.OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardState:
    """Everything the board shows follows from this value and the present moment.

    Attributes:
        rooms: by key ``site/room``.
        log: newest last.
        orders: commands given here that were not answered yet, by id.
        foreign: messages that belong to no room.
    """

    rooms: Mapping[str, Room] = field(default_factory=lambda: MappingProxyType({}))
    log: tuple[LogLine, ...] = ()
    orders: Mapping[UUID, Order] = field(default_factory=lambda: MappingProxyType({}))
    foreign: int = 0
    seen_events: tuple[UUID, ...] = ()

    def apply(self, topic: str, payload: bytes, now: Moment) -> BoardState:
        """Take one MQTT message in.

        A payload that cannot be read is counted and logged, never raised: one box with other
        software must not blind the board for all rooms. An empty payload is a retained message
        that was cleared.

        Args:
            topic: full topic.
            payload: as received.
            now: moment of receipt.

        Returns:
            The state after the message.
        """
        place = parse_topic(topic)
        if place is None:
            return replace(self, foreign=self.foreign + 1)
        site, room_id, leaf = place
        if payload.startswith(TRIAL):
            return self
        key = f"{site}/{room_id}"
        room = self.rooms.get(key) or Room(key=key)
        try:
            return self._take(room, leaf, payload, now)
        except (ValidationError, ValueError):
            broken = self.with_room(replace(room, unreadable=room.unreadable + 1))
            if room.unreadable:
                # The count stands on the room's card; once a second in the log would bury the rest.
                return broken
            text = f"a message on '{leaf}' cannot be read (another version of painwatch?)"
            return broken.noted(room, text, Tone.BAD, now)

    def ordered(self, order: Order) -> BoardState:
        """Remember a command that was sent, until it is answered or overdue."""
        return replace(self, orders=MappingProxyType({**self.orders, order.id: order}))

    def tick(self, now: Moment) -> BoardState:
        """Let time pass: commands that nobody answered are given up, with a line in the log."""
        overdue = [order for order in self.orders.values() if now.monotonic_s >= order.deadline_s]
        state = self
        for order in overdue:
            room = state.rooms.get(order.room) or Room(key=order.room)
            text = f"{order.name}: no answer from the room's box"
            state = state.without_order(order.id).noted(room, text, Tone.BAD, now, mine=True)
        return state

    def noticed(self, text: str, now: Moment) -> BoardState:
        """Log what the MQTT client has to say."""
        line = LogLine(at=now.wall, room=BROKER, text=text, tone=Tone.BAD)
        return replace(self, log=(*self.log, line)[-LOG_LENGTH:])

    def name_of(self, key: str) -> str:
        """Name for people of a room, by its key."""
        room = self.rooms.get(key)
        return room.name if room else key

    def with_room(self, room: Room) -> BoardState:
        """Exchange one room."""
        return replace(self, rooms=MappingProxyType({**self.rooms, room.key: room}))

    def without_order(self, order_id: UUID) -> BoardState:
        """Forget a command that was answered or given up."""
        left = {key: order for key, order in self.orders.items() if key != order_id}
        return replace(self, orders=MappingProxyType(left))

    def noted(
        self, room: Room, text: str, tone: Tone, now: Moment, *, mine: bool = False
    ) -> BoardState:
        """Add a line to the log."""
        line = LogLine(at=now.wall, room=room.key, text=text, tone=tone, mine=mine)
        return replace(self, log=(*self.log, line)[-LOG_LENGTH:])

    def _take(self, room: Room, leaf: str, payload: bytes, now: Moment) -> BoardState:
        if leaf == "availability":
            return self._availability(room, payload, now)
        if leaf == "reading":
            return self._reading(room, payload, now)
        if leaf == "status":
            status = StatusPayload.model_validate_json(payload) if payload else None
            return self.with_room(replace(room, status=status))
        if leaf.startswith("alarm/"):
            return self._alarm(room, Condition(leaf.removeprefix("alarm/")), payload)
        if leaf == "event":
            return self._event(room, payload, now)
        return self

    def _availability(self, room: Room, payload: bytes, now: Moment) -> BoardState:
        if not payload:
            return self.with_room(replace(room, availability=None, reading=None))
        current = Availability(payload.decode())
        if current is Availability.ONLINE:
            changed = self.with_room(replace(room, availability=current))
        else:
            # Dropped, not hidden: it must not come back when the box does.
            ended = _ended(room.history, now.monotonic_s)
            gone = replace(room, availability=current, reading=None, history=ended)
            changed = self.with_room(gone)
        if current is room.availability:
            return changed
        tone = Tone.PLAIN if current is not Availability.OFFLINE else Tone.BAD
        return changed.noted(room, words.AVAILABILITY_WORDS[current], tone, now)

    def _reading(self, room: Room, payload: bytes, now: Moment) -> BoardState:
        reading = ReadingPayload.model_validate_json(payload)
        received = Received(payload=reading, at=now)
        history = _ended(room.history, now.monotonic_s)
        if reading.level is not None and received.is_fresh(now):
            until_s = now.monotonic_s + received.life_s
            sample = Sample(at_s=now.monotonic_s, until_s=until_s, level=reading.level)
            history = (*history, sample)
        return self.with_room(replace(room, reading=received, history=history))

    def _alarm(self, room: Room, condition: Condition, payload: bytes) -> BoardState:
        alarms = {key: alarm for key, alarm in room.alarms.items() if key is not condition}
        if payload:
            alarm = AlarmPayload.model_validate_json(payload)
            if alarm.condition is not condition:
                raise ValueError("the topic names another condition than the payload")
            alarms[condition] = alarm
        return self.with_room(replace(room, alarms=MappingProxyType(alarms)))

    def _event(self, room: Room, payload: bytes, now: Moment) -> BoardState:
        event = EVENTS.validate_json(payload)
        if event.id in self.seen_events:
            return self
        state = self.with_room(room)
        state = replace(state, seen_events=(*self.seen_events, event.id)[-LOG_LENGTH:])
        if isinstance(event, AlarmEventPayload):
            began = event.after is AlarmState.ON
            high = event.priority is Priority.HIGH
            tone = (Tone.HIGH if high else Tone.MEDIUM) if began else Tone.PLAIN
            return state.noted(room, words.alarm_event(event), tone, now)
        if isinstance(event, RestartEventPayload):
            return state.noted(room, words.restart(event), Tone.BAD, now)
        mine = event.command_id is not None and event.command_id in self.orders
        if mine and event.command_id is not None:
            state = state.without_order(event.command_id)
        tone = Tone.GOOD if event.accepted else Tone.BAD
        return state.noted(room, words.command_answer(event), tone, now, mine=mine)


def _ended(history: tuple[Sample, ...], now_s: float) -> tuple[Sample, ...]:
    """History whose newest level stands no longer; what is too old is forgotten."""
    kept = tuple(sample for sample in history if sample.until_s > now_s - HISTORY_S)
    if not kept or kept[-1].until_s <= now_s:
        return kept
    return (*kept[:-1], replace(kept[-1], until_s=now_s))
