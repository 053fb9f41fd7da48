import numpy as np
import pytest

from pain.action_units import ActionUnit
from train.residents.expression import Kind
from train.residents.storyboard import DEMO

AU = ActionUnit
TIMES = np.arange(0.0, 26.0, 0.04)


def levels(start_s: float, end_s: float) -> list[float]:
    return [DEMO.expression_at(t).level for t in TIMES if start_s <= t < end_s]


def test_scenes_follow_each_other_without_a_gap() -> None:
    assert DEMO.segments[0].start_s == 0.0
    for first, second in zip(DEMO.segments, DEMO.segments[1:], strict=False):
        assert first.end_s == second.start_s
    assert DEMO.duration_s == 26.0


def test_talking_and_smiling_are_no_pain() -> None:
    assert max(levels(0.0, 10.5)) == 0.0
    names = {DEMO.expression_at(t).name for t in TIMES if t < 10.5}
    assert {"neutral", "talk", "smile"} <= names
    assert max(DEMO.expression_at(t).units.get(AU.AU12, 0.0) for t in TIMES if t < 10.5) > 3.0
    assert max(DEMO.expression_at(t).units.get(AU.AU26, 0.0) for t in TIMES if 5 < t < 7.4) > 2.0


def test_moderate_pain_is_moderate_and_severe_pain_is_severe() -> None:
    moderate, severe = levels(11.5, 15.4), levels(16.3, 20.4)
    assert 3.3 < min(moderate) <= max(moderate) < 4.5
    assert min(severe) > 5.5
    assert all(DEMO.expression_at(t).units[AU.AU43] > 4.9 for t in np.arange(16.3, 20.4, 0.1))


def test_pain_ends() -> None:
    assert max(levels(22.0, 26.0)) == 0.0
    assert DEMO.expression_at(25.9).kind is Kind.NEUTRAL


def test_blinks_shut_the_lids_for_a_moment() -> None:
    assert DEMO.expression_at(1.6).units[AU.AU43] == 5.0
    assert AU.AU43 not in DEMO.expression_at(2.2).units


@pytest.mark.parametrize("unit", [AU.AU4, AU.AU7, AU.AU10, AU.AU12])
def test_faces_move_without_jumps(unit: ActionUnit) -> None:
    course = [DEMO.expression_at(t).units.get(unit, 0.0) for t in TIMES]
    assert np.abs(np.diff(course)).max() < 0.5


def test_the_head_moves_slowly_and_within_its_limits() -> None:
    poses = [DEMO.pose_at(t) for t in TIMES]
    turned = np.array([[p.yaw_deg, p.pitch_deg, p.roll_deg] for p in poses])
    assert np.abs(turned).max() < 20.0
    assert np.abs(np.diff(turned, axis=0)).max() < 2.5
    assert all(-1.0 <= DEMO.breath_at(t) <= 1.0 for t in TIMES)
