from __future__ import annotations

from collections.abc import Mapping

import pytest

from edge.smooth.sleep import ASLEEP_AFTER_S, OF_PAIN, SleepWatch
from pain.action_units import ActionUnit
from pain.values import Reason, Trend

CLOSED = {ActionUnit.AU43: 0.9, ActionUnit.AU4: 0.3}
OPEN = {ActionUnit.AU43: 0.05, ActionUnit.AU4: 0.3}


def trend(at_s: float, units: Mapping[ActionUnit, float] | None) -> Trend:
    return Trend(
        at_s=at_s,
        level=None if units is None else 1.0,
        spread=None,
        coverage=1.0,
        corrected_level=None,
        pspi=None,
        action_units=units or {},
        confidence=None,
        reason=Reason.NO_FACE if units is None else None,
    )


def followed(watch: SleepWatch, units: Mapping[ActionUnit, float] | None, *span_s: float) -> bool:
    """What is said at the end of a span of trends, one a second."""
    begin_s, end_s = span_s
    said = [watch.asleep(trend(float(at), units)) for at in range(int(begin_s), int(end_s) + 1)]
    return said[-1]


def test_eyes_closed_for_long_and_nothing_else_is_sleep():
    watch = SleepWatch()
    assert not followed(watch, CLOSED, 0, ASLEEP_AFTER_S - 1)
    assert followed(watch, CLOSED, ASLEEP_AFTER_S, ASLEEP_AFTER_S + 5)
    assert not followed(watch, OPEN, 40, 41)


@pytest.mark.parametrize("unit", OF_PAIN)
def test_any_other_unit_of_pain_is_no_sleep(unit: ActionUnit):
    assert not followed(SleepWatch(), {**CLOSED, unit: 2.0}, 0, 100)


def test_a_face_that_is_not_seen_does_not_sleep():
    watch = SleepWatch()
    followed(watch, CLOSED, 0, 100)
    assert not followed(watch, None, 101, 102)
    assert not followed(watch, CLOSED, 103, 104)


def test_without_action_units_nobody_sleeps():
    assert not followed(SleepWatch(), {}, 0, 100)
