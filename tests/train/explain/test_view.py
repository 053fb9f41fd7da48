from __future__ import annotations

import numpy as np
import pytest

from edge.track import Landmarker
from pain.align import ALIGNMENT_TEMPLATE, EYES_AND_MOUTH
from pain.crop import aligned_crop
from pain.values import Reason
from tests.train.track.faces import clip_frames
from train.experiment.schema import View
from train.explain.view import FaceView, thesis_matrix, view_face
from train.preprocess import thesis_picture
from train.track import TrackerSettings


def seen(picture: np.ndarray, view: View, landmarker: Landmarker) -> FaceView | Reason:
    return view_face("face", picture, view=view, landmarker=landmarker, settings=TrackerSettings())


def test_the_aligned_view_is_the_daemons_crop_with_its_landmarks(landmarker: Landmarker):
    frame = clip_frames(1)[0][100:520, 370:790]
    found = seen(frame, View.ALIGNED, landmarker)
    assert isinstance(found, FaceView)
    anchors = np.array([found.points[list(pair)].mean(axis=0) for pair in EYES_AND_MOUTH])
    np.testing.assert_allclose(anchors, ALIGNMENT_TEMPLATE, atol=6)
    assert found.picture.shape == (256, 256, 3)


def test_in_the_thesis_view_landmarks_lie_on_the_same_pixels(landmarker: Landmarker):
    frame = clip_frames(1)[0]
    found = seen(frame, View.THESIS, landmarker)
    assert isinstance(found, FaceView)
    np.testing.assert_array_equal(found.picture, thesis_picture(frame))
    # What the landmarks cut out of the small view is what they cut out of the whole frame.
    whole = seen(frame, View.ALIGNED, landmarker)
    assert isinstance(whole, FaceView)
    points = np.concatenate([found.points, np.zeros((478, 1), np.float32)], axis=1)
    crop = aligned_crop(found.picture, points).astype(float)
    assert np.corrcoef(crop.ravel(), whole.picture.astype(float).ravel())[0, 1] > 0.9


@pytest.mark.parametrize(("height", "width"), [(256, 256), (720, 1280), (400, 300)])
def test_the_centre_of_the_picture_is_the_centre_of_the_thesis_view(height: int, width: int):
    centre = thesis_matrix(height, width) @ [width / 2, height / 2, 1]
    np.testing.assert_allclose(centre, [128, 128])


def test_no_face_is_a_reason(landmarker: Landmarker):
    empty = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    assert seen(empty, View.ALIGNED, landmarker) is Reason.NO_FACE
