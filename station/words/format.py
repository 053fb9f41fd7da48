"""Numbers, times and events in a language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pain.action_units import ActionUnit
from pain.wire import AlarmEventPayload, CommandEventPayload, EventPayload
from station.words.words import Words

SHOWN_FROM: Final = 1.5
"""FACS calls 1 a trace, and a trace explains nothing to a nurse."""

MOST_SIGNS: Final = 4


def number(words: Words, value: float, digits: int = 1) -> str:
    """A number with the language's decimal sign."""
    return f"{value:.{digits}f}".replace(".", words.decimal)


def percent(share: float) -> str:
    """A share 0..1."""
    return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


def duration(words: Words, seconds: float) -> str:
    """A length of time; whole minutes from the first one on, so that it does not flicker."""
    whole = max(0, int(seconds))
    if whole < 60:  # noqa: PLR2004  seconds in a minute
        return f"{whole}\N{NO-BREAK SPACE}{words.second}"
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return (
            f"{hours}\N{NO-BREAK SPACE}{words.hour} {minutes:02d}\N{NO-BREAK SPACE}{words.minute}"
        )
    return f"{minutes}\N{NO-BREAK SPACE}{words.minute}"


def time_of_day(at: datetime) -> str:
    """Local time, to the minute."""
    return at.astimezone().strftime("%H:%M")


def moment(words: Words, at: datetime) -> str:
    """Weekday, date and local time."""
    local = at.astimezone()
    return f"{words.weekdays[local.weekday()]} {local:%d.%m. %H:%M:%S}"


def signs(words: Words, units: Mapping[ActionUnit, float]) -> str:
    """Visible action units, strongest first; empty when there is none.

    Args:
        words: the language.
        units: intensities 0..5.
    """
    visible = sorted(
        (unit for unit, intensity in units.items() if intensity >= SHOWN_FROM),
        key=lambda unit: -units[unit],
    )
    return ", ".join(words.units[unit] for unit in visible[:MOST_SIGNS])


def event_line(words: Words, event: EventPayload) -> str:
    """One event of the history."""
    if isinstance(event, AlarmEventPayload):
        what = words.conditions[event.condition]
        line = words.triggers[event.trigger].format(what=what, person=event.person or "?")
        level = "" if event.level is None else f" ({number(words, event.level)})"
        return f"{line}{level}"
    if isinstance(event, CommandEventPayload):
        name = words.commands.get(event.command, event.command)
        person = f" · {event.person}" if event.person else ""
        return f"{name}{person}" if event.accepted else f"{name}{person}: ✗ {event.reason or ''}"
    return words.restart
