import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.values import HeadPose
from train.residents.figure import rotation
from train.residents.view import (
    MAX_PITCH_DEG,
    MAX_ROLL_DEG,
    MAX_YAW_DEG,
    Camera,
    draw_lights,
    draw_view,
)

AHEAD = np.zeros(3, dtype=np.float32)


def camera(azimuth: float = 0.0, elevation: float = 0.0) -> Camera:
    return Camera(
        target=AHEAD,
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        roll_deg=0.0,
        distance_m=1.5,
        height_m=0.3,
    )


@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        ((30, 0, 0), (np.sin(np.radians(30)), 0.0)),
        ((0, 20, 0), (0.0, np.sin(np.radians(20)))),
    ],
    ids=["yaw turns the face to the picture's right", "pitch turns it up"],
)
def test_pose_signs(pose: tuple[float, float, float], expected: tuple[float, float]) -> None:
    head = rotation(HeadPose(yaw_deg=pose[0], pitch_deg=pose[1], roll_deg=pose[2]))
    nose = head.apply([0.0, 0.0, 1.0])
    assert nose[:2] == pytest.approx(expected, abs=1e-6)


def test_roll_is_counter_clockwise() -> None:
    crown = rotation(HeadPose(yaw_deg=0, pitch_deg=0, roll_deg=10)).apply([0.0, 1.0, 0.0])
    assert crown[0] < 0


def test_a_camera_on_the_persons_left_sees_the_face_turned_to_the_left() -> None:
    seen = camera(azimuth=20).seen_pose(HeadPose(yaw_deg=0, pitch_deg=0, roll_deg=0))
    assert seen.yaw_deg == pytest.approx(-20)


def test_a_camera_above_sees_the_face_looking_down() -> None:
    seen = camera(elevation=15).seen_pose(HeadPose(yaw_deg=0, pitch_deg=0, roll_deg=0))
    assert seen.pitch_deg == pytest.approx(-15)


@given(st.integers(0, 2**32 - 1))
def test_drawn_views_stay_within_their_limits(seed: int) -> None:
    drawn, turn = draw_view(AHEAD, np.random.default_rng(seed))
    seen = drawn.seen_pose(turn)
    # Turns about different axes do not add up exactly.
    assert abs(seen.yaw_deg) < MAX_YAW_DEG + 5
    assert abs(seen.pitch_deg) < MAX_PITCH_DEG + 6
    assert abs(seen.roll_deg) < MAX_ROLL_DEG + 6


def test_the_target_is_in_the_middle_and_height_fills_the_picture() -> None:
    view = camera(azimuth=12, elevation=-7)
    matrix = view.projection(1.0) @ view.view()
    clip = matrix @ np.array([0.0, 0.0, 0.0, 1.0])
    assert clip[:2] / clip[3] == pytest.approx([0.0, 0.0], abs=1e-5)
    top = view.orientation().apply([0.0, 0.15, 0.0])
    clip = matrix @ np.append(top, 1.0)
    assert clip[1] / clip[3] == pytest.approx(1.0, abs=1e-4)


def test_depth_gives_the_distance_back() -> None:
    view = camera()
    clip = view.projection(1.0) @ np.array([0.0, 0.0, -1.5, 1.0])
    depth = np.array([(clip[2] / clip[3] + 1) / 2], dtype=np.float32)
    assert view.distance_of(depth)[0] == pytest.approx(1.5, rel=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_lamps_have_unit_directions_and_positive_light(seed: int) -> None:
    lights = draw_lights(10.0, np.random.default_rng(seed))
    for lamp in lights.lamps:
        assert np.linalg.norm(lamp.direction) == pytest.approx(1.0, abs=1e-5)
        assert min(lamp.colour) > 0.0
    assert min(lights.ambient) > 0.0
