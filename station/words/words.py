"""One language's words for everything that a nurse sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Trigger
from pain.values import Reason
from station.live.values import Absence, Band
from station.ports import OrderState, Trouble, Verdict
from station.words.language import Language
from station.words.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A language. Every mapping has every member of its enum; a test holds that.

    Attributes:
        language: which.
        decimal: the decimal sign.
        minute: short for minutes, and so on for the other units of time.
        hour: likewise.
        second: likewise.
        weekdays: short names, Monday first.
        bands: where a level lies.
        absences: why there is no level, as the station found.
        reasons: why there is no level, as the room said.
        conditions: what an alarm is about.
        states: where an alarm stands.
        triggers: what happened to an alarm; ``{what}`` is the condition, ``{person}`` who did it.
        units: what is seen in the face.
        troubles: what keeps the station from its work, and what to do.
        outcomes: what became of a command; ``{reason}`` is the room's own.
        commands: names of the commands in the history.
        verdicts: what a nurse says of an alarm.
        painad: for each item of PAINAD its name and what 0, 1 and 2 mean.
        say: every other sentence.
    """

    language: Language
    decimal: str
    minute: str
    hour: str
    second: str
    weekdays: tuple[str, str, str, str, str, str, str]
    bands: Mapping[Band, str]
    absences: Mapping[Absence, str]
    reasons: Mapping[Reason, str]
    conditions: Mapping[Condition, str]
    states: Mapping[AlarmState, str]
    triggers: Mapping[Trigger, str]
    units: Mapping[ActionUnit, str]
    troubles: Mapping[Trouble, str]
    outcomes: Mapping[OrderState, str]
    commands: Mapping[str, str]
    restart: str
    verdicts: Mapping[Verdict, str]
    painad: Mapping[str, tuple[str, str, str, str]]
    say: Mapping[Text, str]
