from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.explain.faces import drawn_landmarks
from train.explain.occlusion import corners, occlusion_map, region_drops
from train.explain.regions import COVERED, FaceRegion, region_mask

WINDOW = (16, 16, 240, 240)
GREY = np.full((256, 256, 3), 128, np.uint8)


def reads(mask: np.ndarray):
    """A model whose level is 3 times the brightness of one place."""
    return lambda pictures: 3.0 * pictures[:, mask].mean(axis=(1, 2)) / 128


@pytest.mark.parametrize("stride", [4, 8, 16])
@pytest.mark.parametrize("place", [(40, 64), (120, 200), (16, 16), (224, 224)])
def test_the_map_peaks_on_the_patch_that_the_model_reads(place: tuple[int, int], stride: int):
    top, left = place
    mask = np.zeros((256, 256), bool)
    mask[top : top + 16, left : left + 16] = True
    found = occlusion_map(reads(mask), GREY, window=WINDOW, stride_px=stride)
    assert found.level == pytest.approx(3.0)
    far = np.ones_like(mask)
    far[max(top - 16, 0) : top + 32, max(left - 16, 0) : left + 32] = False
    peak = np.unravel_index(np.nanargmax(found.drop), found.drop.shape)
    assert mask[peak] if stride < 16 else not far[peak]
    assert np.nanmax(np.abs(found.drop[far])) == pytest.approx(0.0)


def test_what_the_model_cannot_see_has_no_drop():
    everything = np.zeros((256, 256), bool)
    everything[::8, ::8] = True
    found = occlusion_map(reads(everything), GREY, window=WINDOW, stride_px=16)
    seen = np.zeros((256, 256), bool)
    seen[16:240, 16:240] = True
    np.testing.assert_array_equal(np.isfinite(found.drop), seen)


def test_a_place_that_lowers_the_level_has_a_negative_drop():
    mask = np.zeros((256, 256), bool)
    mask[100:116, 100:116] = True
    positive = reads(mask)
    found = occlusion_map(lambda pictures: 6.0 - positive(pictures), GREY, window=WINDOW)
    assert np.nanmin(found.drop) < -1.0
    assert np.nanmax(found.drop) == pytest.approx(0.0)


def test_the_picture_is_left_as_it_was_and_every_square_counts_once():
    done: list[int] = []
    before = GREY.copy()
    corner = np.zeros((256, 256), bool)
    corner[0, 0] = True
    occlusion_map(reads(corner), GREY, window=WINDOW, stride_px=16, on_done=done.append)
    np.testing.assert_array_equal(GREY, before)
    assert done[-1] == len(corners(WINDOW, square_px=16, stride_px=16)) == 14 * 14


@given(
    size=st.integers(16, 90), square=st.integers(4, 16), stride=st.integers(1, 16), edge=st.data()
)
def test_squares_cover_the_whole_window_and_nothing_else(
    size: int, square: int, stride: int, edge: st.DataObject
):
    step = min(stride, square)
    left = edge.draw(st.integers(0, 20))
    covered = np.zeros((130, 130), bool)
    for x, y in corners((left, 3, left + size, 3 + size), square_px=square, stride_px=step):
        covered[y : y + square, x : x + square] = True
    expected = np.zeros_like(covered)
    expected[3 : 3 + size, left : left + size] = True
    np.testing.assert_array_equal(covered, expected)


@pytest.mark.parametrize("region", COVERED)
def test_the_region_that_the_model_reads_has_the_largest_drop(region: FaceRegion):
    points = drawn_landmarks()
    drops = region_drops(reads(region_mask(region, points, size=(256, 256))), GREY, points)
    assert max(drops, key=drops.__getitem__) is region
    assert drops[region] == pytest.approx(3.0)
