"""What people may rely on in a smoothed level."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import SmoothingConfig
from edge.smooth import Smoother
from edge.smooth.smoother import MAX_HOLD_S
from pain.action_units import ActionUnit
from pain.values import Reading, Reason, Score, Trend, Unavailable

CONFIG = SmoothingConfig()
NO_MEDIAN = SmoothingConfig(median_s=0)

levels = st.floats(0, 6)
outcomes = st.one_of(levels, st.sampled_from([Reason.NO_FACE, Reason.NOT_RESIDENT]))


def reading(at_s: float, said: float | Reason, **score: object) -> Reading:
    fields: dict[str, object] = {
        "probabilities": (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        "pspi": None,
        "action_units": {},
        "confidence": 0.9,
        **score,
    }
    outcome = Unavailable(reason=said) if isinstance(said, Reason) else Score(level=said, **fields)
    return Reading(
        captured_s=at_s,
        wall_time=datetime(2026, 1, 1, tzinfo=UTC),
        sequence=0,
        outcome=outcome,
    )


def feed(smoother: Smoother, readings: Iterable[tuple[float, float | Reason]]) -> list[Trend]:
    return [smoother.update(reading(at_s, said)) for at_s, said in readings]


def steady(
    said: Callable[[float], float | Reason] | float | Reason,
    *,
    fps: float,
    until_s: float,
    from_s: float = 0.0,
) -> list[tuple[float, float | Reason]]:
    times = [from_s + i / fps for i in range(round((until_s - from_s) * fps) + 1)]
    return [(at_s, said(at_s) if callable(said) else said) for at_s in times]


@st.composite
def streams(
    draw: st.DrawFn,
    said: st.SearchStrategy[float | Reason] = outcomes,
    longest_s: float = 2.5,
) -> list[tuple[float, float | Reason]]:
    interval = st.floats(0.005, longest_s)
    steps = draw(st.lists(st.tuples(interval, said), min_size=2, max_size=60))
    at_s: float = 100.0
    stream: list[tuple[float, float | Reason]] = []
    for step_s, value in steps:
        at_s += step_s
        stream.append((at_s, value))
    return stream


class TestLevel:
    def test_a_constant_level_is_returned_as_it_is(self):
        trends = feed(Smoother(CONFIG), steady(2.5, fps=25, until_s=10))
        assert [t.level for t in trends if t.level is not None] == pytest.approx([2.5] * 201, 1e-9)

    @pytest.mark.parametrize("fps", [2, 5, 10, 25, 60])
    def test_follows_a_step_with_the_time_constant(self, fps):
        smoother = Smoother(NO_MEDIAN)
        feed(smoother, steady(1.0, fps=fps, until_s=10))
        feed(smoother, steady(4.0, fps=fps, from_s=10 + 1 / fps, until_s=10 + 1 / fps))
        after = smoother.advance(10 + 1 / fps + min(1.0, MAX_HOLD_S))
        assert after.level == pytest.approx(1 + 3 * (1 - math.exp(-1.0)), abs=1e-3)

    @given(streams())
    def test_stays_within_what_was_seen_lately(self, stream):
        smoother = Smoother(CONFIG)
        seen: list[tuple[float, float]] = []
        for at_s, said in stream:
            trend = smoother.update(reading(at_s, said))
            if not isinstance(said, Reason):
                if seen and at_s - seen[-1][0] > CONFIG.window_s:
                    seen = []
                seen.append((at_s, said))
            if trend.level is not None:
                values = [value for _, value in seen]
                assert min(values) - 1e-9 <= trend.level <= max(values) + 1e-9

    @given(streams(said=levels), st.lists(st.floats(0.01, 3.0), min_size=1, max_size=20))
    def test_is_never_moved_by_unavailable_readings(self, stream, gaps):
        smoother = Smoother(NO_MEDIAN)
        feed(smoother, stream)
        at_s = stream[-1][0] + 0.01
        last = smoother.update(reading(at_s, Reason.NO_FACE)).level
        for gap in gaps:
            at_s += gap
            level = smoother.update(reading(at_s, Reason.NO_FACE)).level
            assert level is None or level == pytest.approx(last, abs=1e-9)

    @given(streams(said=levels), st.floats(0.0, 100.0))
    def test_is_never_moved_by_silence_once_the_last_reading_is_old(self, stream, silence_s):
        smoother = Smoother(NO_MEDIAN)
        feed(smoother, stream)
        held = smoother.advance(stream[-1][0] + MAX_HOLD_S)
        later = smoother.advance(stream[-1][0] + MAX_HOLD_S + silence_s)
        assert later.level is None or later.level == pytest.approx(held.level, abs=1e-6)

    @pytest.mark.parametrize("gap", ["silence", "no face"])
    def test_starts_anew_after_a_window_without_evidence(self, gap):
        smoother = Smoother(CONFIG)
        feed(smoother, steady(6.0, fps=10, until_s=20))
        if gap == "no face":
            feed(smoother, steady(Reason.NO_FACE, fps=10, from_s=20.1, until_s=25.0))
        after = feed(smoother, steady(1.0, fps=10, from_s=25.1, until_s=30))
        found = [t.level for t in after if t.level is not None]
        assert found
        assert found == pytest.approx([1.0] * len(found))

    def test_one_picture_after_a_gap_does_not_outweigh_the_seconds_before_it(self):
        smoother = Smoother(NO_MEDIAN)
        feed(smoother, steady(1.0, fps=25, until_s=10))
        feed(smoother, steady(Reason.TURNED_AWAY, fps=25, from_s=10.04, until_s=11.5))
        after = feed(smoother, [(11.54, 6.0), (11.58, 6.0)])
        assert after[-1].level == pytest.approx(1.0, abs=1.1)

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_a_score_that_is_no_number_counts_as_a_failed_model(self, value):
        smoother = Smoother(CONFIG)
        feed(smoother, steady(2.0, fps=25, until_s=10))
        trends = feed(smoother, steady(value, fps=25, from_s=10.04, until_s=14))
        assert trends[-1].level is None
        assert trends[-1].reason is Reason.MODEL_FAILED

    @given(streams())
    def test_says_a_level_or_a_reason_never_both_never_neither(self, stream):
        for trend in feed(Smoother(CONFIG), stream):
            assert (trend.level is None) == (trend.reason is not None)
            assert (trend.level is None) == (trend.spread is None)
            assert (trend.level is None) == (trend.confidence is None)


class TestFrameRate:
    @pytest.mark.parametrize("fps", [5, 10, 15, 50])
    def test_does_not_change_the_level(self, fps):
        def slow_wave(at_s: float) -> float:
            return 3 + 2 * math.sin(at_s / 3)

        fine, coarse = Smoother(CONFIG), Smoother(CONFIG)
        feed(fine, steady(slow_wave, fps=25, until_s=60))
        feed(coarse, steady(slow_wave, fps=fps, until_s=60))
        # The slope of the wave is 2/3 level a second; frames differ in time by 0.2 s at most.
        assert coarse.advance(60).level == pytest.approx(fine.advance(60).level, abs=0.15)

    @pytest.mark.parametrize("fps", [2, 5, 12.5, 25, 100])
    def test_does_not_change_the_coverage(self, fps):
        def half(at_s: float) -> float | Reason:
            return 2.0 if at_s % 2 < 1 else Reason.NO_FACE

        smoother = Smoother(CONFIG)
        feed(smoother, steady(half, fps=fps, until_s=20))
        assert smoother.advance(20).coverage == pytest.approx(0.5, abs=0.05)

    @given(st.randoms(use_true_random=False), st.integers(2, 30))
    def test_jitter_does_not_change_the_coverage(self, rng, fps):
        times = sorted({rng.uniform(0, 5) for _ in range(5 * fps)} | {i / 2 for i in range(11)})
        smoother = Smoother(CONFIG)
        feed(smoother, [(at_s, 2.0) for at_s in times])
        assert smoother.advance(5).coverage == pytest.approx(1.0)


class TestCoverage:
    def test_rises_from_nothing_with_the_time_that_was_seen(self):
        smoother = Smoother(CONFIG)
        coverages = [t.coverage for t in feed(smoother, steady(2.0, fps=10, until_s=6))]
        expected = [min(i / 10 / CONFIG.window_s, 1.0) for i in range(61)]
        assert coverages == pytest.approx(expected)

    def test_decides_whether_there_is_a_level(self):
        smoother = Smoother(CONFIG)
        trends = feed(smoother, steady(2.0, fps=10, until_s=6))
        needed_s = CONFIG.min_coverage * CONFIG.window_s
        for trend in trends:
            if abs(trend.at_s - needed_s) > 0.01:
                assert (trend.level is not None) == (trend.at_s > needed_s)

    @given(streams())
    def test_is_a_share(self, stream):
        for trend in feed(Smoother(CONFIG), stream):
            assert 0 <= trend.coverage <= 1

    @given(streams(), st.data())
    def test_never_rises_when_a_valid_reading_becomes_unavailable(self, stream, data):
        lost = data.draw(st.integers(0, len(stream) - 1))
        fewer = [
            (at_s, Reason.OCCLUDED if index == lost else said)
            for index, (at_s, said) in enumerate(stream)
        ]
        before, after = feed(Smoother(CONFIG), stream), feed(Smoother(CONFIG), fewer)
        for more, less in zip(before, after, strict=True):
            assert less.coverage <= more.coverage + 1e-9

    @given(streams(longest_s=MAX_HOLD_S / 2), st.data())
    def test_counts_lost_frames_only_beyond_the_hold(self, stream, data):
        """A dropped frame whose neighbours are near costs nothing: the one before speaks on."""
        steady_level = [(at_s, 2.0) for at_s, _ in stream]
        dropped = data.draw(st.integers(1, len(stream) - 1))
        thinned = [item for index, item in enumerate(steady_level) if index != dropped]
        full, thin = Smoother(CONFIG), Smoother(CONFIG)
        feed(full, steady_level)
        feed(thin, thinned)
        end_s = stream[-1][0]
        assert thin.advance(end_s).coverage == pytest.approx(full.advance(end_s).coverage)

    def test_falls_when_readings_stop(self):
        smoother = Smoother(CONFIG)
        feed(smoother, steady(2.0, fps=25, until_s=10))
        found = [round(smoother.advance(10 + s).coverage, 3) for s in (0, 1, 2, 3, 4, 5, 9)]
        assert found == [1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]

    def test_one_reading_speaks_for_a_limited_time(self):
        smoother = Smoother(CONFIG)
        feed(smoother, [(0.0, 5.0)])
        assert smoother.advance(3.0).coverage == pytest.approx(MAX_HOLD_S / CONFIG.window_s)
        assert smoother.advance(3.0).level is None


class TestReason:
    def test_is_warming_up_until_enough_was_seen(self):
        trend = feed(Smoother(CONFIG), steady(2.0, fps=25, until_s=1))[-1]
        assert trend.reason is Reason.WARMING_UP

    def test_before_any_reading_is_warming_up_or_what_the_caller_knows(self):
        smoother = Smoother(CONFIG)
        assert smoother.advance(5.0).reason is Reason.WARMING_UP
        assert smoother.advance(5.0, silence=Reason.CAMERA_LOST).reason is Reason.CAMERA_LOST

    def test_is_what_took_most_of_the_time_not_most_of_the_frames(self):
        smoother = Smoother(CONFIG)
        feed(smoother, steady(Reason.BLURRED, fps=100, until_s=4))
        feed(smoother, steady(Reason.TURNED_AWAY, fps=2, from_s=4.01, until_s=7))
        assert smoother.advance(7).reason is Reason.TURNED_AWAY

    @pytest.mark.parametrize("silence", [Reason.CAMERA_LOST, Reason.MODEL_FAILED])
    def test_of_silence_is_what_the_caller_knows(self, silence):
        smoother = Smoother(CONFIG)
        feed(smoother, steady(2.0, fps=25, until_s=10))
        assert smoother.advance(15, silence=silence).reason is silence

    def test_of_silence_is_camera_lost_where_nobody_knows_better(self):
        smoother = Smoother(CONFIG)
        feed(smoother, steady(2.0, fps=25, until_s=10))
        assert smoother.advance(15).reason is Reason.CAMERA_LOST


class TestStartAnew:
    @given(streams(), streams(), st.floats(0, 10))
    def test_what_was_read_before_counts_no_more(self, before, after, pause_s):
        smoother, fresh = Smoother(CONFIG), Smoother(CONFIG)
        feed(smoother, before)
        start_s = before[-1][0] + pause_s
        smoother.start_anew(start_s)
        assert smoother.advance(start_s).level is None
        assert smoother.update(reading(start_s, 6.0)).coverage == 0.0
        after = [(at_s - after[0][0] + start_s + 0.1, said) for at_s, said in after]
        for found, expected in zip(feed(smoother, after), feed(fresh, after), strict=True):
            assert (found.level, found.coverage) == (expected.level, expected.coverage)
            assert found.action_units == expected.action_units


class TestOrder:
    @given(streams(), st.data())
    def test_late_and_repeated_readings_change_nothing(self, stream, data):
        clean, disturbed = Smoother(CONFIG), Smoother(CONFIG)
        for at_s, said in stream:
            expected = clean.update(reading(at_s, said))
            found = disturbed.update(reading(at_s, said))
            assert found == expected
            late_s = data.draw(st.floats(0, at_s))
            assert disturbed.update(reading(late_s, 6.0)) == expected

    def test_of_two_readings_of_one_moment_the_first_counts(self):
        smoother = Smoother(NO_MEDIAN)
        for at_s, said in steady(1.0, fps=25, until_s=10):
            smoother.update(reading(at_s, said))
            smoother.update(reading(at_s, 6.0))
        assert smoother.advance(10).level == pytest.approx(1.0)

    @given(streams(), st.floats(0, 10))
    def test_looking_changes_nothing(self, stream, ahead_s):
        watched, alone = Smoother(CONFIG), Smoother(CONFIG)
        for at_s, said in stream:
            watched.advance(at_s + ahead_s)
            assert watched.update(reading(at_s, said)) == alone.update(reading(at_s, said))


def blinks() -> list[tuple[float, float, float]]:
    """Twenty blinks a minute of 0.1 to 0.3 s, each a false rise of 1.5 to 4 levels."""
    rng, found, at_s = random.Random(7), [], 0.0  # noqa: S311  (a trace, no secret)
    while at_s < 120:
        at_s += 0.6 + rng.expovariate(20 / 60)
        found.append((at_s, at_s + rng.uniform(0.1, 0.3), rng.uniform(1.5, 4.0)))
    return found


class TestBlinks:
    @staticmethod
    def highest(config: SmoothingConfig, *, fps: float) -> float:
        eyes = blinks()

        def trace(at_s: float) -> float:
            return 1.5 + sum(height for start, end, height in eyes if start <= at_s < end)

        trends = feed(Smoother(config), steady(trace, fps=fps, until_s=120))
        return max(t.level for t in trends if t.level is not None)

    @pytest.mark.parametrize(("fps", "at_most"), [(25, 1.6), (10, 2.0)])
    def test_the_median_keeps_them_out_of_the_level(self, fps, at_most):
        assert self.highest(CONFIG, fps=fps) < at_most

    def test_without_the_median_they_would_show(self):
        assert self.highest(NO_MEDIAN, fps=25) > 2.3

    def test_the_median_delays_a_step_by_half_its_length(self):
        def first_above(smoother: Smoother) -> float:
            stream = steady(lambda at_s: 1.0 if at_s < 10 else 5.0, fps=25, until_s=20)
            return next(t.at_s for t in feed(smoother, stream) if t.level and t.level >= 3)

        delay_s = first_above(Smoother(CONFIG)) - first_above(Smoother(NO_MEDIAN))
        assert delay_s == pytest.approx(CONFIG.median_s / 2, abs=0.05)


class TestSignals:
    def test_pspi_units_and_confidence_are_smoothed_beside_the_level(self):
        smoother = Smoother(CONFIG)
        for at_s, _ in steady(2.0, fps=10, until_s=8):
            trend = smoother.update(
                reading(at_s, 2.0, pspi=7.0, action_units={ActionUnit.AU4: 3.0}, confidence=0.6)
            )
        assert trend.pspi == pytest.approx(7.0)
        assert trend.action_units == {ActionUnit.AU4: pytest.approx(3.0)}
        assert trend.confidence == pytest.approx(0.6)

    def test_pspi_is_none_when_the_model_gives_none(self):
        assert feed(Smoother(CONFIG), steady(2.0, fps=10, until_s=8))[-1].pspi is None

    @pytest.mark.parametrize(("swing", "spread"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
    def test_spread_is_the_deviation_of_the_levels(self, swing, spread):
        smoother = Smoother(CONFIG)
        feed(
            smoother, steady(lambda at_s: 3 + swing * (-1) ** round(at_s * 10), fps=10, until_s=20)
        )
        assert smoother.advance(20).spread == pytest.approx(spread, rel=0.02, abs=1e-9)
