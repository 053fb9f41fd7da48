"""Limits that events carry."""

from __future__ import annotations

import pytest

from edge.alarm.limits import limits_in_force, reminds
from edge.config import AlarmsConfig, PainLimit
from pain.alarms import PHYSIOLOGICAL, Condition


def test_every_condition_has_its_limits():
    assert set(limits_in_force(AlarmsConfig())) == set(Condition)


@pytest.mark.parametrize("condition", sorted(PHYSIOLOGICAL))
def test_a_pain_alarm_says_its_whole_limit(condition):
    limits = limits_in_force(AlarmsConfig())[condition]
    assert set(limits) == {"level", "margin", "on_delay_s", "off_delay_s", "reminder_after_s"}


def test_the_limits_are_those_of_the_config():
    config = AlarmsConfig(
        pain_moderate=PainLimit(level=2.5, margin=0.2, on_delay_s=1, off_delay_s=9),
        camera_lost_after_s=7,
        reminder_after_s=99,
    )
    limits = limits_in_force(config)
    assert limits[Condition.PAIN_MODERATE] == {
        "level": 2.5,
        "margin": 0.2,
        "on_delay_s": 1,
        "off_delay_s": 9,
        "reminder_after_s": 99,
    }
    assert limits[Condition.CAMERA_LOST] == {"camera_lost_after_s": 7, "reminder_after_s": 99}


def test_all_but_the_advisory_remind():
    assert {condition for condition in Condition if not reminds(condition)} == {Condition.NO_FACE}
