"""When people are told that a room cannot be watched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarm import Presence, TechnicalWatch
from edge.alarm.presence import STARTING_LIMIT_S
from edge.config import AlarmsConfig
from pain.alarms import Condition
from pain.values import Reading, Reason, Score, Trend, Unavailable
from pain.wire import StageState, StageStatus

CAMERA, NO_FACE, MODEL = Condition.CAMERA_LOST, Condition.NO_FACE, Condition.MODEL_FAILED
CONFIG = AlarmsConfig(camera_lost_after_s=5, model_failed_after_s=5, no_face_after_s=60)
START_S = 100.0
OK = StageStatus(state=StageState.OK, last_s=0.0)

SCORE = Score(
    level=2.0, probabilities=(0, 0, 1.0, 0, 0, 0, 0), pspi=None, action_units={}, confidence=1.0
)


class Watch:
    """A watch with hands: feeds readings at ten a second."""

    def __init__(self, *, ready: bool = True) -> None:
        self.watch = TechnicalWatch(CONFIG, start_s=START_S)
        self.now_s = START_S
        if ready:
            self.watch.ready(START_S)

    def read(self, said: Reason | None, at_s: float, *, level: float | None = None) -> None:
        self.watch.reading(
            Reading(
                captured_s=at_s,
                wall_time=datetime(2026, 1, 1, tzinfo=UTC),
                sequence=0,
                outcome=SCORE if said is None else Unavailable(reason=said),
            ),
            Trend(
                at_s=at_s,
                level=level,
                spread=None,
                coverage=0.0,
                corrected_level=None,
                pspi=None,
                action_units={},
                confidence=None,
                reason=None,
            ),
        )

    def beat(self, score: StageStatus) -> None:
        stages = {"capture": StageStatus(state=StageState.OK, last_s=0.0), "score": score}
        self.watch.beat(stages, self.now_s)

    def hang(self, stage: str, *, for_s: float, judging_s: float = 0.0) -> None:
        """Beats of a worker whose stage has not come back from a frame; it asks for no other."""
        for beat in range(round(for_s * 2)):
            self.now_s += 0.5
            since_s = judging_s + 0.5 * (beat + 1)
            state = StageState.STALLED if since_s > 2 else StageState.OK
            stages = {
                "capture": StageStatus(state=StageState.OK, last_s=since_s),
                stage: StageStatus(state=state, last_s=since_s),
            }
            self.watch.beat(stages, self.now_s)

    def live(self, said: Reason | None, *, for_s: float, level: float | None = None) -> None:
        for _ in range(round(for_s * 10)):
            self.now_s = round(self.now_s + 0.1, 3)
            self.read(said, self.now_s, level=level)

    def well(self, for_s: float = 10) -> None:
        self.live(None, for_s=for_s, level=2.0)

    def frames_only(self, *, for_s: float) -> None:
        for _ in range(round(for_s * 10)):
            self.now_s = round(self.now_s + 0.1, 3)
            self.watch.frame_progress(self.now_s)

    @property
    def standing(self) -> set[Condition]:
        return self.standing_after(0)

    def standing_after(self, silence_s: float) -> set[Condition]:
        found = self.watch.evaluate(self.now_s + silence_s)
        return {condition for condition, presence in found.items() if presence.present}

    def onset_s(self, condition: Condition) -> float | None:
        return self.watch.evaluate(self.now_s)[condition].onset_s


def test_every_condition_it_judges_is_always_answered():
    assert set(Watch().watch.evaluate(START_S)) == {CAMERA, MODEL, NO_FACE}
    assert set(Watch().watch.evaluate(START_S).values()) == {Presence(present=False)}


class TestCameraLost:
    @pytest.mark.parametrize(("silence_s", "lost"), [(4.9, False), (5.0, True), (900, True)])
    def test_after_a_time_without_frames(self, silence_s, lost):
        watch = Watch()
        watch.well()
        assert watch.standing_after(silence_s) == ({CAMERA} if lost else set())

    def test_began_with_the_last_frame(self):
        watch = Watch()
        watch.well()
        found = watch.watch.evaluate(watch.now_s + 30)[CAMERA]
        assert found.onset_s == pytest.approx(watch.now_s)

    def test_counts_from_the_start_when_no_frame_ever_comes(self):
        watch = Watch()
        assert watch.standing_after(4.9) == set()
        assert watch.standing_after(5.0) == {CAMERA}

    def test_is_not_judged_while_the_models_still_load(self):
        assert Watch(ready=False).standing_after(20) == set()

    def test_at_once_when_the_worker_gave_the_camera_up(self):
        watch = Watch()
        watch.watch.failed(Reason.CAMERA_LOST, START_S + 1, fatal=True)
        assert watch.standing_after(1) == {CAMERA}
        assert watch.onset_s(CAMERA) == START_S + 1

    def test_by_the_delay_when_the_worker_keeps_trying(self):
        watch = Watch()
        watch.well()
        watch.watch.failed(Reason.CAMERA_LOST, watch.now_s + 1, fatal=False)
        assert watch.standing_after(1) == set()
        assert watch.standing_after(5) == {CAMERA}

    def test_ends_with_the_next_frame(self):
        watch = Watch()
        watch.well()
        watch.watch.failed(Reason.CAMERA_LOST, watch.now_s + 1, fatal=False)
        watch.now_s += 600
        assert watch.standing == {CAMERA}
        watch.frames_only(for_s=0.1)
        assert watch.standing == set()

    def test_ends_with_the_first_frame_of_a_new_worker(self):
        watch = Watch()
        watch.well()
        watch.watch.failed(Reason.CAMERA_LOST, watch.now_s + 1, fatal=True)
        watch.now_s += 600
        watch.watch.ready(watch.now_s)
        assert watch.standing == {CAMERA}
        watch.frames_only(for_s=0.1)
        assert watch.standing == set()

    def test_is_not_ended_by_a_reading_that_says_the_camera_is_lost(self):
        watch = Watch()
        watch.well()
        watch.live(Reason.CAMERA_LOST, for_s=10)
        assert watch.standing == {CAMERA}

    def test_frames_are_heard_of_in_beats(self):
        watch = Watch()
        beat = {"capture": StageStatus(state=StageState.OK, last_s=0.2)}
        watch.watch.beat(beat, START_S + 4)
        assert watch.standing_after(8.7) == set()
        assert watch.standing_after(8.9) == {CAMERA}


class TestModelFailed:
    def test_after_a_time_of_failing_readings(self):
        watch = Watch()
        watch.well()
        began_s = watch.now_s
        watch.live(Reason.MODEL_FAILED, for_s=4.5)
        assert watch.standing == set()
        watch.live(Reason.MODEL_FAILED, for_s=1)
        assert watch.standing == {MODEL}
        assert watch.onset_s(MODEL) == pytest.approx(began_s + 0.1)

    def test_when_frames_come_and_none_is_judged(self):
        watch = Watch()
        watch.well()
        watch.frames_only(for_s=4.5)
        assert watch.standing == set()
        watch.frames_only(for_s=1)
        assert watch.standing == {MODEL}

    @pytest.mark.parametrize("stage", ["track", "score"])
    def test_when_a_stage_says_so_in_its_beats(self, stage):
        watch = Watch()
        watch.well()
        for _ in range(12):
            watch.now_s += 0.5
            beat = {
                "capture": StageStatus(state=StageState.OK, last_s=0.0),
                stage: StageStatus(state=StageState.FAILED),
            }
            watch.watch.beat(beat, watch.now_s)
        assert watch.standing == {MODEL}

    @pytest.mark.parametrize("stage", ["track", "score"])
    def test_and_no_lost_camera_when_a_stage_hangs_on_a_frame(self, stage):
        watch = Watch()
        watch.well()
        began_s = watch.now_s
        watch.hang(stage, for_s=4.5)
        assert watch.standing == set()
        watch.hang(stage, for_s=1, judging_s=4.5)
        assert watch.standing == {MODEL}
        assert watch.onset_s(MODEL) == pytest.approx(began_s)
        assert watch.standing_after(3600) == {MODEL}
        watch.well(0.1)
        assert watch.standing == set()

    def test_not_by_a_stage_that_hung_and_went_on_before_the_camera_was_lost(self):
        watch = Watch()
        watch.well()
        watch.hang("score", for_s=3)
        watch.well(0.2)
        watch.beat(OK)
        assert watch.standing_after(5) == {CAMERA}

    def test_nor_is_the_camera_lost_when_a_frame_took_long_and_the_next_is_not_there_yet(self):
        watch = Watch()
        watch.well()
        taken_s = watch.now_s
        watch.hang("score", for_s=5.5)
        watch.read(None, taken_s, level=2.0)
        assert CAMERA not in watch.standing_after(0.4)
        watch.now_s += 0.4
        watch.beat(OK)
        assert watch.standing_after(3) == set()

    def test_at_once_when_the_worker_died(self):
        watch = Watch()
        watch.well()
        watch.watch.failed(Reason.MODEL_FAILED, watch.now_s, fatal=True)
        assert watch.standing == {MODEL}
        assert watch.standing_after(3600) == {MODEL}

    def test_when_the_worker_is_never_ready(self):
        watch = Watch(ready=False)
        assert watch.standing_after(STARTING_LIMIT_S - 1) == set()
        assert watch.standing_after(STARTING_LIMIT_S) == {MODEL}

    def test_is_ended_by_the_first_frame_that_is_judged(self):
        watch = Watch()
        watch.well()
        watch.watch.failed(Reason.MODEL_FAILED, watch.now_s, fatal=True)
        watch.now_s += 20
        watch.watch.ready(watch.now_s)
        assert watch.standing == {MODEL}
        watch.live(Reason.NO_FACE, for_s=0.1)
        assert watch.standing == set()

    def test_is_not_ended_by_a_reading_from_before_the_worker_died(self):
        watch = Watch()
        watch.well()
        watch.watch.failed(Reason.MODEL_FAILED, watch.now_s + 1, fatal=True)
        watch.read(None, watch.now_s + 0.9, level=2.0)
        assert watch.standing_after(1) == {MODEL}

    def test_gives_way_to_camera_lost_when_the_new_worker_gets_no_frames(self):
        watch = Watch()
        watch.well()
        watch.watch.failed(Reason.MODEL_FAILED, watch.now_s, fatal=True)
        watch.now_s += 20
        watch.watch.ready(watch.now_s)
        assert watch.standing_after(4) == {MODEL}
        assert watch.standing_after(5) == {CAMERA}
        watch.now_s += 30
        watch.frames_only(for_s=0.2)
        assert watch.standing == set()

    def test_is_not_raised_by_the_first_frames_after_an_outage(self):
        watch = Watch()
        watch.well()
        watch.frames_only(for_s=0.1)
        watch.now_s += 600
        watch.frames_only(for_s=0.2)
        assert watch.standing == set()


class TestNoFace:
    def test_after_a_time_without_a_level(self):
        watch = Watch()
        watch.well()
        last_s = watch.now_s
        watch.live(Reason.NO_FACE, for_s=59)
        assert watch.standing == set()
        watch.live(Reason.NO_FACE, for_s=2)
        assert watch.standing == {NO_FACE}
        assert watch.onset_s(NO_FACE) == pytest.approx(last_s)

    def test_counts_from_the_start(self):
        watch = Watch()
        watch.live(Reason.NO_FACE, for_s=61)
        assert watch.standing == {NO_FACE}

    def test_is_not_put_off_by_a_stray_score_that_makes_no_level(self):
        watch = Watch()
        for _ in range(70):
            watch.live(Reason.TURNED_AWAY, for_s=0.9)
            watch.live(None, for_s=0.1)
        assert watch.standing == {NO_FACE}

    def test_ends_with_a_level(self):
        watch = Watch()
        watch.live(Reason.NO_FACE, for_s=70)
        watch.well(0.1)
        assert watch.standing == set()

    @pytest.mark.parametrize("fault", [CAMERA, MODEL])
    def test_is_not_told_beside_its_cause(self, fault):
        watch = Watch()
        watch.live(Reason.NO_FACE, for_s=70)
        reason = Reason.CAMERA_LOST if fault is CAMERA else Reason.MODEL_FAILED
        watch.watch.failed(reason, watch.now_s, fatal=True)
        assert watch.standing == {fault}

    @pytest.mark.parametrize("outage", ["camera", "model"])
    def test_does_not_count_the_time_of_an_outage(self, outage):
        watch = Watch()
        watch.well()
        if outage == "model":
            watch.live(Reason.MODEL_FAILED, for_s=300)
        watch.now_s += 300
        watch.live(Reason.NO_FACE, for_s=50)
        assert watch.standing == set()
        watch.live(Reason.NO_FACE, for_s=15)
        assert watch.standing == {NO_FACE}


EVENTS = (
    *("score", "no_face", "model_failed", "camera_lost", "frame"),
    *("dead", "gone", "ready", "hang"),
)


def play(watch: Watch, happenings: Iterable[tuple[str, float]]) -> None:
    for what, step_s in happenings:
        watch.now_s += step_s
        match what:
            case "score":
                watch.read(None, watch.now_s, level=2.0)
            case "frame":
                watch.watch.frame_progress(watch.now_s)
            case "dead":
                watch.watch.failed(Reason.MODEL_FAILED, watch.now_s, fatal=True)
            case "gone":
                watch.watch.failed(Reason.CAMERA_LOST, watch.now_s, fatal=True)
            case "ready":
                watch.watch.ready(watch.now_s)
            case "hang":
                watch.hang("track", for_s=3)
            case _:
                watch.read(Reason(what), watch.now_s)


happenings = st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0.01, 30)), max_size=50)


@given(happenings)
def test_one_fault_is_told_once(what):
    watch = Watch()
    play(watch, what)
    assert len(watch.standing) <= 1


@given(happenings, st.booleans())
def test_silence_is_always_told_in_the_end(what, ready):
    watch = Watch(ready=ready)
    play(watch, what)
    assert watch.standing_after(STARTING_LIMIT_S + 60) & {CAMERA, MODEL}


@given(happenings)
def test_a_scored_face_ends_every_fault(what):
    watch = Watch()
    play(watch, what)
    watch.well(0.2)
    assert watch.standing == set()


@given(happenings, st.floats(0, 1000))
def test_an_onset_is_never_in_the_future(what, silence_s):
    watch = Watch()
    play(watch, what)
    for presence in watch.watch.evaluate(watch.now_s + silence_s).values():
        assert (presence.onset_s is not None) == presence.present
        assert presence.onset_s is None or presence.onset_s <= watch.now_s + silence_s
