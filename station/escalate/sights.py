"""What there is to escalate, from what the station knows now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pain.alarms import PHYSIOLOGICAL, AlarmState, Priority, Signal
from pain.wire import AlarmPayload
from station.escalate.values import ROOM_SILENT, Matter, Sight
from station.live.values import RoomSnapshot


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
            )


def _of_alarm(room: RoomSnapshot, alarm: AlarmPayload) -> Sight:
    return Sight(
        matter=Matter(key=room.key, subject=alarm.condition.value),
        name=room.name,
        onset_at=alarm.onset_at or alarm.changed_at,
        paused=alarm.signal is Signal.PAUSED,
        acknowledged=alarm.state is AlarmState.ACKNOWLEDGED,
        level=room.level if alarm.condition in PHYSIOLOGICAL else None,
        event_id=alarm.event_id,
    )
