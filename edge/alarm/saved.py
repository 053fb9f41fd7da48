"""What of a room's alarms must be known after a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.alarm.machine import PRESENT
from pain.alarms import AlarmEvent, AlarmState, Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAlarm:
    """One condition's alarm.

    Attributes:
        state: its state.
        onset_age_s: time since the condition began, seconds; None when the alarm is off.
        acknowledged_age_s: time since the acknowledgement in force, seconds.
        event: the event that led to the state; it also says who acknowledged.
    """

    state: AlarmState
    onset_age_s: float | None
    acknowledged_age_s: float | None
    event: AlarmEvent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAlarms:
    """The alarms of one room.

    Attributes:
        at: when they were saved, UTC; every age is as of then.
        alarms: by condition.
        pause_left_s: what was left of the pause of signals, seconds; None without one.
    """

    at: datetime
    alarms: Mapping[Condition, SavedAlarm]
    pause_left_s: float | None

    @property
    def present(self) -> frozenset[Condition]:
        """Conditions that were present."""
        return frozenset(key for key, alarm in self.alarms.items() if alarm.state in PRESENT)

    @property
    def standing(self) -> tuple[Condition, ...]:
        """Conditions whose alarm was not off."""
        return tuple(key for key, alarm in self.alarms.items() if alarm.state is not AlarmState.OFF)
