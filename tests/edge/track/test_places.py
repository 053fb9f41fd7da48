from __future__ import annotations

import pytest

from edge.track.places import HALF_LIFE_S, PlaceMemory
from edge.track.tiles import Place

BED = Place(x=400, y=700, height_px=70)
CHAIR = Place(x=1500, y=500, height_px=90)


def remember(memory: PlaceMemory, place: Place, *, at_s: float, lasted_s: float) -> None:
    memory.remember(place, width=1920, height=1080, at_s=at_s, lasted_s=lasted_s)


def test_nothing_is_usual_at_first() -> None:
    assert PlaceMemory().usual(width=1920, height=1080, at_s=0.0) == []
    assert PlaceMemory().seconds_at(BED, width=1920, height=1080, at_s=0.0) == 0.0


def test_the_place_with_the_most_time_comes_first() -> None:
    memory = PlaceMemory()
    remember(memory, CHAIR, at_s=0.0, lasted_s=10.0)
    for second in range(20):
        remember(memory, BED, at_s=float(second), lasted_s=1.0)
    assert memory.usual(width=1920, height=1080, at_s=20.0) == [BED, CHAIR]


def test_old_places_fade() -> None:
    memory = PlaceMemory()
    remember(memory, CHAIR, at_s=0.0, lasted_s=100.0)
    later_s = 2 * HALF_LIFE_S
    faded = memory.seconds_at(CHAIR, width=1920, height=1080, at_s=later_s)
    assert faded == pytest.approx(25.0)
    remember(memory, BED, at_s=later_s, lasted_s=30.0)
    assert memory.usual(width=1920, height=1080, at_s=later_s, limit=1) == [BED]


def test_places_carry_over_to_a_picture_of_another_size() -> None:
    memory = PlaceMemory()
    remember(memory, CHAIR, at_s=0.0, lasted_s=1.0)
    (half,) = memory.usual(width=960, height=540, at_s=0.0)
    assert (half.x, half.y, half.height_px) == pytest.approx((750, 250, 45))


@pytest.mark.parametrize(("x", "y"), [(-5.0, -5.0), (1925.0, 1085.0)])
def test_a_face_half_out_of_the_picture_is_remembered_at_its_edge(x: float, y: float) -> None:
    memory = PlaceMemory()
    place = Place(x=x, y=y, height_px=80)
    remember(memory, place, at_s=0.0, lasted_s=3.0)
    assert memory.seconds_at(place, width=1920, height=1080, at_s=0.0) == 3.0
