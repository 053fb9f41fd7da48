from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.scenes import Cutout, Image, paste
from edge.config import QualityConfig, TrackingConfig
from edge.track import Landmarker, Phase, Tracker
from edge.track.follow import Follower
from edge.track.turn import (
    STEEPEST_DEG,
    detect_turned,
    evidence,
    next_turn,
    roll_in_view,
    rolled,
    turned,
)
from pain.clock import Clock
from pain.crop import aligned_crop
from pain.values import Face, Frame, HeadPose, NoFace, Reason


def rolled_face(face: Cutout, degrees: float) -> Cutout:
    """The cut-out, rolled counter-clockwise about its face's centre."""
    side = 2 * max(face.alpha.shape)
    view = cv2.getRotationMatrix2D((face.face.x, face.face.y), degrees, 1.0)
    view[:, 2] += np.array((side / 2 - face.face.x, side / 2 - face.face.y))
    return replace(
        face,
        rgb=np.asarray(cv2.warpAffine(face.rgb, view, (side, side)), np.uint8),
        alpha=np.asarray(cv2.warpAffine(face.alpha, view, (side, side)), np.float32),
        face=replace(face.face, x=side / 2, y=side / 2),
    )


def apart_deg(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


@pytest.mark.parametrize("degrees", range(0, 360, 30))
def test_a_face_is_read_the_right_way_up_however_it_lies(
    degrees: int, empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    face = resident.at_height(150)
    upright = empty_room.copy()
    paste(upright, face, x=640, y=360)
    (as_it_is,) = landmarker.detect(upright[172:548, 452:828])
    place = paste(empty_room, rolled_face(face, degrees), x=640, y=360)
    follower = Follower(landmarker=landmarker, roi_scale=2.5, place=place, at_s=0.0)
    for at_s in (0.0, 0.04):
        sighting = follower.look(empty_room, at_s=at_s)
    assert sighting is not None
    assert sighting.upright
    assert apart_deg(sighting.face.pose.roll_deg, as_it_is.pose.roll_deg + degrees) < 8
    crop = aligned_crop(empty_room, sighting.face.landmarks).astype(int)
    wanted = aligned_crop(upright, as_it_is.moved(zoom=1, x=452, y=172).landmarks).astype(int)
    middle = np.s_[70:220, 70:190]
    assert np.abs(crop[middle] - wanted[middle]).mean() < 16


def test_a_face_that_turns_over_while_nobody_looks_is_read_the_right_way_up_again(
    empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    face = resident.at_height(150)
    over = empty_room.copy()
    place = paste(empty_room, face, x=640, y=360)
    paste(over, rolled_face(face, 170), x=640, y=360)
    follower = Follower(landmarker=landmarker, roi_scale=2.5, place=place, at_s=0.0)
    assert follower.look(empty_room, at_s=0.0) is not None
    rolls = []
    for step in range(40):
        sighting = follower.look(over, at_s=0.1 + step / 10)
        if sighting is not None and sighting.upright:
            rolls.append(sighting.face.pose.roll_deg)
    assert not rolls or apart_deg(rolls[-1], 170) < 15


def test_the_evidence_is_for_the_right_way_up_and_against_the_other(
    empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    paste(empty_room, resident.at_height(150), x=640, y=360)
    square = empty_room[172:548, 452:828]
    (face,) = landmarker.detect(square)
    upside_down = replace(face, pose=rolled(face.pose, 180))
    assert evidence(landmarker, square, face) > 0.1
    assert evidence(landmarker, square, upside_down) < -0.1


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_face_found_in_a_turned_view_lies_where_it_is(
    turn: int, empty_room: Image, resident: Cutout, landmarker: Landmarker
) -> None:
    paste(empty_room, resident.at_height(150), x=640, y=360)
    square = empty_room[172:548, 452:868]
    (upright,) = landmarker.detect(square)
    (found,) = detect_turned(landmarker, turned(square, -turn % 4), turn)
    back = found.landmarks[:, :2]
    height, width = square.shape[:2]
    x, y = upright.landmarks[:, 0], upright.landmarks[:, 1]
    # Turned back by as much as it is then turned, the view is the upright square itself.
    places = {1: (height - y, x), 2: (width - x, height - y), 3: (y, width - x)}[turn]
    expected = np.stack(places, axis=1)
    assert np.abs(back - expected).max() < 0.01
    assert apart_deg(found.pose.roll_deg, upright.pose.roll_deg - 90 * turn) < 3


@given(st.floats(-180, 180), st.integers(0, 3))
def test_the_next_view_holds_the_face_upright(roll_deg: float, turn: int) -> None:
    pose = HeadPose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=roll_deg)
    following = next_turn(pose, turn)
    assert abs(roll_in_view(pose, following)) <= STEEPEST_DEG
    assert next_turn(pose, following) == following


def track_until_found(
    tracker: Tracker, picture: Image, frame: Callable[[Image, float], Frame]
) -> Face | NoFace:
    for index in range(160):
        seen = tracker.track(frame(picture.copy(), index / 25))
        if tracker.phase is Phase.FOLLOW:
            return seen
    raise AssertionError("the face was not found in six sweeps")


def test_an_upside_down_face_is_found_in_a_room(
    empty_room: Image,
    resident: Cutout,
    make_tracker: Callable[..., Tracker],
    frame: Callable[[Image, float], Frame],
) -> None:
    place = paste(empty_room, rolled_face(resident.at_height(120), 180), x=640, y=360)
    seen = track_until_found(make_tracker(), empty_room, frame)
    assert isinstance(seen, Face)
    assert apart_deg(seen.pose.roll_deg, 180) < 15
    x, y = seen.box.centre
    assert np.hypot(x - place.x, y - place.y) < 0.3 * place.height_px


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_camera_that_hangs_turned_is_set_right(
    rotate: int,
    resident: Cutout,
    spy: Landmarker,
    frame: Callable[[Image, float], Frame],
    stepping_clock: Callable[[float], Clock],
) -> None:
    as_hung = np.ascontiguousarray(np.rot90(resident.rgb, rotate // 90))
    tracker = Tracker(
        landmarker=spy,
        tracking=TrackingConfig(),
        quality=QualityConfig(),
        zone=None,
        masks=(),
        want_crop=False,
        clock=stepping_clock(0.0025),
        rotate_deg=rotate,  # type: ignore[arg-type]
    )
    seen = tracker.track(frame(as_hung, 0.0))
    assert isinstance(seen, Face)
    assert abs(seen.pose.roll_deg) < 20
    x, y = seen.box.centre
    assert np.hypot(x - resident.face.x, y - resident.face.y) < 0.3 * resident.face.height_px


def test_a_face_of_which_nobody_can_say_how_it_lies_is_turned_away(
    empty_room: Image,
    resident: Cutout,
    make_tracker: Callable[..., Tracker],
    frame: Callable[[Image, float], Frame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge.track.follow.evidence", lambda *_: -0.2)
    paste(empty_room, resident.at_height(120), x=640, y=360)
    seen = track_until_found(make_tracker(), empty_room, frame)
    assert seen == NoFace(reason=Reason.TURNED_AWAY)
