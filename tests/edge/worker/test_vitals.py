from __future__ import annotations

import pytest

from edge.worker.backoff import Backoff
from edge.worker.messages import StageName
from edge.worker.vitals import Vitals
from pain.wire import StageState, StageStatus
from tests.edge.capture.clocks import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def vitals(clock: HandClock) -> Vitals:
    return Vitals(clock)


def status(vitals: Vitals, stage: StageName = "score") -> StageStatus:
    return vitals.statuses()[stage]


def test_at_first_every_stage_is_starting(vitals: Vitals) -> None:
    assert vitals.statuses() == dict.fromkeys(
        ("capture", "track", "score"), StageStatus(state=StageState.STARTING)
    )


def test_a_stage_that_worked_is_ok_however_long_it_rests(vitals: Vitals, clock: HandClock) -> None:
    vitals.worked("score")
    clock.turn(3600)
    assert status(vitals) == StageStatus(state=StageState.OK, last_s=3600)
    assert status(vitals, "track").state is StageState.STARTING


def test_work_that_does_not_return_is_a_stall(vitals: Vitals, clock: HandClock) -> None:
    vitals.worked("score")
    vitals.began("score", limit_s=2)
    clock.turn(2)
    assert status(vitals).state is StageState.OK
    clock.turn(0.5)
    assert status(vitals) == StageStatus(
        state=StageState.STALLED, detail="no answer for 2.5 s", last_s=2.5
    )
    vitals.worked("score")
    assert status(vitals).state is StageState.OK


def test_a_stage_that_never_starts_is_a_stall_too(vitals: Vitals, clock: HandClock) -> None:
    vitals.began("capture", limit_s=2)
    clock.turn(3)
    assert status(vitals, "capture").state is StageState.STALLED


def test_a_failure_stands_until_the_stage_works(vitals: Vitals, clock: HandClock) -> None:
    vitals.failed("score", "the model is broken")
    clock.turn(60)
    vitals.began("score", limit_s=2)
    assert status(vitals) == StageStatus(state=StageState.FAILED, detail="the model is broken")
    vitals.worked("score")
    assert status(vitals).state is StageState.OK


def test_a_hang_after_a_failure_is_shown_as_the_hang(vitals: Vitals, clock: HandClock) -> None:
    vitals.failed("score", "the model is broken")
    vitals.began("score", limit_s=2)
    clock.turn(3)
    assert status(vitals).state is StageState.STALLED


def test_work_that_raises_has_not_worked(vitals: Vitals) -> None:
    with pytest.raises(ZeroDivisionError), vitals.during("score", limit_s=2):
        raise ZeroDivisionError
    assert status(vitals).state is StageState.STARTING


def test_a_stopped_stage_stays_stopped(vitals: Vitals, clock: HandClock) -> None:
    vitals.began("capture", limit_s=2)
    vitals.stopped("capture")
    clock.turn(60)
    assert status(vitals, "capture").state is StageState.STOPPED


def test_the_rate_is_that_of_the_last_seconds(vitals: Vitals, clock: HandClock) -> None:
    assert vitals.fps() is None
    for _ in range(100):
        clock.turn(0.1)
        vitals.reading_made()
    assert vitals.fps() == pytest.approx(10)
    for _ in range(200):
        clock.turn(0.05)
        vitals.reading_made()
    assert vitals.fps() == pytest.approx(20)


def test_without_readings_the_rate_falls_to_zero(vitals: Vitals, clock: HandClock) -> None:
    vitals.reading_made()
    assert vitals.fps() is None
    clock.turn(60)
    assert vitals.fps() == 0
    assert vitals.fps() == 0


def test_waits_double_up_to_the_cap_and_begin_anew() -> None:
    backoff = Backoff(first_s=1, cap_s=5)
    assert [backoff.take_s() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.take_s() == 1
