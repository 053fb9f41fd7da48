"""What presses: what a room's alarms sound like, and where its tile stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from pain.alarms import AlarmState, Priority, Signal
from pain.wire import AlarmPayload
from station.live.values import RoomSnapshot

_RANK: Final[Mapping[Priority, int]] = {
    Priority.HIGH: 0,
    Priority.MEDIUM: 1,
    Priority.LOW: 2,
    Priority.INFORMATION: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What the board sounds like.

    Attributes:
        priority: high or medium while such an alarm of a resident or a camera is signalled, else
            None.
        low: how many lesser things are wrong; one short tone when there are more than before.
    """

    priority: Priority | None
    low: int


def is_sounding(alarm: AlarmPayload) -> bool:
    """Whether people are to be called: signalled, and neither acknowledged nor paused."""
    return alarm.signal is Signal.SOUNDING and alarm.state is not AlarmState.ACKNOWLEDGED


def by_priority(alarms: Iterable[AlarmPayload]) -> list[AlarmPayload]:
    """Most urgent first."""
    return sorted(alarms, key=lambda alarm: (_RANK[alarm.priority], alarm.condition))


def sound_of(rooms: Iterable[RoomSnapshot]) -> Sound:
    """What all rooms together sound like."""
    sounding: list[AlarmPayload] = []
    low = 0
    for room in rooms:
        sounding += [alarm for alarm in room.alarms.values() if is_sounding(alarm)]
        low += room.silent_since is not None
    urgent = [a.priority for a in sounding if a.priority in (Priority.HIGH, Priority.MEDIUM)]
    low += len(sounding) - len(urgent)
    return Sound(priority=min(urgent, key=_RANK.__getitem__, default=None), low=low)


def place_of(room: RoomSnapshot) -> tuple[int, str]:
    """Sorts tiles by need; the level itself is left out, or tiles would jump under a finger."""
    return (room.need[0], _in_order(room.name))


def paused_until(room: RoomSnapshot, now: datetime) -> datetime | None:
    """When the room's pause of signals ends by our clock; None when there is none."""
    ahead = timedelta(seconds=room.clock_ahead_s)
    said = [alarm.paused_until for alarm in room.alarms.values()]
    if room.status is not None:
        said.append(room.status.paused_until)
    ends = [until - ahead for until in said if until is not None]
    return max((end for end in ends if end > now), default=None)


@lru_cache(1024)
def _in_order(name: str) -> str:
    """Room 5 stands before Room 12."""
    return re.sub(r"[0-9]+", lambda digits: digits.group().zfill(9), name.casefold())
