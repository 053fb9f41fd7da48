"""Values cannot be changed on their way, nor built from a list of numbers."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import UTC, datetime, timedelta

import pytest

from pain import alarms, clock, values
from pain.alarms import LATCHING, PHYSIOLOGICAL, PRIORITIES, Condition, Priority
from pain.clock import Moment, SystemClock
from pain.values import Box, HeadPose, Reason, Unavailable

VALUE_TYPES = [
    value
    for module in (values, alarms, clock)
    for _, value in inspect.getmembers(module, dataclasses.is_dataclass)
    if value.__module__ == module.__name__
]


@pytest.mark.parametrize("value_type", VALUE_TYPES)
def test_every_value_type_is_frozen_slotted_and_keyword_only(value_type):
    assert value_type.__dataclass_params__.frozen
    assert "__slots__" in vars(value_type)
    assert all(field.kw_only for field in dataclasses.fields(value_type))


def test_a_value_cannot_be_changed():
    unavailable = Unavailable(reason=Reason.NO_FACE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        unavailable.reason = Reason.BLURRED  # type: ignore[misc]


def test_a_value_is_equal_to_its_like():
    assert HeadPose(yaw_deg=1, pitch_deg=2, roll_deg=3) == HeadPose(
        yaw_deg=1, pitch_deg=2, roll_deg=3
    )


def test_the_centre_of_a_box():
    assert Box(x=10, y=20, width=4, height=6).centre == (12, 23)


def test_the_reasons_are_those_of_the_contract():
    assert {reason.value for reason in Reason} == {
        "no_face",
        "too_small",
        "turned_away",
        "blurred",
        "too_dark",
        "occluded",
        "several_faces",
        "motionless",
        "camera_lost",
        "model_failed",
        "paused",
        "warming_up",
        "not_resident",
    }


class TestConditions:
    def test_each_has_a_priority(self):
        assert set(PRIORITIES) == set(Condition)

    def test_pain_is_physiological_and_nothing_else_is(self):
        assert {Condition.PAIN_MODERATE, Condition.PAIN_SEVERE} == PHYSIOLOGICAL

    def test_what_latches_is_physiological_and_of_high_priority(self):
        assert LATCHING <= PHYSIOLOGICAL
        assert all(PRIORITIES[condition] is Priority.HIGH for condition in LATCHING)

    def test_no_technical_condition_outranks_severe_pain(self):
        technical = set(Condition) - PHYSIOLOGICAL
        assert not any(PRIORITIES[condition] is Priority.HIGH for condition in technical)


class TestMoment:
    NOW = Moment(monotonic_s=100.0, wall=datetime(2026, 1, 1, tzinfo=UTC))

    @pytest.mark.parametrize("offset_s", [-3600.0, -0.04, 0.0, 12.5])
    def test_tells_the_wall_time_of_another_instant(self, offset_s):
        expected = self.NOW.wall + timedelta(seconds=offset_s)
        assert self.NOW.at(100.0 + offset_s) == expected

    def test_the_system_clock_is_in_utc_and_never_goes_back(self):
        first, second = SystemClock().now(), SystemClock().now()
        assert first.wall.tzinfo is UTC
        assert second.monotonic_s >= first.monotonic_s
