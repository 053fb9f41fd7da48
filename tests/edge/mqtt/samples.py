"""Payloads as the gateway makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pain.action_units import ActionUnit
from pain.alarms import PRIORITIES, AlarmState, Condition, Signal, Trigger
from pain.topics import Topics
from pain.values import Reason
from pain.wire import (
    AlarmEventPayload,
    AlarmPayload,
    CommandEventPayload,
    ReadingPayload,
    RestartEventPayload,
    StageState,
    StageStatus,
    StatusPayload,
)

AT = datetime(2026, 11, 24, 3, 30, 0, 250_000, tzinfo=UTC)
TOPICS = Topics(site="elm-court", room="room-12")


def reading(level: float | None = 2.5, *, valid_s: float = 5.0) -> ReadingPayload:
    known = level is not None
    return ReadingPayload(
        level=level,
        corrected_level=level,
        spread=0.25 if known else None,
        pspi=6.5 if known else None,
        painad_facial_hint=1 if known else None,
        confidence=0.8 if known else None,
        coverage=0.9 if known else 0.0,
        action_units={ActionUnit.AU4: 2.5, ActionUnit.AU43: 0.0} if known else {},
        reason=None if known else Reason.NO_FACE,
        measured_at=AT,
        expires_at=AT + timedelta(seconds=valid_s),
    )


def status(*, software: str = "0.1.0", **changes: Any) -> StatusPayload:
    return StatusPayload(
        room_name="Room 12",
        software=software,
        bundle="landmarks-v1",
        bundle_sha256="0" * 64,
        provider_requested="cpu",
        provider_actual="CPUExecutionProvider",
        libraries={"mediapipe": "0.10.33"},
        stages={
            "capture": StageStatus(state=StageState.OK, last_s=0.04),
            "track": StageStatus(state=StageState.STALLED, detail="no face for a while"),
            "score": StageStatus(state=StageState.OK),
            "publish": StageStatus(state=StageState.OK),
        },
        fps=24.9,
        dropped_frames=3,
        coverage=0.9,
        latency_p50_ms=21.5,
        latency_p95_ms=40.0,
        worker_restarts=0,
        started_at=AT,
        stream_started_at=AT,
        at=AT,
        **changes,
    )


def alarm(
    condition: Condition = Condition.PAIN_SEVERE, state: AlarmState = AlarmState.OFF
) -> AlarmPayload:
    on = state is not AlarmState.OFF
    return AlarmPayload(
        condition=condition,
        priority=PRIORITIES[condition],
        state=state,
        present=on,
        signal=Signal.SOUNDING if on else Signal.SILENT,
        onset_at=AT if on else None,
        changed_at=AT,
        event_id=uuid4() if on else None,
    )


def alarm_event(
    condition: Condition = Condition.PAIN_SEVERE, *, detail: str | None = None
) -> AlarmEventPayload:
    return AlarmEventPayload(
        id=uuid4(),
        condition=condition,
        priority=PRIORITIES[condition],
        trigger=Trigger.ONSET,
        before=AlarmState.OFF,
        after=AlarmState.ON,
        present=True,
        signal=Signal.SOUNDING,
        level=5.25,
        limits={"level": 5.0, "on_delay_s": 2.0},
        onset_at=AT,
        decided_at=AT + timedelta(seconds=2),
        published_at=AT + timedelta(seconds=2),
        detail=detail,
    )


def command_event(command: str = "acknowledge") -> CommandEventPayload:
    return CommandEventPayload(
        id=uuid4(),
        command_id=uuid4(),
        command=command,
        accepted=True,
        person="nurse-7",
        decided_at=AT,
        published_at=AT,
    )


def restart_event() -> RestartEventPayload:
    return RestartEventPayload(
        id=uuid4(),
        last_alive_at=AT - timedelta(minutes=5),
        standing=(Condition.PAIN_SEVERE,),
        pause_ended=True,
        decided_at=AT,
        published_at=AT,
    )
