from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.config.quality import QualityConfig
from edge.config.tracking import TrackingConfig
from edge.track.tiles import sweep
from pain.crop import aligned_crop
from pain.values import Face, NoFace, Reason
from tests.train.track.faces import CountingLandmarker, clip_frames
from train.data.pictures import read_picture
from train.track import TrackerSettings
from train.track.look import follow_clip, look_at_picture


def test_a_face_is_found_in_a_whole_room_and_cropped_as_the_daemon_does(
    landmarker: CountingLandmarker,
):
    frame = clip_frames(1)[0]
    face = look_at_picture(frame, landmarker=landmarker, settings=TrackerSettings())
    assert isinstance(face, Face)
    assert face.crop is not None
    np.testing.assert_array_equal(face.crop, aligned_crop(frame, face.landmarks))


def test_an_empty_picture_is_searched_once_to_the_end(landmarker: CountingLandmarker):
    empty = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    settings = TrackerSettings(tracking=TrackingConfig(acquire_budget_ms=0.001))
    before = landmarker.asked
    outcome = look_at_picture(empty, landmarker=landmarker, settings=settings)
    tiles = list(sweep(width=640, height=480, sides=settings.tracking.tile_sizes_px))
    assert outcome == NoFace(reason=Reason.NO_FACE)
    assert landmarker.asked - before == len(tiles) > 1


@pytest.mark.parametrize(
    ("quality", "reason"),
    [
        (QualityConfig(min_face_height_px=2000), Reason.TOO_SMALL),
        (QualityConfig(min_brightness=255), Reason.TOO_DARK),
        (QualityConfig(min_sharpness=1e6), Reason.BLURRED),
    ],
)
def test_the_daemons_quality_gate_holds(
    landmarker: CountingLandmarker, close_ups: list[Path], quality: QualityConfig, reason: Reason
):
    outcome = look_at_picture(
        read_picture(close_ups[0]), landmarker=landmarker, settings=TrackerSettings(quality=quality)
    )
    assert outcome == NoFace(reason=reason)


def test_a_clip_is_followed_not_searched_anew(landmarker: CountingLandmarker):
    frames = [(number / 25, frame) for number, frame in enumerate(clip_frames(6))]
    outcomes = follow_clip(frames, landmarker=landmarker, settings=TrackerSettings())
    asked = []
    for outcome in outcomes:
        assert isinstance(outcome, Face)
        asked.append(landmarker.asked)
    # The square around the face, and at most one tile of the slow watch for rivals.
    assert all(later - earlier <= 2 for earlier, later in pairwise(asked))


def test_looking_twice_gives_the_same_bits(landmarker: CountingLandmarker, close_ups: list[Path]):
    picture = read_picture(close_ups[0])
    one, two = (
        look_at_picture(picture, landmarker=landmarker, settings=TrackerSettings())
        for _ in range(2)
    )
    assert isinstance(one, Face)
    assert isinstance(two, Face)
    np.testing.assert_array_equal(one.landmarks, two.landmarks)
