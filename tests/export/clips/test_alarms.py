"""Two graphs watch the same clip: which alarms stay, come late, are lost, or are invented."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.clips.alarms import Change, Outcome, compare_alarms, outcomes
from export.clips.read import Clip
from export.verify.bars import BARS
from pain.alarms import Condition
from pain.bundle import Calibration
from pain.values import Reason

AT_S = tuple(np.round(np.arange(0.0, 120.0, 0.1), 3).tolist())
Course = Callable[[float], Outcome]


def changes(before: Course, after: Course) -> tuple[Change, ...]:
    return compare_alarms(AT_S, [before(at_s) for at_s in AT_S], [after(at_s) for at_s in AT_S])


def pain(at_s: float, *, level: float = 5.6, to_s: float = 50.0) -> float:
    return level if 30.0 <= at_s < to_s else 0.4


def slope(at_s: float, *, top: float = 3.3) -> float:
    """Rises by a tenth of a level a second, stays, and falls."""
    return max(0.4, min(top, 2.5 + (at_s - 40.0) / 10.0)) if at_s < 70.0 else 0.4


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (pain, lambda at_s: pain(at_s) + 0.05, [None, None]),
        (pain, lambda at_s: pain(at_s, level=4.95), [None, "pain_severe at 32.6 s is lost"]),
        (lambda at_s: pain(at_s, level=4.95), pain, [None, "pain_severe at 32.6 s is invented"]),
        (slope, lambda at_s: slope(at_s + 1.0), ["pain_moderate comes 1.0 s early, allowed are"]),
        (slope, lambda at_s: slope(at_s) - 0.1, ["pain_moderate comes 1.0 s late, allowed are"]),
        (
            pain,
            lambda at_s: pain(at_s, to_s=48.0),
            ["pain_moderate ends 2.0 s early", "pain_severe ends 2.0 s early"],
        ),
        (
            pain,
            lambda _at_s: 0.4,
            ["pain_moderate at 31.1 s is lost", "pain_severe at 32.6 s is lost"],
        ),
        (
            lambda _at_s: 0.4,
            lambda at_s: Reason.MODEL_FAILED if at_s > 60.0 else 0.4,
            ["model_failed at 60.1 s is invented"],
        ),
        (lambda _at_s: 0.4, lambda _at_s: 0.6, []),
    ],
)
def test_the_bar_says_what_became_of_each_alarm(
    before: Course, after: Course, told: list[str | None]
) -> None:
    said = [BARS["int8"].misses(change) for change in changes(before, after)]
    assert len(said) == len(told)
    for words, expected in zip(said, told, strict=True):
        assert words == expected or (words and expected and words.startswith(expected)), words


@given(st.lists(st.floats(0.0, 6.0), min_size=2, max_size=40))
def test_a_graph_that_says_the_same_gives_the_same_alarms(levels: list[float]) -> None:
    at_s = np.arange(len(levels), dtype=float).tolist()
    for change in compare_alarms(at_s, levels, levels):
        assert change.onset_shift_s == 0.0
        assert change.end_shift_s == 0.0


def test_a_reading_that_the_daemon_refuses_is_model_failed() -> None:
    clip = Clip(name="x", at_s=(0.0, 0.1, 0.2), reasons=(None, Reason.BLURRED, None), inputs={})
    certain = np.eye(7, dtype=np.float32)
    said = {
        "probabilities": np.stack([certain[3], certain[3]]),
        "level": np.array([3.0, 4.0], np.float32),
    }
    found = outcomes(clip, said, units=(), calibration=Calibration())
    assert found == (3.0, Reason.BLURRED, Reason.MODEL_FAILED)


def test_conditions_are_told_apart() -> None:
    kinds = {change.condition for change in changes(pain, pain)}
    assert kinds == {Condition.PAIN_MODERATE, Condition.PAIN_SEVERE}
