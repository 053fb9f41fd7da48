"""When pain counts as begun and as ended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarm.hysteresis import MAX_STEP_S, Hysteresis
from edge.config import PainLimit

LIMIT = PainLimit(level=3.0, margin=0.5, on_delay_s=2.0, off_delay_s=5.0)

Observation = tuple[float, float | None]


def held(level: float | None, *, from_s: float, until_s: float, step_s: float = 0.1):
    steps = round((until_s - from_s) / step_s)
    return [(from_s + i * step_s, level) for i in range(steps + 1)]


def changes(observations: list[Observation], limit: PainLimit = LIMIT) -> list[tuple[float, bool]]:
    """Times at which the condition began or ended."""
    hysteresis, found, before = Hysteresis(limit), [], False
    for at_s, level in observations:
        present = hysteresis.observe(level, at_s)
        if present != before:
            found.append((round(at_s, 2), present))
        before = present
    return found


def present_after(observations: list[Observation], limit: PainLimit = LIMIT) -> Hysteresis:
    hysteresis = Hysteresis(limit)
    for at_s, level in observations:
        hysteresis.observe(level, at_s)
    return hysteresis


@st.composite
def observations(draw: st.DrawFn, level: st.SearchStrategy[float | None]) -> list[Observation]:
    at_s, found = 0.0, []
    for step_s, value in draw(st.lists(st.tuples(st.floats(0.01, 3.0), level), max_size=60)):
        at_s += step_s
        found.append((at_s, value))
    return found


anything = st.one_of(st.none(), st.floats(0, 6))


class TestBegins:
    @pytest.mark.parametrize("step_s", [0.04, 0.1, 0.5, 1.0])
    def test_after_the_on_delay_at_any_frame_rate(self, step_s):
        [(at_s, present)] = changes(held(4.0, from_s=10, until_s=15, step_s=step_s))
        assert present
        assert at_s == pytest.approx(12.0, abs=step_s)

    def test_at_the_limit_itself(self):
        assert present_after(held(3.0, from_s=0, until_s=3)).present

    def test_not_below_the_limit(self):
        assert not present_after(held(2.99, from_s=0, until_s=60)).present

    def test_at_once_without_an_on_delay(self):
        limit = PainLimit(level=3.0, on_delay_s=0)
        assert changes([(1.0, 2.0), (1.1, 3.5)], limit) == [(1.1, True)]

    def test_anew_when_the_level_dips_below_the_limit(self):
        dip = [*held(4, from_s=0, until_s=1.9), (2.0, 2.9), *held(4, from_s=2.1, until_s=5)]
        [(at_s, _)] = changes(dip)
        assert at_s == pytest.approx(4.1, abs=0.11)

    def test_with_the_onset_at_which_the_level_passed_the_limit(self):
        hysteresis = present_after(held(1, from_s=0, until_s=6.9) + held(4, from_s=7, until_s=12))
        assert hysteresis.onset_s == pytest.approx(7.0)

    def test_without_an_onset_while_nothing_is_present(self):
        assert present_after(held(4, from_s=0, until_s=1)).onset_s is None


class TestEnds:
    BEGUN = held(4.0, from_s=0, until_s=3)

    @pytest.mark.parametrize("step_s", [0.04, 0.1, 0.5, 1.0])
    def test_after_the_off_delay_at_any_frame_rate(self, step_s):
        found = changes(self.BEGUN + held(1.0, from_s=4, until_s=12, step_s=step_s))
        assert found[1][0] == pytest.approx(9.0, abs=step_s)

    @pytest.mark.parametrize("level", [2.5, 2.7, 2.99])
    def test_not_within_the_margin(self, level):
        assert present_after(self.BEGUN + held(level, from_s=3.1, until_s=60)).present

    def test_anew_when_the_level_comes_back_into_the_margin(self):
        back = [*held(1, from_s=3.1, until_s=7.9), (8.0, 2.6), *held(1, from_s=8.1, until_s=15)]
        assert changes(self.BEGUN + back)[1][0] == pytest.approx(13.1, abs=0.11)

    def test_without_an_onset(self):
        assert present_after(self.BEGUN + held(1, from_s=3.1, until_s=10)).onset_s is None


class TestWithoutALevel:
    @given(observations(anything), observations(st.none()))
    def test_nothing_changes(self, before, nothing):
        hysteresis = present_after(before)
        present, last_s = hysteresis.present, before[-1][0] if before else 0.0
        for at_s, level in nothing:
            assert hysteresis.observe(level, last_s + at_s) is present

    def test_the_on_delay_does_not_advance(self):
        unseen = held(None, from_s=1.1, until_s=2.0)
        seen = held(4, from_s=2.1, until_s=6)
        [(at_s, _)] = changes(held(4, from_s=0, until_s=1) + unseen + seen)
        # 1.0 s before the gap and 1.0 s after it.
        assert at_s == pytest.approx(3.1, abs=0.11)

    def test_the_off_delay_does_not_advance(self):
        begun = held(4, from_s=0, until_s=3)
        unseen = held(None, from_s=5.1, until_s=9.0)
        found = changes(
            begun + held(1, from_s=3.1, until_s=5) + unseen + held(1, from_s=9.1, until_s=20)
        )
        assert found[1][0] == pytest.approx(12.2, abs=0.11)

    def test_what_was_timed_before_a_long_gap_is_stale(self):
        unseen = held(None, from_s=2.0, until_s=600.0, step_s=1.0)
        hysteresis = Hysteresis(LIMIT)
        for at_s, level in held(4, from_s=0, until_s=1.9) + unseen:
            hysteresis.observe(level, at_s)
        for at_s, level in held(4, from_s=601, until_s=604):
            hysteresis.observe(level, at_s)
        assert hysteresis.onset_s == pytest.approx(601.0)

    def test_pain_that_stands_is_not_ended_by_hours_of_nothing(self):
        begun = held(4, from_s=0, until_s=3)
        assert present_after(begun + held(None, from_s=4, until_s=7200, step_s=10)).present


class TestTime:
    @given(observations(anything), st.data())
    def test_late_estimates_change_nothing(self, stream, data):
        clean, disturbed = Hysteresis(LIMIT), Hysteresis(LIMIT)
        newest_s: float | None = None
        for at_s, level in stream:
            assert clean.observe(level, at_s) == disturbed.observe(level, at_s)
            newest_s = at_s if level is not None else newest_s
            if newest_s is not None:
                late_s = data.draw(st.floats(0, newest_s, exclude_max=True))
                assert disturbed.observe(6.0, late_s) == clean.present

    def test_a_process_that_slept_does_not_take_the_time_for_pain(self):
        hysteresis = Hysteresis(PainLimit(level=3.0, on_delay_s=10.0))
        hysteresis.observe(4.0, 0.0)
        assert not hysteresis.observe(4.0, 3600.0)

    def test_starting_anew_forgets_the_delay_and_keeps_the_condition(self):
        hysteresis = present_after(held(4.0, from_s=0, until_s=LIMIT.on_delay_s - 0.1))
        assert not hysteresis.present
        hysteresis.start_anew()
        for at_s, level in held(4.0, from_s=LIMIT.on_delay_s, until_s=2 * LIMIT.on_delay_s - 0.1):
            assert not hysteresis.observe(level, at_s)
        assert hysteresis.observe(4.0, 2 * LIMIT.on_delay_s + 0.1)
        hysteresis.start_anew()
        assert hysteresis.present

    def test_a_slow_camera_still_raises_an_alarm(self):
        assert present_after(held(4.0, from_s=0, until_s=60, step_s=2 * MAX_STEP_S)).present

    @given(observations(st.floats(0, 2.99)))
    def test_no_alarm_without_a_level_at_the_limit(self, stream):
        assert not present_after(stream).present

    @given(observations(anything))
    def test_the_onset_is_a_time_at_which_the_limit_was_passed(self, stream):
        hysteresis = Hysteresis(LIMIT)
        passed = {at_s for at_s, level in stream if level is not None and level >= LIMIT.level}
        for at_s, level in stream:
            if hysteresis.observe(level, at_s):
                assert hysteresis.onset_s in passed
                assert hysteresis.onset_s <= at_s
