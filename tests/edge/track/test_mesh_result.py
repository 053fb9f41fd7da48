"""Results read from native memory are the objects that MediaPipe would have made of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import mediapipe
import numpy as np
import pytest
from mediapipe.tasks.python import BaseOptions, vision

from edge.bench.scenes import Cutout, Image, paste
from edge.track import mesh_result
from edge.track.mesh_result import detect_with, from_objects


@pytest.fixture(scope="module")
def model(landmarker_path: Path):
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(landmarker_path)),
        num_faces=2,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with vision.FaceLandmarker.create_from_options(options) as made:
        yield made


def shown(picture: Image) -> mediapipe.Image:
    return mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture)
    )


def test_two_faces_are_read_as_the_objects_say(model, empty_room: Image, resident: Cutout):
    picture = np.ascontiguousarray(empty_room[:640, :640])
    paste(picture, resident.at_height(130), x=180, y=200)
    paste(picture, resident.at_height(180), x=460, y=400)
    read, objects = detect_with(model)(shown(picture)), from_objects(model.detect(shown(picture)))
    assert len(read) == len(objects) == 2
    for one, other in zip(read, objects, strict=True):
        assert one.points.shape == (478, 3)
        for name in ("points", "blendshapes", "matrix"):
            mine, theirs = getattr(one, name), getattr(other, name)
            assert mine.dtype == theirs.dtype == np.float32
            np.testing.assert_array_equal(mine, theirs)


def test_an_empty_picture_holds_none(model):
    assert detect_with(model)(shown(np.zeros((128, 128, 3), np.uint8))) == []


def test_a_mediapipe_that_keeps_them_elsewhere_is_asked_for_objects(model, resident):
    (read,) = detect_with(model)(shown(resident.rgb))
    asked = SimpleNamespace(detect=model.detect)  # it has no handle of native code
    (made,) = mesh_result.detect_with(asked)(shown(resident.rgb))
    np.testing.assert_array_equal(read.points, made.points)
