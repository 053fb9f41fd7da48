from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.track.tiles import (
    OVERLAP,
    REVISIT_EVERY,
    Place,
    Tile,
    around,
    grid,
    sides_for,
    sweep,
    whole,
)

SIDES = (896, 448, 224)
lengths = st.integers(1, 4000)
sides = st.integers(128, 1024)
shares = st.floats(0, 1)


def holds(tile: Tile, x: float, y: float, size: float) -> bool:
    """Whether a square around (x, y) lies in the tile."""
    half = size / 2
    return (
        tile.x <= x - half
        and tile.y <= y - half
        and x + half <= tile.x + tile.width
        and y + half <= tile.y + tile.height
    )


@given(width=lengths, height=lengths, side=sides, across=shares, down=shares, share=shares)
def test_any_face_up_to_the_overlap_is_whole_in_a_tile_of_its_size(
    *, width: int, height: int, side: int, across: float, down: float, share: float
) -> None:
    size = min(share * OVERLAP * side, width, height)
    x = size / 2 + across * (width - size)
    y = size / 2 + down * (height - size)
    tiles = grid(area=whole(width=width, height=height), side=side)
    assert any(holds(tile, x, y, size - 1e-6) for tile in tiles)


@given(
    width=lengths, height=lengths, places=st.lists(st.tuples(shares, shares, shares), max_size=3)
)
def test_every_tile_of_a_sweep_lies_in_the_picture(
    width: int, height: int, places: list[tuple[float, float, float]]
) -> None:
    remembered = [
        Place(x=x * width, y=y * height, height_px=1 + share * height) for x, y, share in places
    ]
    for tile in sweep(width=width, height=height, sides=SIDES, places=remembered):
        assert tile.width >= 1
        assert tile.height >= 1
        assert 0 <= tile.x <= width - tile.width
        assert 0 <= tile.y <= height - tile.height


@given(width=lengths, height=lengths, places=st.lists(st.tuples(shares, shares), max_size=4))
def test_remembered_places_never_starve_the_rest(
    width: int, height: int, places: list[tuple[float, float]]
) -> None:
    remembered = [Place(x=x * width, y=y * height, height_px=60) for x, y in places]
    plain = list(sweep(width=width, height=height, sides=SIDES))
    pinned = list(sweep(width=width, height=height, sides=SIDES, places=remembered))
    assert set(plain) <= set(pinned)
    revisits = len(plain) // REVISIT_EVERY if places else 0
    assert len(pinned) == len(plain) + len(places) + revisits


@given(
    width=st.integers(100, 2000),
    height=st.integers(100, 2000),
    corner=st.tuples(shares, shares),
    extent=st.tuples(shares, shares),
    centre=st.tuples(shares, shares),
)
def test_a_region_keeps_every_face_whose_centre_is_in_it(
    width: int,
    height: int,
    corner: tuple[float, float],
    extent: tuple[float, float],
    centre: tuple[float, float],
) -> None:
    left, top = int(corner[0] * (width - 1)), int(corner[1] * (height - 1))
    region = Tile(
        x=left,
        y=top,
        width=max(1, int(extent[0] * (width - left))),
        height=max(1, int(extent[1] * (height - top))),
    )
    x = region.x + centre[0] * region.width
    y = region.y + centre[1] * region.height
    size = min(OVERLAP * 224, 2 * x, 2 * y, 2 * (width - x), 2 * (height - y))
    tiles = sweep(width=width, height=height, sides=SIDES, region=region)
    assert any(holds(tile, x, y, size - 1e-6) for tile in tiles if tile.width <= 224)


def test_a_region_makes_the_sweep_shorter() -> None:
    all_over = list(sweep(width=1920, height=1080, sides=SIDES))
    bed = list(
        sweep(
            width=1920,
            height=1080,
            sides=SIDES,
            region=Tile(x=100, y=500, width=300, height=200),
        )
    )
    assert len(bed) < len(all_over) / 5


def test_places_come_first_then_the_whole_picture_then_ever_smaller_tiles() -> None:
    bed, chair = Place(x=400, y=700, height_px=70), Place(x=1500, y=500, height_px=90)
    tiles = list(sweep(width=1920, height=1080, sides=SIDES, places=[bed, chair]))
    first = [around(place, width=1920, height=1080) for place in (bed, chair)]
    assert tiles[:2] == first
    assert tiles[2] == whole(width=1920, height=1080)
    rest = [tile.width for tile in tiles[2:] if tile not in first]
    assert rest == sorted(rest, reverse=True)


def test_a_picture_smaller_than_any_tile_is_looked_at_whole_and_once() -> None:
    tiles = list(sweep(width=160, height=120, sides=SIDES))
    assert tiles == [Tile(x=0, y=0, width=160, height=120)]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(x=960, y=540, height_px=90), Tile(x=810, y=390, width=300, height=300)),
        (Place(x=0, y=0, height_px=90), Tile(x=0, y=0, width=300, height=300)),
        (Place(x=1920, y=1080, height_px=30), Tile(x=1760, y=920, width=160, height=160)),
        (Place(x=960, y=540, height_px=900), Tile(x=0, y=0, width=1920, height=1080)),
    ],
)
def test_the_tile_around_a_place_fits_its_face_and_the_picture(
    place: Place, expected: Tile
) -> None:
    assert around(place, width=1920, height=1080) == expected


@pytest.mark.parametrize(
    ("smallest_face_px", "expected"),
    [(20, [224]), (40, [224]), (72, [448]), (143, [448]), (150, [896]), (600, [896])],
)
def test_only_tiles_that_find_larger_faces_are_chosen(
    smallest_face_px: float, expected: list[int]
) -> None:
    chosen = sides_for(SIDES, smallest_face_px=smallest_face_px)
    assert min(chosen) == expected[0]
    assert chosen == [side for side in SIDES if side >= expected[0]]
