"""The tracker on single pictures, with the real model."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.bench.scenes import Cutout, paste, room
from edge.config import QualityConfig
from edge.track import Landmarker
from edge.track.stills import Stills
from pain.values import Face, NoFace, Reason


@pytest.fixture(scope="module")
def stills(landmarker: Landmarker) -> Stills:
    return Stills(landmarker=landmarker)


def two(resident: Cutout, heights: tuple[float, float]) -> np.ndarray:
    picture = room(width=1280, height=720, rng=np.random.default_rng(5))
    for height, x in zip(heights, (350, 900), strict=True):
        paste(picture, resident.at_height(height), x=x, y=360)
    return picture


def test_a_small_face_is_found_in_one_look(stills: Stills, resident: Cutout):
    picture = room(width=1280, height=720, rng=np.random.default_rng(4))
    truth = paste(picture, resident.at_height(60), x=900, y=300)
    before = picture.copy()
    seen = stills.face(picture)
    assert isinstance(seen, Face)
    assert abs(seen.box.centre[0] - truth.x) < 20
    assert (picture == before).all()


def test_an_empty_room_has_no_face(stills: Stills):
    picture = room(width=640, height=480, rng=np.random.default_rng(4))
    assert stills.face(picture) == NoFace(reason=Reason.NO_FACE)
    assert stills.faces(picture) == []


def test_of_two_alike_neither_is_the_resident_but_both_are_faces(stills: Stills, resident: Cutout):
    picture = two(resident, (120.0, 118.0))
    assert stills.face(picture) == NoFace(reason=Reason.SEVERAL_FACES)
    found = stills.faces(picture)
    assert len(found) == 2
    assert all(isinstance(one, Face) for one in found)


def test_faces_come_largest_first_and_say_why_not(landmarker: Landmarker, resident: Cutout):
    strict = Stills(landmarker=landmarker, quality=QualityConfig(min_face_height_px=100))
    large, small = strict.faces(two(resident, (80.0, 160.0)))
    assert isinstance(large, Face)
    assert large.box.centre[0] > 640
    assert small == NoFace(reason=Reason.TOO_SMALL)


def test_an_aligned_crop_is_taken_as_it_is(stills: Stills, resident: Cutout):
    picture = room(width=1280, height=720, rng=np.random.default_rng(4))
    paste(picture, resident.at_height(200), x=640, y=360)
    seen = stills.face(picture)
    assert isinstance(seen, Face)
    crop = seen.crop
    assert crop is not None
    again = stills.crop(crop)
    assert isinstance(again, Face)
    assert again.crop is crop
    assert np.abs(again.blendshapes - seen.blendshapes).max() < 0.25


def test_other_pictures_are_no_crops(stills: Stills, resident: Cutout):
    picture = room(width=256, height=256, rng=np.random.default_rng(4))
    paste(picture, resident.at_height(90), x=90, y=120)
    assert stills.crop(picture) is None
    assert stills.crop(cv2.resize(picture, (300, 256))) is None
    empty = room(width=256, height=256, rng=np.random.default_rng(4))
    assert stills.crop(empty) == NoFace(reason=Reason.NO_FACE)
