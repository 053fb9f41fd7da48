"""What a generated day holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.simulate.days import DayPlan, load_days
from edge.simulate.documents import shipped
from edge.simulate.errors import ErrorModel, load_errors
from edge.simulate.generate import SPARSE_STEP_S, Resident
from edge.simulate.schedule import DAY_S
from edge.simulate.stream import PAIN, Stream
from pain.values import Reason

ERRORS = load_errors(shipped("landmarks-full.yaml"))
PLAN = load_days(shipped("care-home.yaml"), ERRORS)


def day(
    seed: int = 3, *, errors: ErrorModel = ERRORS, plan: DayPlan = PLAN, number: int = 0
) -> Stream:
    resident = Resident(errors, plan, seed=np.random.SeedSequence(seed))
    return list(resident.days(number + 1))[number]


@pytest.fixture(scope="module")
def one() -> Stream:
    return day()


def test_readings_are_in_order_and_within_the_day(one: Stream):
    steps = np.diff(one.at_s)
    assert (steps > 0).all()
    assert one.at_s[0] >= 0
    assert one.at_s[-1] < DAY_S


def test_the_second_day_follows_the_first():
    second = day(number=1)
    assert second.since_s == DAY_S
    assert second.at_s[0] >= DAY_S
    assert second.episodes is not None
    assert all(episode.start_s >= DAY_S for episode in second.episodes)


def test_the_same_seed_gives_the_same_day_and_another_seed_another(one: Stream):
    again = day()
    assert again.at_s == one.at_s
    assert again.outcomes == one.outcomes
    assert day(4).outcomes != one.outcomes


def test_levels_and_reasons_are_where_their_scenes_are(one: Stream):
    reasons = {reason.value for reason in Reason}
    for scene, outcome in zip(one.scenes, one.outcomes, strict=True):
        assert isinstance(outcome, Reason) == (scene in reasons)
        if not isinstance(outcome, Reason):
            assert 0.0 <= outcome <= 6.0
    assert {"neutral", "sleep", "blink", PAIN, "too_dark", "no_face"} <= set(one.scenes)


def test_episodes_are_apart_and_no_longer_than_planned(one: Stream):
    assert one.episodes
    for earlier, later in zip(one.episodes, one.episodes[1:], strict=False):
        assert later.start_s - earlier.end_s >= PLAN.pain.gap_s
    for episode in one.episodes:
        assert episode.end_s - episode.start_s <= PLAN.pain.lasts_s[1] + 0.2
        assert 0 < episode.peak <= PLAN.pain.peak[1]
        assert episode.level[-1] < 1.0


def test_where_nobody_is_seen_no_gap_reaches_the_delay_of_a_lost_camera():
    plan = PLAN.model_copy(update={"faults": PLAN.faults.model_copy(update={"per_day": 0.0})})
    assert np.diff(day(plan=plan).at_s).max() <= SPARSE_STEP_S + 0.5


def test_a_fault_leaves_a_time_without_any_reading():
    faults = PLAN.faults.model_copy(update={"per_day": 20.0, "lasts_s": (60.0, 61.0)})
    steps = np.diff(day(plan=PLAN.model_copy(update={"faults": faults})).at_s)
    assert (steps >= 60).sum() >= 5


def test_with_all_variance_in_the_person_a_resident_errs_the_same_way_all_day():
    shares = ERRORS.shares.model_copy(update={"person": 1.0, "habit": 0.0, "situation": 0.0})
    same = day(errors=ERRORS.model_copy(update={"shares": shares}))
    neutral = {
        outcome
        for scene, outcome in zip(same.scenes, same.outcomes, strict=True)
        if scene == "neutral"
    }
    assert len(neutral) == 1


def test_assumptions_are_installed_as_files():
    assert Path(shipped("care-home.yaml")).is_file()
