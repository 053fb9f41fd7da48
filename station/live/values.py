"""What the board shows of a room, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pain.alarms import AlarmState, Condition, Priority, Signal
from pain.wire import AlarmPayload, Availability, ReadingPayload, StatusPayload


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RoomKey:
    """Names one room.

    Attributes:
        site: short name of the site, as in the topics.
        room: short name of the room, as in the topics.
    """

    site: str
    room: str


class Band(StrEnum):
    """Where a level lies; a colour, a word and a shape on the board."""

    SEVERE = "severe"
    MODERATE = "moderate"
    MILD = "mild"
    CALM = "calm"
    UNAVAILABLE = "unavailable"


class Absence(StrEnum):
    """Why there is no level, where the room itself gave no reason.

    SILENT: nothing has come for too long; the station found that out itself. STOPPED, OFFLINE: as
    the room's availability says. NO_READING: heard of, no reading yet. TOO_OLD: readings arrive
    after they expired. FEW_SCORES: the window holds too few valid scores. STATION_OFFLINE: this
    station has no connection to the broker, so it knows nothing of any room.
    """

    SILENT = "silent"
    STOPPED = "stopped"
    OFFLINE = "offline"
    NO_READING = "no_reading"
    TOO_OLD = "too_old"
    FEW_SCORES = "few_scores"
    STATION_OFFLINE = "station_offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSnapshot:
    """One room as it is known now; never changes.

    Attributes:
        key: which room.
        name: name for people; the short name before the first status.
        availability: what the room's box says of itself, None before the first word.
        reading: newest reading, None before the first or where it says nothing any more.
        reading_at: when it came, UTC.
        status: newest health, None before the first.
        alarms: the retained state of every condition that is not off, the station's own
            ``room_silent`` excluded.
        since: when each alarm that stands began, as the room says, over its coming and going until
            somebody acknowledges.
        over: conditions whose alarm was heard to be off, or taken back, on this connection.
        awaited: whether its box must come back even where it was stopped on purpose.
        silent_since: when the room fell silent, UTC, as the station judged; None while it speaks.
        heard_at: when anything of it was heard last, UTC.
        band: where the level lies, or unavailable.
        level: level 0..6, None when there is none.
        absence: why there is no level where ``reading.reason`` does not say; None otherwise.
        unreadable: messages of this room that were refused.
        clock_ahead_s: how far the clock of the room's box is ahead of ours, seconds; 0 while they
            agree or nothing is known.
    """

    key: RoomKey
    name: str
    availability: Availability | None
    reading: ReadingPayload | None
    reading_at: datetime | None
    status: StatusPayload | None
    alarms: Mapping[Condition, AlarmPayload]
    silent_since: datetime | None
    heard_at: datetime | None
    band: Band
    level: float | None
    absence: Absence | None
    unreadable: int
    clock_ahead_s: float = 0.0
    over: frozenset[Condition] = frozenset()
    since: Mapping[Condition, datetime] = field(default_factory=lambda: MappingProxyType({}))
    awaited: bool = False

    @property
    def need(self) -> tuple[int, float, str]:
        """Sorts rooms, those that need somebody most first."""
        return (self._place(), -(self.level or 0.0), self.name)

    def _place(self) -> int:
        places = [_place_of(alarm) for alarm in self.alarms.values()]
        if self.silent_since is not None:
            places.append(2)
        if self.band is Band.UNAVAILABLE:
            places.append(5)
        return min(places, default=_PLACES[self.band])


_PLACES = {
    Band.SEVERE: 3,
    Band.MODERATE: 4,
    Band.UNAVAILABLE: 5,
    Band.MILD: 8,
    Band.CALM: 9,
}


def _place_of(alarm: AlarmPayload) -> int:
    if alarm.state is AlarmState.ACKNOWLEDGED or alarm.signal is Signal.PAUSED:
        return 6
    if alarm.priority is Priority.HIGH:
        return 0
    if alarm.priority is Priority.MEDIUM:
        return 1
    return 5
