from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.temporal import resample

TIMES = st.lists(st.integers(1, 3000), min_size=1, max_size=40).map(
    lambda gaps_ms: 5.0 + np.cumsum(gaps_ms) / 1000
)


@given(time_s=TIMES, rate_hz=st.sampled_from([1.0, 5.0, 12.5, 30.0]))
def test_a_tick_never_sees_a_later_frame_and_always_the_latest(time_s: np.ndarray, rate_hz: float):
    ticks = resample(time_s, rate_hz=rate_hz)

    seen = time_s[ticks.frame]
    assert (seen <= ticks.time_s + 1e-6).all()
    following = np.append(time_s, np.inf)[ticks.frame + 1]
    assert (following > ticks.time_s - 1e-6).all()
    np.testing.assert_allclose(ticks.age_s, np.maximum(ticks.time_s - seen, 0), atol=1e-5)


@given(time_s=TIMES, rate_hz=st.sampled_from([1.0, 5.0, 30.0]))
def test_ticks_are_even_and_lie_within_the_clip(time_s: np.ndarray, rate_hz: float):
    ticks = resample(time_s, rate_hz=rate_hz)

    assert ticks.time_s[0] == time_s[0]
    assert time_s[-1] - 1 / rate_hz < ticks.time_s[-1] <= time_s[-1] + 1e-6
    np.testing.assert_allclose(np.diff(ticks.time_s), 1 / rate_hz, atol=1e-9)


@given(time_s=TIMES, cut=st.integers(1, 40))
def test_frames_that_come_later_change_no_earlier_tick(time_s: np.ndarray, cut: int):
    whole = resample(time_s, rate_hz=5.0)
    part = resample(time_s[:cut], rate_hz=5.0)

    assert np.array_equal(part.frame, whole.frame[: len(part.frame)])


@pytest.mark.parametrize("rate_hz", [5.0, 10.0, 25.0, 30.0])
def test_frames_at_the_rate_are_taken_one_by_one(rate_hz: float):
    ticks = resample(100.0 + np.arange(200) / rate_hz, rate_hz=rate_hz)

    assert np.array_equal(ticks.frame, np.arange(200))
    assert ticks.fresh.all()
    assert (ticks.age_s < 1e-5).all()


def test_a_face_that_is_lost_is_held_and_then_no_longer_fresh():
    ticks = resample(np.array([0.0, 0.5, 4.0]), rate_hz=2.0, longest_hold_s=1.5)

    assert ticks.frame.tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 2]
    assert ticks.age_s.tolist() == [0, 0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 0]
    assert ticks.fresh.tolist() == [True] * 4 + [False] * 4 + [True]


@pytest.mark.parametrize(
    ("time_s", "rate_hz", "hold_s", "message"),
    [
        ([], 5.0, 1.0, "at least one frame"),
        ([0.0, np.nan], 5.0, 1.0, "finite"),
        ([0.0, 1.0, 1.0], 5.0, 1.0, "increase"),
        ([1.0, 0.0], 5.0, 1.0, "increase"),
        ([0.0, 1.0], 0.0, 1.0, "above zero"),
        ([0.0, 1.0], 5.0, 0.0, "above zero"),
    ],
)
def test_impossible_times_are_refused(
    time_s: list[float], rate_hz: float, hold_s: float, message: str
):
    with pytest.raises(ValueError, match=message):
        resample(np.array(time_s), rate_hz=rate_hz, longest_hold_s=hold_s)
