"""From values to payloads; pure. Numbers are rounded for readers and kept inside the schema."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from edge.alarm import AlarmStatus
from pain.alarms import AlarmEvent
from pain.clock import Moment
from pain.scales import painad_facial_hint
from pain.values import Trend
from pain.wire import (
    AlarmEventPayload,
    AlarmPayload,
    CommandEventPayload,
    ReadingPayload,
)

READING_VALID_S: Final = 5.0
"""A reading comes about once a second; five missed ones mean that nothing is known."""


def reading_payload(
    trend: Trend, now: Moment, *, valid_s: float = READING_VALID_S
) -> ReadingPayload:
    """Adapt a smoothed estimate.

    Args:
        trend: the estimate.
        now: any instant on both clocks; turns the trend's monotonic time into wall time.
        valid_s: seconds after the measurement at which the reading says nothing any more.
    """
    measured_at = now.at(trend.at_s)
    return ReadingPayload(
        level=_within(trend.level, 0, 6),
        corrected_level=_within(trend.corrected_level, 0, 6),
        spread=None if trend.spread is None else round(max(0.0, trend.spread), 3),
        pspi=_within(trend.pspi, 0, 16),
        painad_facial_hint=None if trend.level is None else painad_facial_hint(trend.level),
        confidence=_within(trend.confidence, 0, 1),
        coverage=round(min(max(trend.coverage, 0.0), 1.0), 3),
        action_units={
            unit: round(min(max(intensity, 0.0), 5.0), 2)
            for unit, intensity in trend.action_units.items()
        },
        reason=trend.reason,
        asleep=trend.asleep,
        measured_at=measured_at,
        expires_at=measured_at + timedelta(seconds=valid_s),
    )


def alarm_payload(status: AlarmStatus) -> AlarmPayload:
    """Adapt the state of one condition."""
    return AlarmPayload(
        condition=status.condition,
        priority=status.priority,
        state=status.state,
        present=status.present,
        signal=status.signal,
        onset_at=status.onset_at,
        changed_at=status.changed_at,
        acknowledged_by=status.acknowledged_by,
        paused_until=status.paused_until,
        event_id=status.event_id,
        detail=status.detail,
    )


def event_payload(event: AlarmEvent, *, published_at: datetime) -> AlarmEventPayload:
    """Adapt one alarm transition."""
    return AlarmEventPayload(
        id=event.id,
        condition=event.condition,
        priority=event.priority,
        trigger=event.trigger,
        before=event.before,
        after=event.after,
        present=event.present,
        signal=event.signal,
        level=_within(event.level, 0, 6),
        limits=dict(event.limits),
        onset_at=event.onset_at,
        decided_at=event.decided_at,
        published_at=published_at,
        person=event.person,
        detail=event.detail,
    )


def command_event(
    *, command: str, command_id: UUID | None, person: str | None, refusal: str | None, now: Moment
) -> CommandEventPayload:
    """Answer a command; ``refusal`` is the reason, None when the command was carried out."""
    return CommandEventPayload(
        id=uuid4(),
        command_id=command_id,
        command=command,
        accepted=refusal is None,
        reason=refusal,
        person=person,
        decided_at=now.wall,
        published_at=now.wall,
    )


def _within(value: float | None, low: float, high: float) -> float | None:
    """Round to three decimals within a range; None stays None."""
    return None if value is None else round(min(max(value, low), high), 3)
