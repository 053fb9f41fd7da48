from __future__ import annotations

import numpy as np
import pytest

from edge.bench.scenes import Cutout, Image, paste
from edge.track import Landmarker
from edge.track.follow import Follower, cut_square
from edge.track.tiles import Place


@pytest.mark.parametrize(
    ("left", "top", "inside"),
    [(10, 10, (0, 0)), (-5, 10, (5, 0)), (10, -5, (0, 5)), (50, 10, (0, 0)), (-5, 30, (5, 0))],
)
def test_what_lies_outside_the_picture_is_black(
    left: int, top: int, inside: tuple[int, int]
) -> None:
    image = np.full((40, 60, 3), 200, np.uint8)
    square = cut_square(image, left=left, top=top, side=20)
    assert square is not None
    assert square.shape == (20, 20, 3)
    for row in range(20):
        for column in range(20):
            in_picture = 0 <= left + column < 60 and 0 <= top + row < 40
            assert square[row, column].all() == in_picture
    assert square[inside[1], inside[0]].all()


@pytest.mark.parametrize(("left", "top"), [(60, 0), (-20, 0), (0, 40), (0, -20)])
def test_a_square_beside_the_picture_is_none(left: int, top: int) -> None:
    assert cut_square(np.zeros((40, 60, 3), np.uint8), left=left, top=top, side=20) is None


@pytest.mark.parametrize("height_px", [48, 96, 200])
def test_landmarks_of_the_square_land_where_those_of_the_picture_do(
    height_px: int, empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    place = paste(empty_room, resident.at_height(height_px), x=640, y=360)
    half = 2 * height_px
    left, top = 640 - half, 360 - half
    (direct,) = landmarker.detect(empty_room[max(top, 0) : 360 + half, left : 640 + half])
    follower = Follower(landmarker=landmarker, roi_scale=2.5, place=place, at_s=0.0)
    sighting = follower.look(empty_room, at_s=0.04)
    assert sighting is not None
    expected = direct.landmarks[:, :2] + (left, max(top, 0))
    error = np.linalg.norm(sighting.face.landmarks[:, :2] - expected, axis=1).mean()
    assert error < 0.03 * height_px


def test_of_two_faces_in_the_square_the_near_one_is_kept_and_the_other_named(
    empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    own = paste(empty_room, resident.at_height(100), x=600, y=360)
    other = paste(empty_room, resident.at_height(90), x=705, y=360)
    follower = Follower(landmarker=landmarker, roi_scale=4.0, place=own, at_s=0.0)
    sighting = follower.look(empty_room, at_s=0.04)
    assert sighting is not None
    assert sighting.face.box.centre == pytest.approx((own.x, own.y), abs=15)
    assert [(place.x, place.y) for place in sighting.others] == [
        pytest.approx((other.x, other.y), abs=15)
    ]


def test_a_face_of_quite_another_size_is_not_the_followed_one(
    empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    paste(empty_room, resident.at_height(150), x=640, y=360)
    place = Place(x=640, y=360, height_px=60)
    follower = Follower(landmarker=landmarker, roi_scale=5.0, place=place, at_s=0.0)
    assert follower.look(empty_room, at_s=0.04) is None
