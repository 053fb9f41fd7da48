"""The textbook mapping from blendshapes to action units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from pain.action_units import AU_WORDS, BLENDSHAPES, ActionUnit, action_units_from_blendshapes

scores = npst.arrays(np.float32, 52, elements=st.floats(0, 1, width=32))


def with_scores(**values: float) -> np.ndarray:
    array = np.zeros(52, np.float32)
    for name, value in values.items():
        array[BLENDSHAPES.index(name)] = value
    return array


def test_there_are_52_blendshapes_each_named_once():
    assert len(BLENDSHAPES) == len(set(BLENDSHAPES)) == 52


def test_left_and_right_come_in_pairs():
    lefts = {name.removesuffix("Left") for name in BLENDSHAPES if name.endswith("Left")}
    rights = {name.removesuffix("Right") for name in BLENDSHAPES if name.endswith("Right")}
    alone = {"jaw", "mouth"}  # jawLeft and mouthLeft are directions, and pair all the same
    assert lefts == rights
    assert alone <= lefts


def test_every_unit_has_plain_words():
    assert set(AU_WORDS) == set(ActionUnit)
    assert all(AU_WORDS.values())


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("browDownLeft", ActionUnit.AU4),
        ("browDownRight", ActionUnit.AU4),
        ("cheekSquintLeft", ActionUnit.AU6),
        ("eyeSquintRight", ActionUnit.AU7),
        ("noseSneerLeft", ActionUnit.AU9),
        ("mouthUpperUpRight", ActionUnit.AU10),
        ("mouthSmileLeft", ActionUnit.AU12),
        ("mouthStretchRight", ActionUnit.AU20),
        ("jawOpen", ActionUnit.AU26),
    ],
)
def test_one_blendshape_moves_one_unit(name, unit):
    units = action_units_from_blendshapes(with_scores(**{name: 0.6}))
    assert units[unit] == pytest.approx(3.0)
    assert all(value == 0 for other, value in units.items() if other is not unit)


def test_the_stronger_side_counts():
    units = action_units_from_blendshapes(with_scores(browDownLeft=0.2, browDownRight=0.8))
    assert units[ActionUnit.AU4] == pytest.approx(4.0)


@pytest.mark.parametrize(("blink", "closed"), [(0.0, 0), (0.49, 0), (0.5, 5), (1.0, 5)])
def test_eyes_are_open_or_closed(blink, closed):
    units = action_units_from_blendshapes(with_scores(eyeBlinkLeft=blink))
    assert units[ActionUnit.AU43] == closed


@given(scores)
def test_intensities_are_on_the_scale(array):
    assert all(0 <= value <= 5 for value in action_units_from_blendshapes(array).values())


@given(scores, st.integers(0, 51), st.floats(0, 1, width=32))
def test_more_of_a_blendshape_never_means_less_of_a_unit(array, index, more):
    raised = array.copy()
    raised[index] = max(raised[index], np.float32(more))
    before, after = action_units_from_blendshapes(array), action_units_from_blendshapes(raised)
    assert all(after[unit] >= before[unit] for unit in before)


@pytest.mark.parametrize("value", [-0.5, 1.5])
def test_scores_outside_their_range_are_clipped(value):
    units = action_units_from_blendshapes(with_scores(browDownLeft=value))
    assert units[ActionUnit.AU4] == (0.0 if value < 0 else 5.0)


@pytest.mark.parametrize("shape", [(51,), (53,), (1, 52), ()])
def test_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match="52 blendshape scores"):
        action_units_from_blendshapes(np.zeros(shape, np.float32))
