import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.action_units import AU_MAX, BLENDSHAPES, ActionUnit
from train.residents.everyday import Traits, as_shown
from train.residents.expression import Expression, Kind
from train.residents.patterns import (
    PAIN_PATTERNS,
    PATTERN_NEGATIVES,
    draw_pattern,
    draw_patterns,
)
from train.residents.scanned import draw_rest, scanned_actions
from train.residents.transfer import SCANNED

AU = ActionUnit
seeds = st.integers(0, 2**32 - 1)
NAMES = ["neutral", "pain", "pain-talk", *sorted(PAIN_PATTERNS), *sorted(PATTERN_NEGATIVES)]


@given(seeds, st.sampled_from(NAMES))
def test_units_and_actions_stay_within_their_scales(seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    drawn = draw_pattern(name, rng)
    assert drawn.name == name
    assert all(0.0 < value <= AU_MAX for value in drawn.units.values())
    weights = scanned_actions(draw_rest(rng))(as_shown(drawn, Traits()))
    assert all(-1.0 <= weight <= 1.4 for weight in weights.values())
    assert {
        label.removeprefix(SCANNED).replace("cheekRaiser", "cheekSquint") for label in weights
    } <= set(BLENDSHAPES)


@given(seeds, st.sampled_from(sorted(PATTERN_NEGATIVES)))
def test_what_is_no_pain_has_level_0(seed: int, name: str) -> None:
    assert draw_pattern(name, np.random.default_rng(seed)).level == 0.0


@pytest.mark.parametrize("name", sorted(PAIN_PATTERNS))
def test_every_pattern_narrows_the_eyes_and_reaches_from_mild_to_severe(name: str) -> None:
    drawn = [draw_pattern(name, np.random.default_rng(seed)) for seed in range(200)]
    assert all(face.kind is Kind.PAIN and face.units[AU.AU7] > 0.0 for face in drawn)
    levels = [face.level for face in drawn]
    assert min(levels) < 1.5
    assert max(levels) > 3.0


def test_shares_are_a_fifth_neutral_and_two_fifths_pain() -> None:
    drawn = [face for seed in range(400) for face in draw_patterns(8, np.random.default_rng(seed))]
    share = {kind: np.mean([face.kind is kind for face in drawn]) for kind in Kind}
    assert share[Kind.NEUTRAL] == pytest.approx(0.2, abs=0.03)
    assert share[Kind.PAIN] == pytest.approx(0.4, abs=0.03)


def test_a_resting_brow_leaves_less_for_the_muscle() -> None:
    rest = {f"{SCANNED}browDownLeft": 0.5}
    actions = scanned_actions(rest)
    at_rest = actions(Expression(name="neutral", kind=Kind.NEUTRAL))
    furrowed = actions(Expression(name="x", kind=Kind.PAIN, units={AU.AU4: AU_MAX}))
    label = f"{SCANNED}browDownLeft"
    assert at_rest[label] == 0.5
    assert (
        furrowed[label]
        == scanned_actions({})(Expression(name="x", kind=Kind.PAIN, units={AU.AU4: AU_MAX}))[label]
    )


@given(seeds, st.floats(-0.25, 0.25))
def test_the_weaker_side_moves_less(seed: int, asymmetry: float) -> None:
    face = Expression(name="x", kind=Kind.PAIN, units={AU.AU10: 4.0}, asymmetry=asymmetry)
    weights = scanned_actions({})(face)
    left, right = (weights[f"{SCANNED}mouthUpperUp{side}"] for side in ("Left", "Right"))
    assert (left < right) == (asymmetry < 0.0) or left == pytest.approx(right)
