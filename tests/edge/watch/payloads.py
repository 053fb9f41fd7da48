"""Messages as the daemon sends them, for the board's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from pain.action_units import ActionUnit
from pain.alarms import PRIORITIES, AlarmState, Condition, Signal, Trigger
from pain.clock import Moment
from pain.values import Reason
from pain.wire import (
    AlarmEventPayload,
    AlarmPayload,
    CommandEventPayload,
    ReadingPayload,
    StageState,
    StageStatus,
    StatusPayload,
)

START = datetime(2026, 11, 24, 14, 0, 0, tzinfo=UTC)
BASE = "painwatch/elm-court/room-12"


def moment(seconds: float) -> Moment:
    return Moment(monotonic_s=1000.0 + seconds, wall=START + timedelta(seconds=seconds))


class HandClock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Moment:
        return moment(self.seconds)


def reading(
    level: float | None,
    *,
    at: float = 0.0,
    life_s: float = 5.0,
    reason: Reason | None = None,
    units: dict[ActionUnit, float] | None = None,
) -> bytes:
    wall = moment(at).wall
    return (
        ReadingPayload(
            level=level,
            reason=reason,
            confidence=None if level is None else 0.8,
            coverage=0.0 if level is None else 0.9,
            action_units=units or {},
            measured_at=wall,
            expires_at=wall + timedelta(seconds=life_s),
        )
        .model_dump_json()
        .encode()
    )


def alarm(
    condition: Condition,
    state: AlarmState,
    *,
    at: float = 0.0,
    signal: Signal = Signal.SOUNDING,
    by: str | None = None,
    paused_until: float | None = None,
) -> bytes:
    return (
        AlarmPayload(
            condition=condition,
            priority=PRIORITIES[condition],
            state=state,
            present=state in (AlarmState.ON, AlarmState.ACKNOWLEDGED),
            signal=signal,
            onset_at=moment(at).wall,
            changed_at=moment(at).wall,
            acknowledged_by=by,
            paused_until=None if paused_until is None else moment(paused_until).wall,
        )
        .model_dump_json()
        .encode()
    )


def alarm_event(
    condition: Condition,
    trigger: Trigger,
    before: AlarmState,
    after: AlarmState,
    *,
    at: float = 0.0,
    event_id: UUID | None = None,
    level: float | None = 3.2,
    person: str | None = None,
) -> bytes:
    return (
        AlarmEventPayload(
            id=event_id or uuid4(),
            condition=condition,
            priority=PRIORITIES[condition],
            trigger=trigger,
            before=before,
            after=after,
            present=after is AlarmState.ON,
            signal=Signal.SOUNDING,
            level=level,
            limits={"level": 3.0},
            onset_at=moment(at).wall,
            decided_at=moment(at).wall,
            published_at=moment(at).wall,
            person=person,
        )
        .model_dump_json()
        .encode()
    )


def answer(command_id: UUID | None, *, accepted: bool, reason: str | None = None) -> bytes:
    return (
        CommandEventPayload(
            id=uuid4(),
            command_id=command_id,
            command="acknowledge",
            accepted=accepted,
            reason=reason,
            person="anna",
            decided_at=START,
            published_at=START,
        )
        .model_dump_json()
        .encode()
    )


def status(
    *,
    name: str = "Room 12",
    capture: StageState = StageState.OK,
    paused_until: float | None = None,
    fps: float | None = 25.0,
) -> bytes:
    return (
        StatusPayload(
            room_name=name,
            software="0.1.0",
            bundle="landmarks-v1",
            bundle_sha256="0" * 64,
            provider_requested="cpu",
            provider_actual="CPUExecutionProvider",
            stages={
                "capture": StageStatus(state=capture, detail="no frame for 7 s"),
                "score": StageStatus(state=StageState.OK),
            },
            fps=fps,
            dropped_frames=0,
            coverage=1.0,
            worker_restarts=0,
            paused_until=None if paused_until is None else moment(paused_until).wall,
            started_at=START,
            at=START,
        )
        .model_dump_json()
        .encode()
    )
