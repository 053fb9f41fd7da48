from __future__ import annotations

import numpy as np
import pytest

from edge.track import Landmarker
from tests.train.explain.faces import drawn_landmarks
from tests.train.track.faces import clip_frames
from train.explain.regions import (
    COVERED,
    REGION_LANDMARKS,
    FaceRegion,
    face_mask,
    region_mask,
)


def test_every_landmark_belongs_to_one_region():
    listed = [index for part in REGION_LANDMARKS.values() for index in part]
    assert sorted(listed) == list(range(478))


@pytest.mark.parametrize("region", COVERED)
def test_a_mask_holds_the_landmarks_of_its_region_and_no_other_side(region: FaceRegion):
    points = drawn_landmarks()
    mask = region_mask(region, points, size=(256, 256))
    assert 0 < mask.mean() < 0.2
    rows, columns = np.nonzero(mask)
    own = points[list(REGION_LANDMARKS[region]), :2]
    assert own[:, 0].min() - 15 < columns.min() <= columns.max() < own[:, 0].max() + 15
    assert own[:, 1].min() - 15 < rows.min() <= rows.max() < own[:, 1].max() + 15
    if region in (FaceRegion.BROWS, FaceRegion.EYES):
        assert not mask[:, 128].any()  # two sides are two masks, the bridge of the nose is free


def test_on_a_tracked_face_regions_stand_in_order_inside_the_face(landmarker: Landmarker):
    frame = clip_frames(1)[0]
    (face, *_) = landmarker.detect(frame[100:520, 370:790])
    size = (420, 420)
    whole = face_mask(face.landmarks, size=size)
    heights = []
    for region in COVERED:
        mask = region_mask(region, face.landmarks, size=size)
        assert (mask & whole).sum() > 0.9 * mask.sum()
        heights.append(float(np.nonzero(mask)[0].mean()))
    assert heights == sorted(heights)
    assert 0.01 < region_mask(FaceRegion.MOUTH, face.landmarks, size=size).sum() / whole.sum() < 0.2
