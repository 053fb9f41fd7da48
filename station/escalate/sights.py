"""What there is to escalate, from what the station knows now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pain.alarms import PHYSIOLOGICAL, AlarmState, Priority, Signal
from pain.wire import AlarmPayload
from station.escalate.values import ROOM_SILENT, Matter, Sight
from station.live.values import Absence, RoomKey, RoomSnapshot

_UNHEARD: Final = frozenset(
    {Absence.STATION_OFFLINE, Absence.NO_READING, Absence.OFFLINE, Absence.SILENT}
)
"""Absences of a room that has given no sign of being watched again."""


def sights_of(rooms: Sequence[RoomSnapshot], *, room_silent: bool) -> Iterator[Sight]:
    """Every high alarm that is not off, and silent rooms where asked for."""
    for room in rooms:
        for alarm in room.alarms.values():
            if alarm.priority is Priority.HIGH and alarm.state is not AlarmState.OFF:
                yield _of_alarm(room, alarm)
        if room_silent and room.silent_since is not None:
            yield Sight(
                matter=Matter(key=room.key, subject=ROOM_SILENT),
                name=room.name,
                onset_at=room.silent_since,
                changed_at=room.silent_since,
            )


def judgeable(matter: Matter, rooms: Mapping[RoomKey, RoomSnapshot], *, connected: bool) -> bool:
    """Whether it means something that a matter is not seen.

    Args:
        matter: which.
        rooms: what is known now.
        connected: whether rooms can be heard at all.
    """
    if not matter.key.room:
        return True
    room = rooms.get(matter.key)
    if matter.subject == ROOM_SILENT:
        # After a new connection a room that says nothing is not silent yet, and not heard either;
        # nor does a room that should be watched give a sign of it by having been stopped.
        if room is None:
            return connected
        stopped = room.absence is Absence.STOPPED and room.awaited
        return connected and not stopped and room.absence not in _UNHEARD
    # That a message is not there says nothing: a broker may have lost it, or tell it in a moment.
    return connected and room is not None and matter.subject in room.over


def _of_alarm(room: RoomSnapshot, alarm: AlarmPayload) -> Sight:
    return Sight(
        matter=Matter(key=room.key, subject=alarm.condition.value),
        name=room.name,
        onset_at=alarm.onset_at or alarm.changed_at,
        changed_at=alarm.changed_at,
        paused=alarm.signal is Signal.PAUSED,
        acknowledged=alarm.state is AlarmState.ACKNOWLEDGED,
        level=room.level if alarm.condition in PHYSIOLOGICAL else None,
        event_id=alarm.event_id,
    )
