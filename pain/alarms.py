"""Alarm terms after IEC 60601-1-8 and FHIR DeviceAlert: conditions, priorities, states, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class Condition(StrEnum):
    """What can be wrong with a resident (physiological) or with the watching (technical)."""

    PAIN_MODERATE = "pain_moderate"
    PAIN_SEVERE = "pain_severe"
    CAMERA_LOST = "camera_lost"
    NO_FACE = "no_face"
    MODEL_FAILED = "model_failed"
    DEGRADED_PROVIDER = "degraded_provider"
    OUTBOX_STUCK = "outbox_stuck"
    NOBODY_LISTENING = "nobody_listening"
    CLOCK_UNSYNCED = "clock_unsynced"


class Priority(StrEnum):
    """IEC 60601-1-8 alarm priority, plus INFORMATION for advisories that ask for no action now."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATION = "information"


class AlarmState(StrEnum):
    """State of one condition's alarm.

    OFF: condition absent, nothing announced. ON: condition present, signalled. LATCHED: condition
    gone, signal kept until somebody acknowledges. ACKNOWLEDGED: condition present, somebody knows.
    """

    OFF = "off"
    ON = "on"
    LATCHED = "latched"
    ACKNOWLEDGED = "acknowledged"


class Signal(StrEnum):
    """Whether the alarm is announced to people, apart from whether its condition is present."""

    SILENT = "silent"
    SOUNDING = "sounding"
    PAUSED = "paused"


class Trigger(StrEnum):
    """What moved an alarm from one state to the next, or changed whether it is signalled.

    ONSET, CLEARED: the condition began, ended. ACKNOWLEDGED: a person said so. REMINDER: it was
    acknowledged long ago and is still present. PAUSED, RESUMED: a person paused signals, or ended
    the pause. PAUSE_EXPIRED: the pause ran out. PAUSE_BROKEN: a new condition ended it. STOPPED:
    the watching ended while the alarm stood; nothing is known of the condition from here on, and
    a latching alarm stays until somebody acknowledges it.
    """

    ONSET = "onset"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    REMINDER = "reminder"
    PAUSED = "paused"
    RESUMED = "resumed"
    PAUSE_EXPIRED = "pause_expired"
    PAUSE_BROKEN = "pause_broken"
    STOPPED = "stopped"


PRIORITIES: Final[Mapping[Condition, Priority]] = {
    Condition.PAIN_SEVERE: Priority.HIGH,
    Condition.PAIN_MODERATE: Priority.MEDIUM,
    Condition.CAMERA_LOST: Priority.MEDIUM,
    Condition.MODEL_FAILED: Priority.MEDIUM,
    Condition.NO_FACE: Priority.INFORMATION,
    Condition.DEGRADED_PROVIDER: Priority.LOW,
    Condition.OUTBOX_STUCK: Priority.LOW,
    Condition.NOBODY_LISTENING: Priority.LOW,
    Condition.CLOCK_UNSYNCED: Priority.LOW,
}

PHYSIOLOGICAL: Final = frozenset({Condition.PAIN_MODERATE, Condition.PAIN_SEVERE})

LATCHING: Final = frozenset({Condition.PAIN_SEVERE})
"""Only high-priority physiological alarms latch; technical alarms never do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmEvent:
    """One transition of one condition's alarm; published once, in order.

    Attributes:
        id: idempotency key.
        condition: which condition.
        priority: its priority.
        trigger: what caused the transition.
        before: state before.
        after: state after.
        present: whether the condition itself is present after the transition, as far as known.
        signal: whether it is announced after the transition.
        onset_s: monotonic time at which the condition began (before the on-delay), seconds.
        decided_s: monotonic time of the decision, seconds.
        onset_at: onset on the wall clock, UTC.
        decided_at: decision on the wall clock, UTC.
        level: smoothed level at the decision, None for technical conditions.
        limits: the limits in force, by name with unit, e.g. ``{"level": 3.0, "on_delay_s": 3.0}``.
        person: id of the person who acknowledged, paused or resumed, else None.
        detail: the cause of a technical condition in words, where it is known.
    """

    id: UUID
    condition: Condition
    priority: Priority
    trigger: Trigger
    before: AlarmState
    after: AlarmState
    present: bool
    signal: Signal
    onset_s: float
    decided_s: float
    onset_at: datetime
    decided_at: datetime
    level: float | None
    limits: Mapping[str, float]
    person: str | None = None
    detail: str | None = None
