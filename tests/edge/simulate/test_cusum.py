"""The cumulative sum is Page's."""

from __future__ import annotations

import pytest

from edge.simulate.cusum import CusumLimits, cusum_alarms
from pain.values import Reason
from tests.edge.simulate.streams import silent, stream

LIMITS = CusumLimits(reference=2.0, threshold=4.0, end_level=2.5, off_delay_s=5.0)


@pytest.mark.parametrize(
    ("level", "after_s"), [(3.0, 4.0), (4.0, 2.0), (6.0, 1.0)], ids=["slow", "sooner", "soonest"]
)
def test_an_alarm_comes_when_the_excess_over_the_reference_has_added_up(
    level: float, after_s: float
):
    (alarm,) = cusum_alarms(
        stream(lambda now_s: level if now_s >= 10 else 1.0, length_s=30.0), LIMITS
    )
    assert alarm.onset_s == pytest.approx(10.0)
    assert alarm.decided_s == pytest.approx(10.0 + after_s, abs=0.21)


def test_levels_below_the_reference_never_add_up():
    assert not cusum_alarms(stream(lambda _: 1.9, length_s=900.0), LIMITS)


def test_the_alarm_ends_after_the_off_delay():
    (alarm,) = cusum_alarms(
        stream(lambda now_s: 4.0 if 10 <= now_s < 20 else 1.0, length_s=60.0), LIMITS
    )
    assert alarm.ended_s == pytest.approx(25.0, abs=0.21)


def test_a_long_time_out_of_sight_begins_the_sum_anew():
    def said(now_s: float) -> float | Reason:
        if 10 <= now_s < 11.4 or 60 <= now_s < 61.4:
            return 4.0
        return Reason.NO_FACE

    assert not cusum_alarms(stream(said, length_s=90.0), LIMITS)


def test_an_empty_stream_gives_no_alarm():
    assert not cusum_alarms(silent(length_s=60.0), LIMITS)
