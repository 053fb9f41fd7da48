from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.track.privacy import PrivacyMasks, bounds, contains
from edge.track.tiles import Tile

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
shares = st.floats(0, 1)
polygons = st.lists(st.tuples(shares, shares), min_size=3, max_size=6)


@given(polygon=polygons, width=st.integers(2, 60), height=st.integers(2, 60))
def test_every_pixel_whose_centre_is_masked_is_black(
    polygon: list[tuple[float, float]], width: int, height: int
) -> None:
    image = np.full((height, width, 3), 200, np.uint8)
    PrivacyMasks([polygon]).apply(image)
    for row in range(height):
        for column in range(width):
            if contains(polygon, (column + 0.5) / width, (row + 0.5) / height):
                assert not image[row, column].any()


def test_pixels_well_outside_stay_as_they_are() -> None:
    image = np.full((100, 200, 3), 200, np.uint8)
    PrivacyMasks([SQUARE]).apply(image)
    assert not image[25:75, 50:150].any()
    outside = np.ones((100, 200), bool)
    outside[22:78, 47:153] = False
    assert (image[outside] == 200).all()


def test_overlapping_masks_do_not_cancel_each_other() -> None:
    image = np.full((100, 100, 3), 200, np.uint8)
    PrivacyMasks([SQUARE, SQUARE]).apply(image)
    assert not image[25:75, 25:75].any()


def test_masks_follow_the_size_of_the_picture() -> None:
    masks = PrivacyMasks([SQUARE])
    for size in (40, 80, 40):
        image = np.full((size, size, 3), 200, np.uint8)
        masks.apply(image)
        assert not image[size // 4 : 3 * size // 4, size // 4 : 3 * size // 4].any()
        assert image[0, 0].all()


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [(0.5, 0.5, True), (0.3, 0.7, True), (0.2, 0.5, False), (0.5, 0.8, False), (0.9, 0.9, False)],
)
def test_a_point_is_in_the_zone_or_not(x: float, y: float, inside: bool) -> None:
    assert contains(SQUARE, x, y) is inside


def test_a_hollow_shape_does_not_hold_its_hollow() -> None:
    horseshoe = ((0, 0), (1, 0), (1, 1), (0.8, 1), (0.8, 0.2), (0.2, 0.2), (0.2, 1), (0, 1))
    assert contains(horseshoe, 0.1, 0.9)
    assert not contains(horseshoe, 0.5, 0.9)


@given(polygon=polygons, width=st.integers(1, 3000), height=st.integers(1, 3000))
def test_bounds_are_a_tile_of_the_picture_that_holds_the_polygon(
    polygon: list[tuple[float, float]], width: int, height: int
) -> None:
    tile = bounds(polygon, width=width, height=height)
    assert 0 <= tile.x < tile.x + tile.width <= width
    assert 0 <= tile.y < tile.y + tile.height <= height
    for x, y in polygon:
        assert tile.x <= x * width <= tile.x + tile.width
        assert tile.y <= y * height <= tile.y + tile.height


def test_bounds_of_the_whole_picture() -> None:
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    assert bounds(corners, width=640, height=360) == Tile(x=0, y=0, width=640, height=360)
