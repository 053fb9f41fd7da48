from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pain.action_units import BLENDSHAPES
from train.preprocess import draw_flips, flip_blendshapes, flip_landmarks, flip_pictures

SECOND = torch.tensor([False, True])


def an_order() -> np.ndarray:
    """Pairs the first 400 landmarks; the rest lie on the midline."""
    order = np.arange(478)
    order[:400:2], order[1:400:2] = order[1:400:2].copy(), order[:400:2].copy()
    return order


def test_only_the_chosen_pictures_are_mirrored_left_to_right():
    shown = torch.randint(0, 256, (2, 8, 6, 3), dtype=torch.uint8)

    out = flip_pictures(shown, SECOND)

    assert torch.equal(out[0], shown[0])
    assert torch.equal(out[1, :, 0], shown[1, :, -1])
    assert out.dtype == torch.uint8


def test_a_landmark_takes_the_place_of_its_counterpart():
    landmarks = torch.randn(2, 478, 3)

    out = flip_landmarks(landmarks, SECOND, an_order())

    assert torch.equal(out[0], landmarks[0])
    expected = landmarks[1, 1] * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(out[1, 0], expected)


def test_left_and_right_blendshapes_change_places():
    values = torch.rand(2, 52)

    out = flip_blendshapes(values, SECOND)

    left, right = BLENDSHAPES.index("eyeBlinkLeft"), BLENDSHAPES.index("eyeBlinkRight")
    middle = BLENDSHAPES.index("jawOpen")
    assert torch.equal(out[0], values[0])
    assert out[1, left] == values[1, right]
    assert out[1, right] == values[1, left]
    assert out[1, middle] == values[1, middle]


@pytest.mark.parametrize("kind", ["pictures", "landmarks", "blendshapes"])
def test_mirrored_twice_is_as_before(kind: str):
    every = torch.tensor([True, True])
    flips = {
        "pictures": (lambda x: flip_pictures(x, every), torch.rand(2, 5, 7, 3)),
        "landmarks": (lambda x: flip_landmarks(x, every, an_order()), torch.rand(2, 478, 3)),
        "blendshapes": (lambda x: flip_blendshapes(x, every), torch.rand(2, 52)),
    }
    flip, values = flips[kind]

    assert torch.equal(flip(flip(values)), values)


@given(seed=st.integers(0, 1000), probability=st.sampled_from([0.0, 0.5, 1.0]))
def test_as_many_are_flipped_as_was_asked_for_and_the_seed_decides_which(
    seed: int, probability: float
):
    draws = [
        draw_flips(
            2000, probability=probability, generator=torch.Generator().manual_seed(seed)
        ).float()
        for _ in range(2)
    ]

    assert torch.equal(*draws)
    assert abs(float(draws[0].mean()) - probability) < 0.06
