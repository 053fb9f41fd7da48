"""Which frames a head takes, and the pieces that it learns from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from train.experiment.temporal import TemporalKind, TemporalSection
from train.temporal.clips import Steps, steps_of
from train.temporal.windows import whole, windows

TIMES = st.lists(st.integers(1, 3000), min_size=1, max_size=60).map(
    lambda gaps_ms: 5.0 + np.cumsum(gaps_ms) / 1000
)
HEADS = st.sampled_from(list(TemporalKind))
RATES = st.sampled_from([2.0, 5.0, 25.0])


def asked(head: str | TemporalKind, rate_hz: float = 5.0, **more: float) -> TemporalSection:
    return TemporalSection(head=TemporalKind(head), rate_hz=rate_hz, **more)


def seen_by(steps: Steps) -> np.ndarray:
    """The frame that is fed at each frame's own step."""
    return steps.frame[steps.of_frame]


@given(time_s=TIMES, head=HEADS, rate_hz=RATES)
@settings(max_examples=60)
def test_a_frame_is_judged_by_frames_before_it(time_s, head, rate_hz):
    steps = steps_of(time_s, asked(head, rate_hz))
    frames = np.arange(len(time_s))
    late = seen_by(steps) > frames
    if head is TemporalKind.TCN:
        # After a gap a frame waits for its tick, where a younger one may stand.
        assert (steps.time_s[steps.of_frame][late] - time_s[late] < 1 / rate_hz + 1e-6).all()
        assert steps.speaks[steps.of_frame[steps.speaks[steps.of_frame]]].all()
    else:
        assert not late.any()
    # And it is never one that was taken long ago: it is held for a second at most when a tick
    # takes it, and the next tick may still be to come.
    assert (time_s - time_s[seen_by(steps)] <= 1.0 + 1 / rate_hz + 1e-6).all()


@given(time_s=TIMES, head=HEADS, cut=st.integers(1, 60))
@settings(max_examples=60)
def test_frames_that_come_later_change_no_earlier_step(time_s, head, cut):
    steps, part = steps_of(time_s, asked(head)), steps_of(time_s[:cut], asked(head))
    # The last tick of the shorter clip may stand for one that is not over.
    sure = len(part.frame) - (head is TemporalKind.TCN)
    np.testing.assert_array_equal(part.frame[:sure], steps.frame[:sure])
    np.testing.assert_allclose(part.elapsed_s[:sure], steps.elapsed_s[:sure], atol=1e-6)


@pytest.mark.parametrize("head", list(TemporalKind))
def test_frames_at_the_rate_are_taken_one_by_one(head):
    steps = steps_of(100.0 + np.arange(150) / 5.0, asked(head))
    assert np.array_equal(steps.frame, np.arange(150))
    assert np.array_equal(steps.of_frame, np.arange(150))


def test_faster_frames_are_thinned_and_a_gap_is_told_in_seconds():
    time_s = np.concatenate([np.arange(11) / 25, 7.0 + np.arange(3) / 25])
    steps = steps_of(time_s, asked("gru", 5.0))
    assert steps.frame.tolist() == [0, 5, 10, 11]
    np.testing.assert_allclose(steps.elapsed_s, [0, 0.2, 0.2, 6.6], atol=1e-6)
    assert steps.of_frame.tolist() == [0] * 5 + [1] * 5 + [2, 3, 3, 3]


def test_stale_ticks_are_there_but_not_learnt_from():
    steps = steps_of(np.array([0.0, 0.2, 5.1, 5.15]), asked("tcn", 5.0, hold_s=1.0))
    assert steps.frame[-1] == 3
    assert steps.of_frame.tolist() == [0, 1, len(steps.frame) - 1, len(steps.frame) - 1]
    assert steps.speaks.sum() == 7
    assert not steps.speaks[8:-1].any()
    piece = whole(steps, np.arange(4))
    assert np.array_equal(piece.counted, steps.speaks)


@given(
    time_s=TIMES,
    head=HEADS,
    window_s=st.sampled_from([2.0, 7.5, 30.0]),
    warm_up_share=st.sampled_from([0.0, 0.4, 0.9]),
)
@settings(max_examples=60)
def test_every_step_is_learnt_from_once_and_after_its_warm_up(
    time_s, head, window_s, warm_up_share
):
    section = asked(head, window_s=window_s, warm_up_s=window_s * warm_up_share)
    steps = steps_of(time_s, section)
    rows = np.arange(len(time_s))
    pieces = windows(steps, rows, section)
    counted = np.concatenate([piece.rows[piece.counted] for piece in pieces])
    np.testing.assert_array_equal(np.sort(counted), np.sort(steps.frame[steps.speaks]))
    for piece in pieces:
        # A tick in a long gap still names the frame before it, but is not learnt from.
        seen_s = time_s[piece.rows[piece.counted]]
        assert seen_s[-1] - seen_s[0] <= window_s + 1.0 + 1e-6


def test_the_warm_up_is_seen_and_not_scored():
    time_s = np.arange(100) / 5.0
    section = asked("gru", window_s=8.0, warm_up_s=3.0)
    first, second, *_ = windows(steps_of(time_s, section), np.arange(100), section)
    assert first.rows.tolist() == list(range(25))
    assert first.counted.all()
    assert second.rows.tolist() == list(range(10, 50))
    assert second.counted.tolist() == [False] * 15 + [True] * 25
