"""Messages as rooms send them, for the station's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from pain.alarms import PRIORITIES, AlarmState, Condition, Priority, Signal, Trigger
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
from station.live.values import RoomKey

START = datetime(2026, 11, 24, 14, 0, 0, tzinfo=UTC)
ROOM = RoomKey(site="elm-court", room="room-12")
OTHER = RoomKey(site="elm-court", room="room-14")
TOPIC = "painwatch/elm-court/room-12"


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
    at: datetime = START,
    life_s: float = 5.0,
    reason: Reason | None = None,
    coverage: float = 0.9,
) -> ReadingPayload:
    return ReadingPayload(
        level=level,
        reason=reason,
        confidence=None if level is None else 0.8,
        coverage=coverage,
        measured_at=at,
        expires_at=at + timedelta(seconds=life_s),
    )


def status(name: str = "Room 12", *, at: datetime = START) -> StatusPayload:
    return StatusPayload(
        room_name=name,
        software="0.1.0",
        bundle="landmarks-v1",
        bundle_sha256="0" * 64,
        provider_requested="cpu",
        provider_actual="cpu",
        stages={"capture": StageStatus(state=StageState.OK)},
        dropped_frames=0,
        coverage=0.9,
        worker_restarts=0,
        started_at=at,
        at=at,
    )


def alarm(
    condition: Condition = Condition.PAIN_SEVERE,
    state: AlarmState = AlarmState.ON,
    *,
    signal: Signal = Signal.SOUNDING,
    priority: Priority | None = None,
) -> AlarmPayload:
    return AlarmPayload(
        condition=condition,
        priority=priority or PRIORITIES[condition],
        state=state,
        present=state in (AlarmState.ON, AlarmState.ACKNOWLEDGED),
        signal=signal,
        onset_at=START,
        changed_at=START,
    )


def alarm_event(
    condition: Condition = Condition.PAIN_SEVERE,
    trigger: Trigger = Trigger.ONSET,
    *,
    event_id: UUID | None = None,
    at: datetime = START,
    detail: str | None = None,
) -> AlarmEventPayload:
    return AlarmEventPayload(
        id=event_id or uuid4(),
        condition=condition,
        priority=PRIORITIES[condition],
        trigger=trigger,
        before=AlarmState.OFF,
        after=AlarmState.ON,
        present=True,
        signal=Signal.SOUNDING,
        level=5.2,
        limits={"level": 5.0, "on_delay_s": 2.0},
        onset_at=at,
        decided_at=at,
        published_at=at,
        detail=detail,
    )


def answer(
    command_id: UUID | None,
    *,
    accepted: bool = True,
    reason: str | None = None,
    command: str = "acknowledge",
) -> CommandEventPayload:
    return CommandEventPayload(
        id=uuid4(),
        command_id=command_id,
        command=command,
        accepted=accepted,
        reason=reason,
        person="nurse-7",
        decided_at=START,
        published_at=START,
    )
