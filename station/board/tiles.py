"""A room's tile: level in colour, word and shape, and everything that makes it trustworthy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from pain.alarms import AlarmState, Signal
from pain.clock import Moment
from pain.wire import AlarmPayload
from station.board.curves import curves
from station.board.pressing import by_priority, paused_until
from station.board.templates import render
from station.board.trends import Trends
from station.live.values import Absence, Band, RoomSnapshot
from station.ports import Told
from station.words import Text, Words
from station.words.format import duration, number, percent, signs, time_of_day

_SHAPES: Final[Mapping[Band, Markup]] = {
    Band.SEVERE: Markup(
        '<path fill="currentColor" fill-rule="evenodd" '
        'd="M12 1 24 23H0zM11 9v7h2V9zm0 9v2h2v-2z"></path>'
    ),
    Band.MODERATE: Markup('<path fill="currentColor" d="M12 1 23 12 12 23 1 12z"></path>'),
    Band.MILD: Markup(
        '<path fill="none" stroke="currentColor" stroke-width="3" '
        'd="M12 3 21 12 12 21 3 12z"></path>'
    ),
    Band.CALM: Markup(
        '<circle cx="12" cy="12" r="9.5" fill="none" stroke="currentColor" stroke-width="3">'
        "</circle>"
    ),
    Band.UNAVAILABLE: Markup(
        '<path stroke="currentColor" stroke-width="4" d="M4 4 20 20M20 4 4 20"></path>'
    ),
}
"""A shape for each band, for those who do not tell the colours apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    priority: str
    text: str


def tile(
    room: RoomSnapshot,
    *,
    words: Words,
    trends: Trends,
    moderate_from: float,
    now: Moment,
    told: Sequence[Told],
    linked: bool,
) -> Markup:
    """The inner HTML of a room's tile.

    Args:
        room: the room as it is known now.
        words: the language.
        trends: histories for the curves.
        moderate_from: the level that is drawn as a line in the curves.
        now: present moment.
        told: who was told of it beyond the board.
        linked: whether its name leads to its own page.
    """
    below = curves(room.key, words=words, trends=trends, moderate_from=moderate_from, now=now)
    return facts(room, words=words, now=now, told=told, linked=linked) + below


def facts(
    room: RoomSnapshot, *, words: Words, now: Moment, told: Sequence[Told], linked: bool
) -> Markup:
    """The upper part of a tile: everything but the curves."""
    reading = room.reading
    until = paused_until(room, now.wall)
    there = now.wall + timedelta(seconds=room.clock_ahead_s)
    trust = None
    if reading is not None and reading.confidence is not None:
        trust = words.say[Text.TRUST].format(
            confidence=percent(reading.confidence), coverage=percent(reading.coverage)
        )
    seen = signs(words, reading.action_units) if reading and room.level is not None else ""
    return render(
        "tile.html",
        key=room.key,
        linked=linked,
        room_name=room.name,
        band=room.band.value,
        band_word=words.bands[room.band],
        shape=_SHAPES[room.band],
        level=None if room.level is None else number(words, room.level),
        alarms=[
            _Line(priority=alarm.priority.value, text=alarm_line(alarm, room, words, there))
            for alarm in by_priority(room.alarms.values())
        ],
        reason=reason_of(room, words, now.wall),
        signs=words.say[Text.SIGNS].format(signs=seen) if seen else None,
        asleep=words.say[Text.ASLEEP] if reading is not None and reading.asleep else None,
        told=told_line(told, words),
        pause=None if until is None else pause_line(until, words, now.wall),
        trust=trust,
        clock=clock_line(room, words),
    )


def alarm_line(alarm: AlarmPayload, room: RoomSnapshot, words: Words, now: datetime) -> str:
    """One alarm: what, for how long, and who knows of it."""
    since = room.since.get(alarm.condition, alarm.onset_at or alarm.changed_at)
    parts = [
        words.conditions[alarm.condition],
        words.say[Text.SINCE].format(duration=duration(words, (now - since).total_seconds())),
    ]
    if alarm.state is AlarmState.ACKNOWLEDGED and alarm.acknowledged_by is not None:
        parts.append(words.say[Text.ACKNOWLEDGED_BY].format(person=alarm.acknowledged_by))
    elif alarm.signal is not Signal.SILENT:
        parts.append(words.states[alarm.state])
    if alarm.signal is Signal.PAUSED:
        parts.append(words.say[Text.SIGNAL_PAUSED])
    if alarm.detail:
        parts.append(alarm.detail)
    return " · ".join(parts)


def reason_of(room: RoomSnapshot, words: Words, now: datetime) -> str | None:
    """Why there is no level; None when there is one."""
    if room.level is not None:
        return None
    if room.absence is None:
        reason = room.reading.reason if room.reading is not None else None
        return None if reason is None else words.reasons[reason]
    text = words.absences[room.absence]
    if room.absence is Absence.SILENT and room.silent_since is not None:
        length = duration(words, (now - room.silent_since).total_seconds())
        return f"{words.say[Text.SILENT_SINCE].format(duration=length)}. {text}"
    return text


def pause_line(until: datetime, words: Words, now: datetime) -> str:
    """The pause with its end, which is always shown."""
    return words.say[Text.PAUSED_UNTIL].format(
        time=time_of_day(until), duration=duration(words, (until - now).total_seconds())
    )


def clock_line(room: RoomSnapshot, words: Words) -> str | None:
    """How far the box's clock is from ours; None while the two agree."""
    if not room.clock_ahead_s:
        return None
    text = Text.CLOCK_AHEAD if room.clock_ahead_s > 0 else Text.CLOCK_BEHIND
    return words.say[text].format(duration=duration(words, abs(room.clock_ahead_s)))


def told_line(told: Sequence[Told], words: Words) -> str | None:
    """Who was told beyond the board, and when; None where nobody was."""
    if not told:
        return None
    people = ", ".join(f"{one.recipient} {time_of_day(one.at)}" for one in told)
    return words.say[Text.TOLD].format(people=people)
