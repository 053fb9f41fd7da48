"""One room's logic, with the clock turned by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import pytest
from pydantic import BaseModel

from edge.config import EdgeConfig
from edge.gateway.room import RoomGateway
from edge.worker.messages import Beat, Ended, Failed, Hello, ReadingMessage
from pain.alarms import AlarmState, Condition, Trigger
from pain.clock import Moment
from pain.values import Reading, Reason, Score, Unavailable
from pain.wire import (
    AlarmEventPayload,
    AlarmPayload,
    CommandEventPayload,
    PauseCommand,
    ReadingPayload,
    StageState,
    StageStatus,
    StatusPayload,
)

T = TypeVar("T", bound=BaseModel)
START = datetime(2026, 1, 1, tzinfo=UTC)
HELLO = Hello(
    bundle="landmarks-v0",
    bundle_sha256="0" * 64,
    provider_requested="cpu",
    provider_actual="cpu",
    precision_requested="auto",
    precision_actual="fp32",
    libraries={},
    network="none",
)


class HandClock:
    def __init__(self) -> None:
        self.monotonic_s = 1000.0

    def now(self) -> Moment:
        return Moment(
            monotonic_s=self.monotonic_s, wall=START + timedelta(seconds=self.monotonic_s)
        )


class Wire:
    """Remembers what would be published."""

    connected = True
    failure = None

    def __init__(self) -> None:
        self.said: list[BaseModel] = []

    def publish_reading(self, payload: ReadingPayload) -> None:
        self.said.append(payload)

    def publish_status(self, payload: StatusPayload) -> None:
        self.said.append(payload)

    def publish_alarm(self, payload: AlarmPayload) -> None:
        self.said.append(payload)

    def publish_event(self, payload: AlarmEventPayload | CommandEventPayload) -> None:
        self.said.append(payload)

    def last(self, kind: type[T]) -> T:
        return next(payload for payload in reversed(self.said) if isinstance(payload, kind))

    def events(self) -> list[tuple[Condition, Trigger]]:
        return [
            (payload.condition, payload.trigger)
            for payload in self.said
            if isinstance(payload, AlarmEventPayload)
        ]


class Room:
    """A gateway room on a camera (or a clip read fast), and helpers to feed it."""

    def __init__(self, *, uri: str = "rtsp://camera/stream", fast: bool = False) -> None:
        self.clock = HandClock()
        self.wire = Wire()
        config = EdgeConfig.model_validate(
            {
                "site": "home",
                "mqtt": {"host": "broker"},
                "rooms": [{"id": "room-1", "camera": {"uri": uri}}],
            }
        )
        self.gateway = RoomGateway(
            room=config.rooms[0],
            config=config,
            publisher=self.wire,
            clock=self.clock,
            fast=fast,
        )
        self._sequence = 0

    def read(self, outcome: Score | Unavailable, *, captured_s: float | None = None) -> None:
        self._sequence += 1
        at_s = self.clock.monotonic_s if captured_s is None else captured_s
        reading = Reading(
            captured_s=at_s,
            wall_time=START + timedelta(seconds=at_s),
            sequence=self._sequence,
            outcome=outcome,
        )
        self.gateway.handle(ReadingMessage(reading=reading))

    def live(self, outcome: Score | Unavailable, *, for_s: float, fps: float = 10.0) -> None:
        for _ in range(round(for_s * fps)):
            self.clock.monotonic_s += 1 / fps
            self.read(outcome)
            self.gateway.tick()

    def silent(self, for_s: float) -> None:
        for _ in range(round(for_s / 0.2)):
            self.clock.monotonic_s += 0.2
            self.gateway.tick()


def score(level: float) -> Score:
    whole = round(level)
    return Score(
        level=level,
        probabilities=tuple(1.0 if index == whole else 0.0 for index in range(7)),
        pspi=None,
        action_units={},
        confidence=1.0,
    )


@pytest.fixture
def room() -> Room:
    made = Room()
    made.gateway.handle(HELLO)
    return made


def test_all_alarms_and_the_status_are_told_before_anything_happens():
    wire = Room().wire
    told = {p.condition: p.state for p in wire.said if isinstance(p, AlarmPayload)}
    assert told == dict.fromkeys(Condition, AlarmState.OFF)
    assert wire.last(StatusPayload).stages["capture"].state is StageState.STARTING


def test_lasting_severe_pain_raises_both_alarms_once(room: Room):
    room.live(score(0.0), for_s=8)
    room.live(score(6.0), for_s=8)
    assert room.wire.events() == [
        (Condition.PAIN_MODERATE, Trigger.ONSET),
        (Condition.PAIN_SEVERE, Trigger.ONSET),
    ]


def test_pain_that_stands_is_not_cleared_by_losing_the_face(room: Room):
    room.live(score(6.0), for_s=12)
    room.live(Unavailable(reason=Reason.NO_FACE), for_s=90)
    assert (Condition.NO_FACE, Trigger.ONSET) in room.wire.events()
    assert (Condition.PAIN_SEVERE, Trigger.CLEARED) not in room.wire.events()
    last = room.wire.last(ReadingPayload)
    assert (last.level, last.reason) == (None, Reason.NO_FACE)


def test_a_silent_camera_is_lost_and_never_reads_zero(room: Room):
    room.live(score(1.0), for_s=6)
    room.silent(for_s=10)
    assert room.wire.events() == [(Condition.CAMERA_LOST, Trigger.ONSET)]
    last = room.wire.last(ReadingPayload)
    assert (last.level, last.reason) == (None, Reason.CAMERA_LOST)
    room.live(score(1.0), for_s=6)
    assert room.wire.events()[-1] == (Condition.CAMERA_LOST, Trigger.CLEARED)


def test_a_lost_worker_is_model_failed_at_once_and_says_so_in_the_readings(room: Room):
    room.live(score(1.0), for_s=6)
    room.gateway.worker_lost("the vision worker ended unexpectedly")
    assert room.wire.events() == [(Condition.MODEL_FAILED, Trigger.ONSET)]
    room.silent(for_s=5)
    assert room.wire.last(ReadingPayload).reason is Reason.MODEL_FAILED
    assert room.wire.last(StatusPayload).worker_restarts == 1


@pytest.mark.parametrize(
    ("uri", "finished"), [("rtsp://camera/stream", False), ("/clips/bed.mp4", True)]
)
def test_only_a_recording_is_given_up(uri: str, finished: bool):
    room = Room(uri=uri)
    room.gateway.handle(Failed(reason=Reason.CAMERA_LOST, detail="it cannot be read", fatal=True))
    assert room.gateway.finished is finished
    assert (Condition.CAMERA_LOST, Trigger.ONSET) in room.wire.events()


def test_the_clock_of_a_clip_read_fast_is_the_clip(room: Room):
    fast = Room(uri="/clips/bed.mp4", fast=True)
    fast.gateway.handle(HELLO)
    start_s = fast.clock.monotonic_s
    for index in range(100):
        fast.clock.monotonic_s += 1.0  # scoring is ten times slower than the clip
        fast.read(score(6.0), captured_s=start_s + index / 10)
        fast.gateway.tick()
    assert fast.wire.events() == [
        (Condition.PAIN_MODERATE, Trigger.ONSET),
        (Condition.PAIN_SEVERE, Trigger.ONSET),
    ]
    fast.gateway.handle(Ended())
    assert fast.gateway.finished


def test_a_stage_that_changes_is_told_at_once(room: Room):
    before = len(room.wire.said)
    stalled = StageStatus(state=StageState.STALLED, last_s=3.0)
    room.gateway.handle(Beat(stages={"capture": stalled}, dropped_frames=0))
    assert room.wire.last(StatusPayload).stages["capture"] == stalled
    said = len(room.wire.said)
    assert said == before + 1
    room.gateway.handle(Beat(stages={"capture": stalled}, dropped_frames=0))
    assert len(room.wire.said) == said


def test_a_pause_is_answered_and_shown_at_once(room: Room):
    now = room.clock.now().wall
    until = now + timedelta(minutes=10)
    command = PauseCommand(
        id=uuid4(),
        person="nurse-7",
        issued_at=now,
        expires_at=now + timedelta(minutes=1),
        until=until,
    )
    room.gateway.command("pause", command.model_dump_json().encode(), retained=False)
    assert room.wire.last(CommandEventPayload).accepted
    assert room.wire.last(StatusPayload).paused_until == until


def test_a_baseline_is_refused_with_a_reason_until_it_exists(room: Room):
    now = room.clock.now().wall
    payload = (
        f'{{"id": "{uuid4()}", "person": "nurse-7", "issued_at": "{now.isoformat()}", '
        f'"expires_at": "{(now + timedelta(minutes=1)).isoformat()}"}}'
    )
    room.gateway.command("set_baseline", payload.encode(), retained=False)
    answer = room.wire.last(CommandEventPayload)
    assert not answer.accepted
    assert answer.reason is not None


def test_alarms_that_stand_at_the_end_are_closed_by_an_event(room: Room):
    room.live(score(6.0), for_s=12)
    room.gateway.finish()
    assert (Condition.PAIN_SEVERE, Trigger.STOPPED) in room.wire.events()
    assert room.wire.last(StatusPayload).stages["capture"].state is StageState.STOPPED


WHY = "tensorrt fp16 was asked for, cpu fp32 runs. tensorrt fp16: its libraries are absent"
DEGRADED = HELLO.model_copy(update={"provider_requested": "tensorrt", "degraded": WHY})


def test_a_model_on_another_provider_is_a_technical_alarm_with_its_cause() -> None:
    room = Room()
    room.gateway.handle(DEGRADED)
    event, alarm = room.wire.last(AlarmEventPayload), room.wire.last(AlarmPayload)
    assert (event.condition, event.trigger) == (Condition.DEGRADED_PROVIDER, Trigger.ONSET)
    assert (alarm.condition, alarm.state) == (Condition.DEGRADED_PROVIDER, AlarmState.ON)
    assert event.detail == alarm.detail == room.wire.last(StatusPayload).degraded == WHY
    room.live(score(1.0), for_s=5)
    assert room.wire.last(ReadingPayload).level == pytest.approx(1.0, abs=0.1)


def test_the_alarm_of_the_provider_ends_with_a_worker_that_runs_as_asked() -> None:
    room = Room()
    for hello in (DEGRADED, DEGRADED, HELLO, HELLO):
        room.gateway.handle(hello)
    assert room.wire.events() == [
        (Condition.DEGRADED_PROVIDER, Trigger.ONSET),
        (Condition.DEGRADED_PROVIDER, Trigger.CLEARED),
    ]
    assert room.wire.last(AlarmPayload).detail is None
    status = room.wire.last(StatusPayload)
    assert (status.degraded, status.precision_requested, status.precision_actual) == (
        None,
        "auto",
        "fp32",
    )


def test_a_worker_that_dies_takes_the_alarm_of_its_provider_not_along() -> None:
    room = Room()
    room.gateway.handle(DEGRADED)
    room.gateway.worker_lost("gone")
    room.gateway.handle(DEGRADED)
    events = [event for event in room.wire.events() if event[0] is Condition.DEGRADED_PROVIDER]
    assert events == [(Condition.DEGRADED_PROVIDER, Trigger.ONSET)]
