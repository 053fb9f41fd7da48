"""What one room's row says, and in which order rooms stand; pure, without colours or layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.watch import words
from edge.watch.bands import Band, Bands
from edge.watch.board import HISTORY_S, BoardState, Room
from edge.watch.spark import buckets
from pain.alarms import PHYSIOLOGICAL, AlarmState, Priority, Signal
from pain.clock import Moment
from pain.wire import AlarmPayload, Availability, StageState

_PLACE_OF_BAND: Final[Mapping[Band, int]] = {
    Band.SEVERE: 3,
    Band.MODERATE: 4,
    Band.UNAVAILABLE: 5,
    Band.MILD: 8,
    Band.CALM: 9,
}
"""Places 0 to 2 are those of alarms that nobody has acknowledged."""

_PRIORITY_ORDER: Final[Mapping[Priority, int]] = {
    Priority.HIGH: 0,
    Priority.MEDIUM: 1,
    Priority.LOW: 2,
    Priority.INFORMATION: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLine:
    """One standing alarm in words."""

    text: str
    priority: Priority
    state: AlarmState


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One room as the board shows it.

    Attributes:
        key: ``site/room``.
        name: name for people.
        band: where the level lies, or unavailable.
        level: smoothed level 0..6, None when there is none.
        reason: why there is no level, in words; None with a level.
        history: highest level per time bucket, oldest first; None where nothing is known.
        signs: visible action units in words, strongest first.
        confidence: 0..1, None without a level.
        coverage: share of the window with valid scores 0..1, None without a fresh reading.
        alarms: standing alarms, most urgent first.
        availability: what the room's box says of itself, in words.
        health: stages that are not well, in words; empty when all is well.
        fps: frames scored a second, None when unknown.
        pause_left_s: seconds until signals sound again, None when not paused.
        place: order of need, 0 is most urgent.
    """

    key: str
    name: str
    band: Band
    level: float | None
    reason: str | None
    history: tuple[float | None, ...]
    signs: str
    confidence: float | None
    coverage: float | None
    alarms: tuple[AlarmLine, ...]
    availability: str
    health: str
    fps: float | None
    pause_left_s: float | None
    place: int


def rows(
    state: BoardState,
    now: Moment,
    *,
    bands: Bands,
    buckets_shown: int,
    window_s: float = HISTORY_S,
) -> tuple[Row, ...]:
    """All rooms, those that need somebody most first.

    Args:
        state: what is known.
        now: present moment; decides what is still fresh.
        bands: limits of the bands.
        buckets_shown: columns of the history.
        window_s: time the history spans, seconds.

    Returns:
        One row per room.
    """
    made = [
        _row(room, now, bands=bands, buckets_shown=buckets_shown, window_s=window_s)
        for room in state.rooms.values()
    ]
    return tuple(sorted(made, key=lambda row: (row.place, -(row.level or 0.0), row.name, row.key)))


def why_unavailable(room: Room, now: Moment) -> str | None:
    """Why a room has no level now, in words; None when it has one."""
    if room.availability in (Availability.OFFLINE, Availability.STOPPED):
        return words.AVAILABILITY_WORDS[room.availability]
    if room.reading is None:
        return "no reading yet"
    payload = room.reading.payload
    if not room.reading.is_fresh(now):
        if room.reading.at.wall >= payload.expires_at:
            return "readings arrive too old: compare the clocks of both machines"
        return f"no reading since {words.clock_time(room.reading.at.wall)}"
    if payload.level is None:
        return words.REASON_WORDS[payload.reason] if payload.reason else "too few scores"
    return None


def _row(room: Room, now: Moment, *, bands: Bands, buckets_shown: int, window_s: float) -> Row:
    reason = why_unavailable(room, now)
    fresh = room.reading.payload if room.reading and room.reading.is_fresh(now) else None
    level = fresh.level if fresh and reason is None else None
    band = bands.of(level)
    alarms = sorted(
        room.standing.values(), key=lambda a: (_PRIORITY_ORDER[a.priority], a.condition)
    )
    return Row(
        key=room.key,
        name=room.name,
        band=band,
        level=level,
        reason=reason,
        history=buckets(
            room.history, now_s=now.monotonic_s, window_s=window_s, count=buckets_shown
        ),
        signs=words.action_units(fresh.action_units) if fresh and level is not None else "",
        confidence=fresh.confidence if fresh and level is not None else None,
        coverage=fresh.coverage if fresh else None,
        alarms=tuple(
            AlarmLine(text=words.alarm(a, now.wall), priority=a.priority, state=a.state)
            for a in alarms
        ),
        availability=(
            words.AVAILABILITY_WORDS[room.availability] if room.availability else "not heard of yet"
        ),
        health=_health(room),
        fps=room.status.fps if room.status and reason is None else None,
        pause_left_s=_pause_left_s(room, now.wall),
        place=_place(alarms, band),
    )


def _health(room: Room) -> str:
    troubles = []
    if room.status:
        troubles = [
            f"{name} {stage.state}" + (f": {stage.detail}" if stage.detail else "")
            for name, stage in room.status.stages.items()
            if stage.state is not StageState.OK
        ]
    if room.unreadable:
        troubles.append(f"{room.unreadable} unreadable messages")
    return "; ".join(troubles)


def _pause_left_s(room: Room, now: datetime) -> float | None:
    if room.status is None or room.status.paused_until is None:
        return None
    left_s = (room.status.paused_until - now).total_seconds()
    return left_s if left_s > 0 else None


def _place(alarms: Sequence[AlarmPayload], band: Band) -> int:
    if not alarms:
        return _PLACE_OF_BAND[band]
    most_urgent = min(_place_of_alarm(alarm) for alarm in alarms)
    if band is Band.UNAVAILABLE:
        # Somebody knows of the pain, but nobody knows of it now.
        return min(most_urgent, _PLACE_OF_BAND[band])
    return most_urgent


def _place_of_alarm(alarm: AlarmPayload) -> int:
    if alarm.state is AlarmState.ACKNOWLEDGED or alarm.signal is Signal.PAUSED:
        return 6
    if alarm.priority is Priority.HIGH:
        return 0
    if alarm.priority is Priority.MEDIUM:
        return 1 if alarm.condition in PHYSIOLOGICAL else 2
    return 5
