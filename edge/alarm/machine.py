"""States of one alarm and what moves it between them: a table, nothing else.

Terms of IEC 60601-1-8: the condition (present or not) is apart from the signal (announced or
not). A latching alarm stays announced after its condition has gone, until a person acknowledges
it. That holds over the end of the watching too: a restart is nobody's acknowledgement. An
acknowledged alarm is silent while its condition stays; a reminder announces it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pain.alarms import AlarmState, Signal, Trigger

_OFF, _ON = AlarmState.OFF, AlarmState.ON
_LATCHED, _ACKNOWLEDGED = AlarmState.LATCHED, AlarmState.ACKNOWLEDGED

Transitions = Mapping[tuple[AlarmState, Trigger], AlarmState]

NON_LATCHING: Final[Transitions] = {
    (_OFF, Trigger.ONSET): _ON,
    (_ON, Trigger.CLEARED): _OFF,
    (_ON, Trigger.ACKNOWLEDGED): _ACKNOWLEDGED,
    (_ON, Trigger.PAUSED): _ON,
    (_ON, Trigger.RESUMED): _ON,
    (_ON, Trigger.PAUSE_EXPIRED): _ON,
    (_ON, Trigger.PAUSE_BROKEN): _ON,
    (_ON, Trigger.STOPPED): _OFF,
    (_ACKNOWLEDGED, Trigger.CLEARED): _OFF,
    (_ACKNOWLEDGED, Trigger.REMINDER): _ON,
    (_ACKNOWLEDGED, Trigger.STOPPED): _OFF,
}
"""A pair that is absent does not apply."""

LATCHING: Final[Transitions] = {
    **NON_LATCHING,
    (_ON, Trigger.CLEARED): _LATCHED,
    (_LATCHED, Trigger.ONSET): _ON,
    (_LATCHED, Trigger.ACKNOWLEDGED): _OFF,
    (_LATCHED, Trigger.PAUSED): _LATCHED,
    (_LATCHED, Trigger.RESUMED): _LATCHED,
    (_LATCHED, Trigger.PAUSE_EXPIRED): _LATCHED,
    (_LATCHED, Trigger.PAUSE_BROKEN): _LATCHED,
    (_ON, Trigger.STOPPED): _LATCHED,
    (_LATCHED, Trigger.STOPPED): _LATCHED,
}

PRESENT: Final = frozenset({_ON, _ACKNOWLEDGED})
"""States in which the condition itself is present."""

ANNOUNCED: Final = frozenset({_ON, _LATCHED})
"""States that are signalled, unless signals are paused."""


def signal_of(state: AlarmState, *, paused: bool) -> Signal:
    """Whether an alarm in this state is announced."""
    if state not in ANNOUNCED:
        return Signal.SILENT
    return Signal.PAUSED if paused else Signal.SOUNDING
