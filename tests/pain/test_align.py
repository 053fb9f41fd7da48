"""The geometry that training and the daemon share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pain.align import (
    ALIGNMENT_TEMPLATE,
    CROP_SIZE,
    EYES_AND_MOUTH,
    LANDMARK_COUNT,
    crop_matrix,
    head_pose,
    pose_normalise,
    rotation_matrix,
    similarity,
)
from pain.values import HeadPose
from tests.pain.placed import apply, face_at, turned

angles = st.floats(-180, 180)
scales = st.floats(0.05, 20)
shifts = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000))
poses = st.builds(
    HeadPose, yaw_deg=st.floats(-179, 179), pitch_deg=st.floats(-88, 88), roll_deg=angles
)
seeds = st.integers(0, 2**32 - 1)


def anchors_of(landmarks: np.ndarray) -> np.ndarray:
    return np.array([landmarks[list(pair), :2].mean(axis=0) for pair in EYES_AND_MOUTH])


class TestSimilarity:
    @given(seeds, angles, scales, shifts, st.integers(2, 40))
    def test_finds_the_transform_that_was_applied(self, seed, angle_deg, scale, shift, count):
        points = np.random.default_rng(seed).uniform(-100, 100, (count, 2))
        assume(np.ptp(points, axis=0).max() > 1)
        truth = turned(angle_deg, scale, shift)
        found = similarity(points, apply(truth, points))
        assert found == pytest.approx(truth, rel=1e-6, abs=1e-6)

    @given(seeds)
    def test_is_the_best_there_is(self, seed):
        """No small change of angle, scale or shift brings the points nearer to their targets."""
        rng = np.random.default_rng(seed)
        source, target = rng.uniform(-50, 50, (6, 2)), rng.uniform(-50, 50, (6, 2))
        best = similarity(source, target)
        error = ((apply(best, source) - target) ** 2).sum()
        for angle_deg, scale, shift in (
            (0.5, 1.0, (0, 0)),
            (-0.5, 1.0, (0, 0)),
            (0, 1.01, (0, 0)),
            (0, 0.99, (0, 0)),
            (0, 1.0, (0.5, 0)),
            (0, 1.0, (0, -0.5)),
        ):
            nearby = apply(turned(angle_deg, scale, shift), apply(best, source))
            assert ((nearby - target) ** 2).sum() >= error - 1e-6

    def test_never_mirrors(self):
        source = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        found = similarity(source, source * (-1, 1))
        assert np.linalg.det(found[:, :2]) >= 0

    @pytest.mark.parametrize("count", [1, 2, 5])
    def test_of_a_single_place_is_refused(self, count):
        with pytest.raises(ValueError, match="coincide"):
            similarity(np.full((count, 2), 3.0), np.zeros((count, 2)))


class TestCrop:
    @given(angles, st.floats(0.1, 8), shifts)
    def test_eyes_and_mouth_land_on_the_template(self, angle_deg, scale, shift):
        landmarks = face_at(angle_deg=angle_deg, scale=scale, shift=shift)
        landed = apply(crop_matrix(landmarks), anchors_of(landmarks))
        assert landed == pytest.approx(ALIGNMENT_TEMPLATE, abs=0.02)

    def test_the_template_lies_inside_the_crop_and_is_symmetric(self):
        left, right, mouth = ALIGNMENT_TEMPLATE
        assert (ALIGNMENT_TEMPLATE > 0).all()
        assert (ALIGNMENT_TEMPLATE < CROP_SIZE).all()
        assert left[1] == right[1]
        assert (left[0] + right[0]) / 2 == mouth[0] == CROP_SIZE / 2


class TestPose:
    @given(poses, st.floats(0.01, 100))
    def test_survives_the_way_to_a_matrix_and_back(self, pose, scale):
        found = head_pose(scale * rotation_matrix(pose))
        assert found.yaw_deg == pytest.approx(pose.yaw_deg, abs=1e-4)
        assert found.pitch_deg == pytest.approx(pose.pitch_deg, abs=1e-4)
        # -180 and 180 are the same roll.
        difference = (found.roll_deg - pose.roll_deg + 180) % 360 - 180
        assert difference == pytest.approx(0, abs=1e-4)

    @given(poses)
    def test_a_rotation_is_a_rotation(self, pose):
        matrix = rotation_matrix(pose)
        assert matrix @ matrix.T == pytest.approx(np.eye(3), abs=1e-9)
        assert np.linalg.det(matrix) == pytest.approx(1.0)

    @pytest.mark.parametrize(
        ("angle", "face_axis", "camera_axis"),
        [("yaw_deg", 2, 0), ("pitch_deg", 2, 1), ("roll_deg", 0, 1)],
        ids=["yaw turns the nose to the right", "pitch lifts the nose", "roll tilts anticlockwise"],
    )
    def test_angles_have_the_signs_that_are_documented(self, angle, face_axis, camera_axis):
        angles_deg = {"yaw_deg": 0.0, "pitch_deg": 0.0, "roll_deg": 0.0, angle: 20.0}
        moved = rotation_matrix(HeadPose(**angles_deg)) @ np.eye(3)[face_axis]
        assert moved[camera_axis] == pytest.approx(np.sin(np.radians(20)))

    def test_a_face_that_looks_at_the_camera_has_no_angles(self):
        pose = head_pose(np.eye(3))
        assert (pose.yaw_deg, pose.pitch_deg, pose.roll_deg) == pytest.approx((0, 0, 0))


FRONTAL = HeadPose(yaw_deg=0, pitch_deg=0, roll_deg=0)


def seen(face: np.ndarray, pose: HeadPose, *, scale: float, shift: tuple[float, float]):
    """Landmarks in frame pixels of a face in its own coordinates (x right, y up, z forward)."""
    points = scale * face @ rotation_matrix(pose).T * (1, -1, -1)
    return (points + np.array([*shift, 0.0])).astype(np.float32)


def random_face(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (LANDMARK_COUNT, 3))


class TestPoseNormalise:
    @given(seeds, poses, st.floats(20, 400), shifts)
    def test_does_not_change_with_place_size_or_pose(self, seed, pose, scale, shift):
        face = random_face(seed)
        here = pose_normalise(seen(face, FRONTAL, scale=100, shift=(0, 0)), FRONTAL)
        there = pose_normalise(seen(face, pose, scale=scale, shift=shift), pose)
        assert there == pytest.approx(here, abs=2e-3)

    @given(seeds, poses)
    def test_is_centred_and_of_unit_size(self, seed, pose):
        out = pose_normalise(seen(random_face(seed), pose, scale=80, shift=(300, 200)), pose)
        assert out.shape == (LANDMARK_COUNT, 3)
        assert out.dtype == np.float32
        assert out.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-4)
        assert (out**2).sum(axis=1).mean() == pytest.approx(1.0, abs=1e-4)

    def test_has_y_up_and_z_towards_the_camera(self):
        landmarks = np.zeros((LANDMARK_COUNT, 3), np.float32)
        landmarks[0] = (0, -100, -50)  # above the rest and nearer, in frame pixels
        out = pose_normalise(landmarks, FRONTAL)
        assert out[0, 1] > 0
        assert out[0, 2] > 0

    def test_leaves_its_input_alone(self):
        landmarks = random_face(3).astype(np.float32)
        before = landmarks.copy()
        pose_normalise(landmarks, HeadPose(yaw_deg=10, pitch_deg=5, roll_deg=3))
        assert np.array_equal(landmarks, before)

    @pytest.mark.parametrize("shape", [(468, 3), (478, 2), (1, 478, 3), (0, 3)])
    def test_of_another_shape_is_refused(self, shape):
        with pytest.raises(ValueError, match="478, 3"):
            pose_normalise(np.zeros(shape, np.float32), FRONTAL)

    def test_of_a_single_place_is_refused(self):
        with pytest.raises(ValueError, match="coincide"):
            pose_normalise(np.full((LANDMARK_COUNT, 3), 7.0, np.float32), FRONTAL)
