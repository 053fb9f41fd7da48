"""One room's logic, with the clock turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import pytest
from pydantic import BaseModel

from edge.config import EdgeConfig
from edge.gateway.room import RoomGateway
from edge.worker.messages import Beat, Ended, Failed, Hello, ReadingMessage
from pain.alarms import AlarmState, Condition, Signal, Trigger
from pain.broker.failures import Failure, Fault
from pain.clock import Moment
from pain.values import Reading, Reason, Score, Unavailable
from pain.wire import (
    AcknowledgeCommand,
    AlarmEventPayload,
    AlarmPayload,
    BaselineState,
    BaselineStatus,
    Command,
    CommandEventPayload,
    EventPayload,
    PauseCommand,
    PicturePlace,
    ReadingPayload,
    ResetBaselineCommand,
    RestartEventPayload,
    ResumeCommand,
    SetBaselineCommand,
    StageState,
    StageStatus,
    StatusPayload,
)

T = TypeVar("T", bound=BaseModel)
START = datetime(2026, 1, 1, tzinfo=UTC)
HELLO = Hello(
    bundle="landmarks-v1",
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
        self.start = START

    def now(self) -> Moment:
        return Moment(
            monotonic_s=self.monotonic_s, wall=self.start + timedelta(seconds=self.monotonic_s)
        )

    def pass_by(self, seconds: float) -> None:
        self.monotonic_s += seconds

    def reboot(self) -> None:
        """The monotonic clock begins anew, the wall clock goes on."""
        wall = self.now().wall
        self.monotonic_s = 20.0
        self.start = wall - timedelta(seconds=20.0)

    def set_wall(self, seconds: float) -> None:
        """Somebody, or the network, sets the wall clock."""
        self.start += timedelta(seconds=seconds)


class Wire:
    """Remembers what would be published."""

    connected = True
    failure: str | None = None

    def __init__(self) -> None:
        self.said: list[BaseModel] = []
        self.while_written: Callable[[], None] = lambda: None
        self.saved: bytes | None = None
        self.disk_trouble: str | None = None
        self.record_trouble: str | None = None
        self.withheld: str | None = None
        self.trouble: Failure | None = None
        self.station_time: Moment | None = None
        self.unconnected_s = 0.0
        self.oldest_s = 0.0
        self.listening_until_s = float("-inf")

    def storage_trouble(self, now: Moment) -> str | None:
        return self.disk_trouble

    def waiting_s(self, now: Moment) -> float:
        return self.oldest_s

    def publish_reading(self, payload: ReadingPayload) -> None:
        self.said.append(payload)

    def publish_status(self, payload: StatusPayload) -> None:
        self.said.append(payload)

    def publish_alarm(self, payload: AlarmPayload) -> None:
        self.said.append(payload)

    def publish_event(self, payload: EventPayload) -> None:
        self.said.append(payload)

    def publish_events(self, payloads: Sequence[EventPayload], *, state: bytes | None) -> None:
        self.while_written()
        self.said += payloads
        self.saved = state or self.saved

    def remember(self, state: bytes) -> None:
        self.saved = state

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

    def __init__(
        self,
        *,
        uri: str = "rtsp://camera/stream",
        fast: bool = False,
        station: str | None = None,
        saved: bytes | None = None,
        alarms: Mapping[str, object] | None = None,
    ) -> None:
        self.clock = HandClock()
        self.wire = Wire()
        self.slept_s = 0.0
        self._fast = fast
        self._config = EdgeConfig.model_validate(
            {
                "site": "home",
                "mqtt": {"host": "broker", "station": station},
                "rooms": [{"id": "room-1", "camera": {"uri": uri}}],
                "alarms": alarms or {},
            }
        )
        self.gateway = self._begin(saved)
        self._sequence = 0

    def _begin(self, saved: bytes | None) -> RoomGateway:
        return RoomGateway(
            room=self._config.rooms[0],
            config=self._config,
            publisher=self.wire,
            clock=self.clock,
            fast=self._fast,
            saved=saved,
            asleep_s=lambda: self.slept_s,
        )

    def sleep(self, seconds: float) -> None:
        """The machine sleeps: the monotonic clock stands still, the wall clock goes on."""
        self.slept_s += seconds
        self.clock.set_wall(seconds)

    def restart(self, *, after_s: float, reboot: bool = True) -> None:
        """Begin anew with what is on disk, without a goodbye; the monotonic clock with a reboot."""
        self.clock.pass_by(after_s)
        if reboot:
            self.clock.reboot()
        self.wire.said.clear()
        self.gateway = self._begin(self.wire.saved)

    def say(self, command: Command, name: str) -> None:
        self.gateway.command(name, command.model_dump_json().encode(), retained=False)

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

    def live_on_a_slow_disk(self, outcome: Score, *, for_s: float, write_s: float) -> None:
        """Ten frames a second wait in the pipe while events are written, as in the main loop."""
        self.wire.while_written = lambda: self.clock.pass_by(write_s)
        due_s, end_s = self.clock.monotonic_s, self.clock.monotonic_s + for_s
        while due_s < end_s:
            self.clock.monotonic_s = max(self.clock.monotonic_s, due_s)
            heard_s = min(self.clock.monotonic_s, end_s)
            self.gateway.heard_up_to(heard_s)
            while due_s <= heard_s:
                self.read(outcome, captured_s=due_s)
                due_s += 0.1
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
    room.live(Unavailable(reason=Reason.NO_FACE), for_s=310, fps=4)
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


def test_the_alarm_of_a_lost_camera_says_what_the_worker_knows_of_it(room: Room):
    room.live(score(1.0), for_s=2)
    why = "there is no camera at /dev/video0; name it by v4l2:///dev/v4l/by-id/usb-x"
    room.gateway.handle(Failed(reason=Reason.CAMERA_LOST, detail=why, fatal=False))
    room.silent(for_s=10)
    event = room.wire.last(AlarmEventPayload)
    assert (event.condition, event.trigger) == (Condition.CAMERA_LOST, Trigger.ONSET)
    assert event.detail == standing(room, Condition.CAMERA_LOST).detail == why


def test_a_disk_that_takes_seconds_for_each_event_invents_no_fault_and_loses_no_pain(room: Room):
    room.live_on_a_slow_disk(score(0.0), for_s=6, write_s=4.5)
    began_s = room.clock.monotonic_s
    room.wire.said.clear()
    room.live_on_a_slow_disk(score(6.0), for_s=20, write_s=4.5)
    assert room.wire.events() == [
        (Condition.PAIN_MODERATE, Trigger.ONSET),
        (Condition.PAIN_SEVERE, Trigger.ONSET),
    ]
    assert None not in [reading.level for reading in readings(room)]
    for event in room.wire.said:
        if isinstance(event, AlarmEventPayload):
            onset_s = (event.onset_at - START).total_seconds()
            assert 0 <= onset_s - began_s < 2.5, "time is that of the frames"


def test_a_camera_that_is_lost_on_a_slow_disk_is_told_all_the_same(room: Room):
    room.live_on_a_slow_disk(score(6.0), for_s=20, write_s=4.5)
    room.silent(for_s=5)
    room.gateway.heard_up_to(room.clock.monotonic_s)
    room.gateway.tick()
    assert room.wire.events()[-1] == (Condition.CAMERA_LOST, Trigger.ONSET)


def test_a_lost_worker_is_model_failed_at_once_and_says_so_in_the_readings(room: Room):
    room.live(score(1.0), for_s=6)
    room.gateway.worker_lost("the vision worker ended unexpectedly")
    assert room.wire.events() == [(Condition.MODEL_FAILED, Trigger.ONSET)]
    room.silent(for_s=5)
    assert room.wire.last(ReadingPayload).reason is Reason.MODEL_FAILED
    assert room.wire.last(StatusPayload).worker_restarts == 1


def test_a_model_that_hangs_is_no_lost_camera_and_is_told_with_its_cause(room: Room):
    room.live(score(1.0), for_s=6)
    for waited_s in (2.4, 3.4, 4.4, 5.4):
        room.silent(for_s=1)
        stages = {
            "capture": StageStatus(state=StageState.OK, last_s=waited_s),
            "score": StageStatus(state=StageState.STALLED, detail=f"no answer for {waited_s} s"),
        }
        room.gateway.handle(Beat(stages=stages, dropped_frames=0))
    assert room.wire.last(ReadingPayload).reason is Reason.MODEL_FAILED
    room.silent(for_s=2)
    assert room.wire.events() == [(Condition.MODEL_FAILED, Trigger.ONSET)]
    assert room.wire.last(AlarmEventPayload).detail == "score: no answer for 5.4 s"


def test_the_status_says_where_a_face_without_life_is(room: Room):
    room.live(score(1.0), for_s=6)
    portrait = PicturePlace(x=0.7, y=0.1, width=0.2, height=0.3)
    room.gateway.handle(Beat(stages={}, dropped_frames=0, lifeless=(portrait,)))
    room.live(score(1.0), for_s=60)
    assert room.wire.last(StatusPayload).lifeless == (portrait,)


def readings(room: Room) -> list[ReadingPayload]:
    return [payload for payload in room.wire.said if isinstance(payload, ReadingPayload)]


def test_what_was_seen_before_the_machine_slept_says_nothing_of_now(room: Room):
    room.live(score(2.0), for_s=8)
    room.sleep(3600)
    # Captured before the machine slept, and taken in after it woke.
    room.read(score(2.0), captured_s=room.clock.monotonic_s)
    room.live(Unavailable(reason=Reason.NO_FACE), for_s=1.5)
    last = room.wire.last(ReadingPayload)
    assert (last.level, last.reason, last.coverage) == (None, Reason.WARMING_UP, 0.0)
    room.live(score(4.0), for_s=3)
    assert room.wire.last(ReadingPayload).level == pytest.approx(4.0)


def test_time_in_pain_before_the_machine_slept_does_not_count_for_an_alarm(room: Room):
    room.live(score(0.0), for_s=8)
    while readings(room)[-1].level is None or readings(room)[-1].level < 3.0:
        room.live(score(4.0), for_s=0.1)
    room.sleep(3600)
    room.live(score(4.0), for_s=3.5)
    assert (Condition.PAIN_MODERATE, Trigger.ONSET) not in room.wire.events()
    room.live(score(4.0), for_s=2)
    assert (Condition.PAIN_MODERATE, Trigger.ONSET) in room.wire.events()


def test_a_camera_that_does_not_wake_with_the_machine_is_lost(room: Room):
    room.live(score(2.0), for_s=8)
    room.sleep(3600)
    room.silent(for_s=8)
    last = room.wire.last(ReadingPayload)
    assert (last.level, last.reason) == (None, Reason.CAMERA_LOST)
    assert (Condition.CAMERA_LOST, Trigger.ONSET) in room.wire.events()


def test_an_alarm_that_stands_stands_on_when_the_machine_wakes(room: Room):
    room.live(score(6.0), for_s=8)
    room.sleep(3600)
    room.live(score(6.0), for_s=8)
    events = room.wire.events()
    assert events.count((Condition.PAIN_SEVERE, Trigger.ONSET)) == 1
    assert (Condition.PAIN_SEVERE, Trigger.CLEARED) not in events
    assert (Condition.CLOCK_UNSYNCED, Trigger.ONSET) in events


@pytest.mark.parametrize("slept_s", [0.0, 0.5])
def test_a_blink_of_the_machine_forgets_nothing(room: Room, slept_s: float):
    room.live(score(2.0), for_s=8)
    room.sleep(slept_s)
    room.live(score(2.0), for_s=1)
    assert room.wire.last(ReadingPayload).level == pytest.approx(2.0)


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


def test_no_alarm_says_that_signals_are_paused_once_a_new_condition_broke_the_pause(room: Room):
    room.live(score(1.0), for_s=5)
    room.clock.pass_by(4.5)
    room.gateway.tick()  # the camera is lost
    now = room.clock.now().wall
    room.say(
        PauseCommand(
            id=uuid4(),
            person="nurse-7",
            issued_at=now,
            expires_at=now + timedelta(minutes=1),
            until=now + timedelta(minutes=10),
        ),
        "pause",
    )
    room.live(score(1.0), for_s=5)  # it is back, while signals are paused
    room.live(score(6.0), for_s=10)
    newest = {one.condition: one for one in room.wire.said if isinstance(one, AlarmPayload)}
    assert newest[Condition.PAIN_SEVERE].signal is Signal.SOUNDING
    assert {one.paused_until for one in newest.values()} == {None}
    assert room.wire.last(StatusPayload).paused_until is None


def test_every_alarm_names_the_new_end_of_a_pause_that_was_prolonged(room: Room):
    for minutes in (5, 10):
        now = room.clock.now().wall
        until = now + timedelta(minutes=minutes)
        room.say(
            PauseCommand(
                id=uuid4(),
                person="nurse-7",
                issued_at=now,
                expires_at=now + timedelta(minutes=1),
                until=until,
            ),
            "pause",
        )
        room.live(score(1.0), for_s=1)
        newest = {one.condition: one for one in room.wire.said if isinstance(one, AlarmPayload)}
        assert {one.paused_until for one in newest.values()} == {until}


@pytest.mark.parametrize("limit", [3.3, 5.0, 6.0])
def test_a_level_that_stands_exactly_at_the_limit_is_alarmed(limit: float):
    room = Room(alarms={"pain_moderate": {"level": 0.5}, "pain_severe": {"level": limit}})
    for step in range(300):  # frames never come quite evenly
        room.live(score(limit), for_s=1 / (10 + step % 7), fps=10 + step % 7)
    assert (Condition.PAIN_SEVERE, Trigger.ONSET) in room.wire.events()


def ask(room: Room, kind: type[SetBaselineCommand | ResetBaselineCommand], name: str) -> None:
    now = room.clock.now().wall
    expires = now + timedelta(minutes=1)
    room.say(kind(id=uuid4(), person="nurse-7", issued_at=now, expires_at=expires), name)


def baseline(room: Room) -> BaselineStatus:
    found = room.wire.last(StatusPayload).baseline
    assert found is not None
    return found


def test_a_baseline_is_measured_kept_over_a_restart_and_deleted(room: Room):
    room.live(score(1.0), for_s=5)
    ask(room, SetBaselineCommand, "set_baseline")
    assert room.wire.last(CommandEventPayload).accepted
    assert baseline(room).state is BaselineState.MEASURING
    room.live(score(1.0), for_s=121, fps=4)
    assert baseline(room).state is BaselineState.SET
    assert baseline(room).person == "nurse-7"
    room.live(score(2.5), for_s=20)
    reading = room.wire.last(ReadingPayload)
    assert reading.level == pytest.approx(2.5, abs=0.01)
    assert reading.corrected_level == pytest.approx(1.5, abs=0.01)

    room.restart(after_s=60)
    assert baseline(room).state is BaselineState.SET
    assert baseline(room).level == pytest.approx(1.0, abs=0.01)
    ask(room, ResetBaselineCommand, "reset_baseline")
    assert baseline(room).state is BaselineState.NONE
    room.restart(after_s=60)
    assert baseline(room).state is BaselineState.NONE


def test_a_baseline_that_fails_says_why_and_pain_refuses_it(room: Room):
    room.live(score(2.6), for_s=5)
    ask(room, SetBaselineCommand, "set_baseline")
    room.live(score(2.6), for_s=121, fps=4)
    assert baseline(room).state is BaselineState.FAILED
    assert "in pain" in str(baseline(room).failure)
    room.live(score(6.0), for_s=12)
    ask(room, SetBaselineCommand, "set_baseline")
    answer = room.wire.last(CommandEventPayload)
    assert not answer.accepted
    assert "pain alarm stands" in str(answer.reason)


@pytest.mark.parametrize("used", [False, True])
def test_the_neutral_moves_the_moderate_limit_only_when_asked_to_and_never_the_severe(used: bool):
    room = Room(alarms={"use_baseline": used})
    ask(room, SetBaselineCommand, "set_baseline")
    room.live(score(1.5), for_s=121, fps=4)
    assert baseline(room).state is BaselineState.SET
    room.live(score(3.6), for_s=20)  # 2.1 above the neutral
    moderate = (Condition.PAIN_MODERATE, Trigger.ONSET) in room.wire.events()
    assert moderate is not used
    room.live(score(5.6), for_s=20)
    assert (Condition.PAIN_SEVERE, Trigger.ONSET) in room.wire.events()


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


SEVERE, MODERATE = Condition.PAIN_SEVERE, Condition.PAIN_MODERATE


def order(room: Room) -> dict[str, object]:
    now = room.clock.now().wall
    return {
        "id": uuid4(),
        "person": "nurse-7",
        "issued_at": now,
        "expires_at": now + timedelta(minutes=1),
    }


def standing(room: Room, condition: Condition) -> AlarmPayload:
    return next(
        said
        for said in reversed(room.wire.said)
        if isinstance(said, AlarmPayload) and said.condition is condition
    )


class TestRestart:
    @pytest.mark.parametrize("reboot", [False, True])
    def test_a_latched_alarm_is_announced_again_with_its_onset(self, room: Room, reboot: bool):
        room.live(score(6.0), for_s=12)
        onset_at = standing(room, SEVERE).onset_at
        room.live(score(0.0), for_s=12)
        before = standing(room, SEVERE)
        assert before.state is AlarmState.LATCHED
        room.restart(after_s=300, reboot=reboot)
        assert standing(room, SEVERE) == before
        assert before.onset_at == onset_at
        assert before.signal is Signal.SOUNDING
        assert room.wire.events() == []

    def test_the_event_of_a_restart_says_what_is_known(self, room: Room):
        room.live(score(6.0), for_s=12)
        alive_at = room.clock.now().wall
        room.restart(after_s=300)
        told = room.wire.last(RestartEventPayload)
        assert told.last_alive_at is not None
        assert told.last_alive_at <= alive_at
        assert (told.last_alive_at - alive_at).total_seconds() >= -60
        assert set(told.standing) == {SEVERE, MODERATE}
        assert not told.pause_ended
        assert told.decided_at == room.clock.now().wall

    def test_pain_that_goes_on_has_no_second_onset_and_pain_that_is_over_is_closed(
        self, room: Room
    ):
        room.live(score(6.0), for_s=12)
        room.restart(after_s=30)
        room.gateway.handle(HELLO)
        room.live(Unavailable(reason=Reason.NO_FACE), for_s=20)
        room.live(score(6.0), for_s=12)
        assert room.wire.events() == []
        room.live(score(0.0), for_s=12)
        assert set(room.wire.events()) == {(MODERATE, Trigger.CLEARED), (SEVERE, Trigger.CLEARED)}
        assert len(room.wire.events()) == 2
        assert standing(room, SEVERE).state is AlarmState.LATCHED

    def test_an_acknowledgement_holds_and_its_reminder_comes_when_it_is_due(self, room: Room):
        room.live(score(6.0), for_s=12)
        room.say(AcknowledgeCommand.model_validate(order(room)), "acknowledge")
        room.restart(after_s=100)
        alarm = standing(room, SEVERE)
        assert (alarm.state, alarm.acknowledged_by) == (AlarmState.ACKNOWLEDGED, "nurse-7")
        room.gateway.handle(HELLO)
        room.live(score(6.0), for_s=70)
        assert room.wire.events() == []
        room.live(score(6.0), for_s=15)
        assert (SEVERE, Trigger.REMINDER) in room.wire.events()

    @pytest.mark.parametrize(
        ("away_s", "step_s", "left_s"),
        [
            (60, 0, 540),
            (660, 0, None),
            (60, 3600, None),  # set forward: the pause ends early, on the safe side
            (60, -3600, 600),  # set back: no more than was left
        ],
    )
    def test_a_pause_goes_on_or_is_over(
        self, room: Room, away_s: float, step_s: float, left_s: float | None
    ):
        room.live(score(6.0), for_s=12)
        until = room.clock.now().wall + timedelta(seconds=600)
        room.say(PauseCommand.model_validate({**order(room), "until": until}), "pause")
        room.clock.set_wall(step_s)
        room.restart(after_s=away_s)
        assert room.wire.last(RestartEventPayload).pause_ended is (left_s is None)
        room.gateway.tick()
        if left_s is None:
            assert room.wire.events() == [
                (MODERATE, Trigger.PAUSE_EXPIRED),
                (SEVERE, Trigger.PAUSE_EXPIRED),
            ]
            assert room.wire.last(StatusPayload).paused_until is None
        else:
            ends = room.wire.last(StatusPayload).paused_until
            assert ends is not None
            assert (ends - room.clock.now().wall).total_seconds() == pytest.approx(left_s, abs=1)
            assert standing(room, SEVERE).signal is Signal.PAUSED

    def test_a_pause_with_no_alarm_is_kept_too(self, room: Room):
        until = room.clock.now().wall + timedelta(seconds=600)
        room.say(PauseCommand.model_validate({**order(room), "until": until}), "pause")
        room.restart(after_s=5)
        assert room.wire.last(StatusPayload).paused_until == until

    @pytest.mark.parametrize("seen", [False, True])
    def test_a_lost_camera_stays_lost_until_a_frame_comes(self, room: Room, seen: bool):
        room.live(score(0.0), for_s=6)
        room.silent(for_s=10)
        room.restart(after_s=30)
        room.gateway.tick()
        room.gateway.handle(HELLO)
        room.silent(for_s=10)
        assert room.wire.events() == []
        assert standing(room, Condition.CAMERA_LOST).state is AlarmState.ON
        if seen:
            room.live(score(0.0), for_s=6)
            assert room.wire.events() == [(Condition.CAMERA_LOST, Trigger.CLEARED)]

    def test_an_absent_resident_stays_absent_until_a_level_comes(self, room: Room):
        room.live(Unavailable(reason=Reason.NO_FACE), for_s=310, fps=4)
        room.restart(after_s=30)
        room.gateway.tick()
        room.silent(for_s=15)
        room.gateway.handle(HELLO)
        room.live(Unavailable(reason=Reason.NO_FACE), for_s=20)
        assert room.wire.events() == []
        room.live(score(0.0), for_s=6)
        assert room.wire.events() == [(Condition.NO_FACE, Trigger.CLEARED)]

    def test_a_worker_that_failed_counts_as_failed_until_a_frame_is_judged(self, room: Room):
        room.gateway.worker_lost("gone")
        room.restart(after_s=3, reboot=False)
        room.gateway.tick()
        assert room.wire.events() == []
        room.gateway.handle(HELLO)
        room.live(score(0.0), for_s=6)
        assert room.wire.events() == [(Condition.MODEL_FAILED, Trigger.CLEARED)]

    def test_a_clean_end_is_no_news_and_a_latched_alarm_outlives_it(self, room: Room):
        room.live(score(6.0), for_s=12)
        room.gateway.finish()
        assert room.wire.events()[-2:] == [(MODERATE, Trigger.STOPPED), (SEVERE, Trigger.STOPPED)]
        room.restart(after_s=30)
        assert not [said for said in room.wire.said if isinstance(said, RestartEventPayload)]
        assert standing(room, MODERATE).state is AlarmState.OFF
        assert standing(room, SEVERE).state is AlarmState.LATCHED

    def test_of_a_recording_that_was_played_to_its_end_nothing_is_carried_on(self):
        room = Room(uri="/clips/bed.mp4")
        room.gateway.handle(HELLO)
        room.live(score(6.0), for_s=12)
        room.gateway.handle(Ended())
        room.gateway.finish()
        room.restart(after_s=5)
        assert standing(room, SEVERE).state is AlarmState.OFF

    def test_a_state_that_cannot_be_read_is_said_to_be_unclean(
        self, caplog: pytest.LogCaptureFixture
    ):
        room = Room(saved=b'{"version": 99}')
        told = room.wire.last(RestartEventPayload)
        assert (told.last_alive_at, told.standing) == (None, ())
        assert "begin anew" in caplog.text

    def test_a_sign_of_life_is_kept_every_minute(self, room: Room):
        room.live(score(0.0), for_s=6)
        room.silent(for_s=125)
        at = room.clock.now().wall
        room.restart(after_s=3600)
        alive_at = room.wire.last(RestartEventPayload).last_alive_at
        assert alive_at is not None
        assert 0 <= (at - alive_at).total_seconds() <= 61


class TestTheStationsClock:
    """The box's clock is off; the station's was heard by its heartbeat."""

    @pytest.fixture
    def station_room(self) -> Room:
        return Room(station="ward-2")

    @staticmethod
    def hear_station(room: Room, *, ahead_s: float) -> None:
        now = room.clock.now()
        room.wire.station_time = Moment(
            monotonic_s=now.monotonic_s, wall=now.wall - timedelta(seconds=ahead_s)
        )

    @pytest.mark.parametrize(
        ("ahead_s", "words"), [(7200.0, "2 h 0 min ahead of"), (-7200.0, "2 h 0 min behind")]
    )
    def test_commands_are_taken_and_the_offset_is_an_alarm_with_its_size(
        self, station_room: Room, ahead_s: float, words: str, caplog: pytest.LogCaptureFixture
    ):
        room = station_room
        self.hear_station(room, ahead_s=ahead_s)
        room.gateway.tick()
        alarm = room.wire.last(AlarmPayload)
        assert (alarm.condition, alarm.present) == (Condition.CLOCK_UNSYNCED, True)
        assert f"{words} that of station ward-2" in str(alarm.detail)
        assert f"{words} that of station ward-2" in caplog.text
        assert room.gateway.sample().clock_ahead_s == pytest.approx(ahead_s)
        assert words in str(room.gateway.sample().clock_error)
        room.clock.pass_by(5)
        sent = room.clock.now().wall - timedelta(seconds=ahead_s)
        common = {
            "person": "nurse-7",
            "issued_at": sent,
            "expires_at": sent + timedelta(seconds=30),
        }
        room.say(PauseCommand(id=uuid4(), until=sent + timedelta(seconds=600), **common), "pause")
        assert room.wire.last(CommandEventPayload).accepted
        assert room.wire.last(StatusPayload).paused_until == room.clock.now().wall + timedelta(
            seconds=600
        )

    def test_a_command_is_not_carried_out_again_after_a_restart(self, station_room: Room):
        room = station_room
        self.hear_station(room, ahead_s=-7200)
        sent = room.clock.now().wall + timedelta(seconds=7200)
        command = ResumeCommand(
            id=uuid4(), person="n", issued_at=sent, expires_at=sent + timedelta(seconds=30)
        )
        room.say(command, "resume")
        room.restart(after_s=7200, reboot=False)
        self.hear_station(room, ahead_s=-7200)
        room.say(command, "resume")
        assert "expired" in str(room.wire.last(CommandEventPayload).reason)

    def test_what_was_heard_before_the_machine_slept_says_nothing_of_now(self, station_room: Room):
        room = station_room
        self.hear_station(room, ahead_s=0)
        room.gateway.tick()
        room.sleep(7200)
        room.clock.pass_by(1)
        room.gateway.tick()
        assert room.gateway.sample().clock_ahead_s is None

    @pytest.mark.parametrize("ahead_s", [0.0, 9.0, -9.0])
    def test_moments_are_no_difference(self, station_room: Room, ahead_s: float):
        room = station_room
        self.hear_station(room, ahead_s=ahead_s)
        room.gateway.tick()
        assert room.gateway.sample().clock_error is None
        assert room.wire.events() == []


class TestDelivery:
    def test_a_disk_that_fails_is_a_technical_alarm_with_its_cause(self, room: Room):
        room.wire.disk_trouble = "the disk is full"
        room.gateway.tick()
        event = room.wire.last(AlarmEventPayload)
        assert (event.condition, event.trigger) == (Condition.OUTBOX_STUCK, Trigger.ONSET)
        assert event.detail == "the disk is full"
        room.wire.disk_trouble = None
        room.gateway.tick()
        assert room.wire.events()[-1] == (Condition.OUTBOX_STUCK, Trigger.CLEARED)

    def test_a_record_that_cannot_be_written_is_in_the_status_as_long_as_it_lasts(self, room: Room):
        room.live(score(0.0), for_s=11)
        assert room.wire.last(StatusPayload).record_error is None
        room.wire.record_trouble = "the record cannot be written: No space left on device"
        room.live(score(0.0), for_s=11)
        assert room.wire.last(StatusPayload).record_error == room.wire.record_trouble
        room.wire.record_trouble = None
        room.live(score(0.0), for_s=11)
        assert room.wire.last(StatusPayload).record_error is None

    @pytest.mark.parametrize(
        ("lasting", "away_s", "waiting_s", "fault"),
        [
            (True, 0.0, 0.0, Fault.PUBLISH_REFUSED),
            (False, 59.0, 0.0, None),
            (False, 60.0, 0.0, Fault.PUBLISH_REFUSED),
            (False, 0.0, 60.0, Fault.EVENTS_WAIT),
        ],
    )
    def test_a_refusal_is_a_fault_at_once_and_a_broker_that_is_away_after_a_while(
        self,
        room: Room,
        *,
        lasting: bool,
        away_s: float,
        waiting_s: float,
        fault: Fault | None,
    ):
        room.live(score(0.0), for_s=6)
        room.wire.trouble = Failure(sentence="no", lasting=lasting, fault=Fault.PUBLISH_REFUSED)
        room.wire.unconnected_s, room.wire.oldest_s = away_s, waiting_s
        unheard = room.gateway.sample().unheard
        assert (None if unheard is None else unheard.fault) is fault

    def test_events_that_wait_too_long_are_a_technical_alarm(self, room: Room):
        room.wire.failure = "nothing listens at broker:8883"
        room.wire.oldest_s = 59.9
        room.gateway.tick()
        assert room.wire.events() == []
        room.wire.oldest_s = 60.0
        room.gateway.tick()
        assert room.wire.events() == [(Condition.OUTBOX_STUCK, Trigger.ONSET)]
        assert "nothing listens" in (room.wire.last(AlarmEventPayload).detail or "")

    def test_without_a_station_nothing_is_expected(self, room: Room):
        room.silent(for_s=300)
        assert Condition.NOBODY_LISTENING not in {condition for condition, _ in room.wire.events()}

    def test_a_station_that_is_silent_is_a_technical_alarm_until_it_is_heard(self):
        room = Room(station="ward-2")
        room.silent(for_s=59)
        assert standing(room, Condition.NOBODY_LISTENING).state is AlarmState.OFF
        room.silent(for_s=2)
        assert (Condition.NOBODY_LISTENING, Trigger.ONSET) in room.wire.events()
        room.restart(after_s=5)
        room.silent(for_s=5)
        assert standing(room, Condition.NOBODY_LISTENING).state is AlarmState.ON
        room.wire.listening_until_s = room.clock.monotonic_s + 30
        room.gateway.tick()
        assert room.wire.events()[-1] == (Condition.NOBODY_LISTENING, Trigger.CLEARED)
