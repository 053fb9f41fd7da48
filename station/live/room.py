"""One room as its messages left it, and what that is worth now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pain.alarms import AlarmState, Condition
from pain.clock import Moment
from pain.wire import AlarmPayload, Availability, ReadingPayload, StatusPayload
from station.live.bands import Bands
from station.live.messages import Cleared, Heard, Leaf
from station.live.values import Absence, Band, RoomKey, RoomSnapshot

_UNACKNOWLEDGED: Final = frozenset({AlarmState.ON, AlarmState.LATCHED})
"""States of an alarm that nobody has acknowledged."""

_GONE = {Availability.STOPPED: Absence.STOPPED, Availability.OFFLINE: Absence.OFFLINE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A reading and the moment at which it came."""

    payload: ReadingPayload
    at: Moment

    @property
    def expired_on_arrival(self) -> bool:
        """Whether it was too old when it came, or one of the two clocks is wrong."""
        return self.at.wall >= self.payload.expires_at

    def says_something(self, now: Moment) -> bool:
        """Whether it still stands.

        Both clocks must agree: the sender's expiry on the wall clock, and its life span counted
        from receipt on the monotonic clock, so that a sender whose clock runs ahead cannot keep an
        old level on the board.
        """
        life_s = (self.payload.expires_at - self.payload.measured_at).total_seconds()
        age_s = now.monotonic_s - self.at.monotonic_s
        return now.wall < self.payload.expires_at and age_s < life_s


CLOCKS_APART_S = 10.0
"""A reading is heard within moments of its making, so a difference of this is one of the clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the messages of a room left.

    Attributes:
        key: which room.
        alive_s: monotonic time of its last reading or change of availability, seconds; of the
            moment from which it could have been heard, before that.
        expected: whether the station's settings list it.
        expected_name: name in the station's settings, None when it is not there.
        stopped_until: until when it is known to be stopped, UTC; None where nobody said so.
        availability: its last word, None before that.
        reading: the last one, None before it and after the room's box went away.
        status: the last one.
        alarms: the retained state of each condition.
        since: when each alarm that stands began, as the room says, over its coming and going until
            somebody acknowledges.
        over: conditions whose alarm was heard to be off, or taken back, on this connection.
        silent_since: when it was judged silent, UTC.
        heard_at: when anything was heard last, UTC.
        unreadable: messages that were refused.
        clock_ahead_s: how far the box's clock is ahead of ours, seconds, as its last reading says;
            0 while they agree.
    """

    key: RoomKey
    alive_s: float
    expected: bool = False
    expected_name: str | None = None
    stopped_until: datetime | None = None
    availability: Availability | None = None
    reading: Received | None = None
    status: StatusPayload | None = None
    alarms: Mapping[Condition, AlarmPayload] = field(default_factory=lambda: MappingProxyType({}))
    since: Mapping[Condition, datetime] = field(default_factory=lambda: MappingProxyType({}))
    over: frozenset[Condition] = frozenset()
    silent_since: datetime | None = None
    heard_at: datetime | None = None
    unreadable: int = 0
    clock_ahead_s: float = 0.0

    @property
    def name(self) -> str:
        """Name for people: the box's own once a status came."""
        return self.status.room_name if self.status else self.expected_name or self.key.room

    def hear(self, message: Heard, now: Moment) -> Room:
        """The room after one message. An event changes nothing: alarms have topics of their own."""
        heard = replace(self, heard_at=now.wall)
        match message.body:
            case Availability() as word:
                return _said(heard, word, now)
            case ReadingPayload() as reading:
                ahead_s = (reading.measured_at - now.wall).total_seconds()
                return replace(
                    heard,
                    reading=Received(payload=reading, at=now),
                    alive_s=now.monotonic_s,
                    clock_ahead_s=ahead_s if abs(ahead_s) >= CLOCKS_APART_S else 0.0,
                )
            case StatusPayload() as status:
                return replace(heard, status=status)
            case AlarmPayload() as alarm:
                return _told(heard, alarm.condition, alarm)
            case Cleared(leaf=leaf, condition=condition):
                return _cleared(heard, leaf, condition)
            case _:
                return heard

    def unheard(self) -> Room:
        """The room once the station has lost the broker: nothing is known of it any more.

        Alarms stay, since pain that stood does not end with the station's connection; that one is
        off must be heard anew, since it may have begun meanwhile.
        """
        return replace(self, availability=None, reading=None, silent_since=None, over=frozenset())

    def reachable(self, now: Moment) -> Room:
        """The room from the moment on from which it can be heard.

        A reading from before, which came on a connection that was gone already, says nothing of
        now; its silence counts from here, so it would be shown beyond its time.
        """
        return replace(self, alive_s=now.monotonic_s, reading=None)

    def awaited(self, now: Moment) -> bool:
        """Whether its box must come back even where it was stopped on purpose."""
        return self.expected and (self.stopped_until is None or now.wall >= self.stopped_until)

    def aged(self, now: Moment, *, silent_after_s: float, stopped_silent_after_s: float) -> Room:
        """The room judged by the station's own clock: silent, or speaking again.

        A box that was stopped on purpose has said so; it is silent where it is awaited and does
        not come back.
        """
        stopped = self.availability is Availability.STOPPED
        due_s = self.alive_s + (stopped_silent_after_s if stopped else silent_after_s)
        silent = now.monotonic_s >= due_s and (not stopped or self.awaited(now))
        if silent == (self.silent_since is not None):
            return self
        if not silent:
            return replace(self, silent_since=None)
        # Dropped, so that no other sign of life brings the old level back.
        return replace(self, silent_since=now.at(due_s), reading=None)

    def snapshot(self, now: Moment, *, connected: bool, bands: Bands) -> RoomSnapshot:
        """What may be shown of the room now."""
        absence = self._absence(now, connected=connected)
        shown = self.reading if absence in (None, Absence.FEW_SCORES) else None
        level = shown.payload.level if shown else None
        return RoomSnapshot(
            key=self.key,
            name=self.name,
            availability=self.availability,
            reading=shown.payload if shown else None,
            reading_at=shown.at.wall if shown else None,
            status=self.status,
            alarms=MappingProxyType(
                {c: alarm for c, alarm in self.alarms.items() if alarm.state is not AlarmState.OFF}
            ),
            silent_since=self.silent_since,
            heard_at=self.heard_at,
            band=Band.UNAVAILABLE if level is None else bands.of(level),
            level=level,
            absence=absence,
            unreadable=self.unreadable,
            clock_ahead_s=self.clock_ahead_s,
            over=self.over,
            since=self.since,
            awaited=self.awaited(now),
        )

    def _absence(self, now: Moment, *, connected: bool) -> Absence | None:
        if not connected:
            return Absence.STATION_OFFLINE
        forgotten = self.availability is Availability.STOPPED and self.silent_since is not None
        if self.availability in _GONE and not forgotten:
            return _GONE[self.availability]
        if self.silent_since is not None:
            return Absence.SILENT
        if self.reading is None:
            return Absence.NO_READING
        if not self.reading.says_something(now):
            # One that ran out with nothing after it is the beginning of a silence.
            return Absence.TOO_OLD if self.reading.expired_on_arrival else Absence.SILENT
        payload = self.reading.payload
        return Absence.FEW_SCORES if payload.level is None and payload.reason is None else None


def _said(room: Room, word: Availability, now: Moment) -> Room:
    if word is room.availability:
        return room
    # A last will is the broker's word, minutes late where a network broke: no sign of life, or a
    # silent room would speak for a moment.
    alive_s = room.alive_s if word is Availability.OFFLINE else now.monotonic_s
    # Dropped, not hidden: the old level must not come back when the box does. The next reading is
    # a second away.
    return replace(room, availability=word, reading=None, alive_s=alive_s)


def _cleared(room: Room, leaf: Leaf, condition: Condition | None) -> Room:
    if leaf is Leaf.AVAILABILITY:
        return replace(room, availability=None, reading=None)
    if leaf is Leaf.STATUS:
        return replace(room, status=None)
    if condition is not None:
        return _told(room, condition, None)
    return room


def _told(room: Room, condition: Condition, alarm: AlarmPayload | None) -> Room:
    kept = {key: value for key, value in room.alarms.items() if key is not condition}
    if alarm is not None:
        kept[condition] = alarm
    off = alarm is None or alarm.state is AlarmState.OFF
    over = room.over | {condition} if off else room.over - {condition}
    since = {key: at for key, at in room.since.items() if key is not condition}
    if alarm is not None and not off:
        began_at = alarm.onset_at or alarm.changed_at
        since[condition] = began_at
        if (first_at := room.since.get(condition)) is not None:
            before = room.alarms[condition]
            if before.state in _UNACKNOWLEDGED or before.onset_at == alarm.onset_at:
                since[condition] = min(first_at, began_at)
    return replace(room, alarms=MappingProxyType(kept), over=over, since=MappingProxyType(since))
