from __future__ import annotations

import numpy as np
import pytest

from pain.errors import DataError
from train.explain.patches import patch_colours, patches_on


def planted(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two pictures of 64 patches: background, and a face of four parts in known patches."""
    part = np.zeros((2, 64), int)
    part[:, 20:44] = np.repeat([1, 2, 3, 4], 6)
    axis, *own = np.linalg.qr(rng.normal(size=(32, 5)))[0].T
    centres = np.stack([-5 * axis, *(5 * axis + direction for direction in own)])
    features = centres[part] + rng.normal(0, 0.05, (2, 64, 32))
    return features.astype(np.float32), part, part > 0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_planted_foreground_is_found_whatever_the_sign(sign: float):
    features, _, face = planted(np.random.default_rng(0))
    colours = patch_colours(sign * features, face=face)
    np.testing.assert_array_equal(colours.foreground, face)
    assert not colours.rgb[~face].any()


def test_parts_of_the_face_get_colours_of_their_own_in_all_pictures_alike():
    features, part, face = planted(np.random.default_rng(1))
    colours = patch_colours(features, face=face)
    means = np.array([colours.rgb[part == number].mean(axis=0) for number in (1, 2, 3, 4)])
    apart = np.linalg.norm(means[:, None] - means[None], axis=2)[np.triu_indices(4, 1)]
    within = max(float(colours.rgb[part == number].std(axis=0).max()) for number in (1, 2, 3, 4))
    assert apart.min() > 0.5
    assert within < 0.1
    for number in (1, 2, 3, 4):
        one, two = (colours.rgb[k][part[k] == number].mean(axis=0) for k in (0, 1))
        np.testing.assert_allclose(one, two, atol=0.1)


def test_every_colour_uses_its_whole_range():
    features, _, face = planted(np.random.default_rng(4))
    features[face, :] *= np.linspace(1, 3, 32, dtype=np.float32)  # unequal components
    colours = patch_colours(features, face=face)
    shown = colours.rgb[colours.foreground]
    np.testing.assert_array_equal(shown.min(axis=0), 0.0)
    np.testing.assert_array_equal(shown.max(axis=0), 1.0)


def test_three_components_tell_four_parts_apart():
    features, _, face = planted(np.random.default_rng(2))
    red, green, blue = patch_colours(features, face=face).explained
    assert red >= green >= blue
    assert red + green + blue > 0.8


def test_a_face_that_fills_the_picture_is_foreground_for_its_larger_half():
    features, _, _ = planted(np.random.default_rng(3))
    colours = patch_colours(features, face=np.ones((2, 64), bool))
    assert colours.foreground.any()
    assert not colours.foreground.all()


def test_too_few_patches_are_said():
    features = np.zeros((1, 6, 8), np.float32)
    features[0, 0, 0] = 1.0
    with pytest.raises(DataError, match="only 1 of 6 patches"):
        patch_colours(features, face=np.array([[True, *[False] * 5]]))


def test_patches_on_a_mask():
    mask = np.zeros((32, 32), bool)
    mask[:16, 16:] = True
    np.testing.assert_array_equal(
        patches_on(mask, grid=(2, 2)), np.array([False, True, False, False])
    )
