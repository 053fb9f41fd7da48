"""The crop that training and the daemon share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import pain.crop
from pain.align import CROP_SIZE
from pain.crop import PLACES_FINELY, aligned_crop, warped_crop
from pain.gather import gathered_crop
from tests.pain.placed import (
    angles,
    apply,
    face,
    face_at,
    inverse_of,
    noise,
    places,
    scales,
    seeds,
    sizes,
    turned,
)


class TestSampling:
    """OpenCV's sampling beside our own; where it is too coarse, ours is taken."""

    pytestmark = pytest.mark.skipif(
        not PLACES_FINELY, reason="this OpenCV places samples on 32nds of a pixel and is not used"
    )

    @given(seed=seeds, size=sizes, angle_deg=angles, scale=scales, centre=places)
    @example(seed=0, size=(1, 1), angle_deg=0.0, scale=1.0, centre=(0.5, 0.5))
    @example(seed=1, size=(160, 150), angle_deg=0.0, scale=0.5, centre=(75.0, 80.0))
    def test_differs_by_a_grey_level_at_most(self, seed, size, angle_deg, scale, centre):
        picture = noise(seed, *size)
        inverse = inverse_of(face(angle_deg=angle_deg, scale=scale, centre=centre))
        apart = warped_crop(picture, inverse).astype(int) - gathered_crop(picture, inverse)
        assert np.abs(apart).max() <= 1

    @pytest.mark.parametrize("scale", [0.3, 0.6, 1.3, 1.6, 2.6, 4.4])
    @pytest.mark.parametrize("centre", [(320.0, 180.0), (30.25, 340.0), (640.0, 0.0)])
    def test_differs_by_a_grey_level_at_most_in_a_camera_s_picture(self, scale, centre):
        picture = noise(3, 360, 640)
        inverse = inverse_of(face(angle_deg=-25.0, scale=scale, centre=centre))
        apart = warped_crop(picture, inverse).astype(int) - gathered_crop(picture, inverse)
        assert np.abs(apart).max() <= 1


def test_a_view_of_another_channel_order_or_a_part_of_a_picture_is_read_as_it_is_seen():
    seen = noise(4, 300, 400)[20:280, 30:370, ::-1]
    landmarks = face(angle_deg=10.0, scale=0.8, centre=(170.0, 130.0))
    crop = aligned_crop(seen, landmarks)
    assert np.array_equal(crop, aligned_crop(np.ascontiguousarray(seen), landmarks))


def test_an_opencv_that_is_too_coarse_is_not_used(monkeypatch):
    picture, landmarks = noise(5, 300, 300), face(angle_deg=7.0, scale=0.7, centre=(140.0, 150.0))
    monkeypatch.setattr(pain.crop, "PLACES_FINELY", False)
    assert np.array_equal(
        aligned_crop(picture, landmarks), gathered_crop(picture, inverse_of(landmarks))
    )


class TestCrop:
    def test_of_a_face_that_is_in_place_is_the_picture_itself(self):
        picture = np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8)
        assert np.array_equal(aligned_crop(picture, face_at()), picture)

    @pytest.mark.parametrize("shift", [(30, 0), (0, 17), (300, 200)])
    def test_follows_a_shift_exactly(self, shift):
        picture = np.random.default_rng(2).integers(0, 256, (700, 800, 3), np.uint8)
        crop = aligned_crop(picture, face_at(shift=shift))
        x, y = shift
        assert np.array_equal(crop, picture[y : y + 256, x : x + 256])

    @pytest.mark.parametrize("scale", [0.25, 0.5, 1.5, 2.0, 3.0, 4.0])
    @pytest.mark.parametrize("angle_deg", [0.0, 20.0, -75.0, 180.0])
    def test_shows_the_same_picture_at_any_size_and_tilt(self, scale, angle_deg):
        """A smooth pattern that is painted on the face comes out at its place in the crop."""
        side = int(CROP_SIZE * scale * 1.5) + 8
        middle = np.array([CROP_SIZE / 2, CROP_SIZE / 2])
        offset = side / 2 - apply(turned(angle_deg, scale, (0.0, 0.0)), middle[None, :])[0]
        shift = (float(offset[0]), float(offset[1]))
        inverse = np.linalg.inv(np.vstack([turned(angle_deg, scale, shift), [0, 0, 1]]))[:2]
        ys, xs = np.mgrid[0:side, 0:side].astype(np.float64)
        on_face = apply(inverse, np.stack([xs, ys], axis=-1))
        painted = 127 + 60 * np.sin(on_face[..., 0] / 25) + 60 * np.cos(on_face[..., 1] / 31)
        picture = np.repeat(np.rint(painted)[..., None], 3, axis=-1).astype(np.uint8)
        landmarks = face_at(angle_deg=angle_deg, scale=scale, shift=shift)
        crop = aligned_crop(picture, landmarks).astype(np.float64)[..., 0]
        grid_y, grid_x = np.mgrid[0:256, 0:256]
        expected = 127 + 60 * np.sin(grid_x / 25) + 60 * np.cos(grid_y / 31)
        assert np.abs(crop - expected).mean() < 1.5
        assert np.abs(crop - expected).max() < 6

    def test_is_black_outside_the_picture(self):
        picture = np.full((256, 256, 3), 200, np.uint8)
        crop = aligned_crop(picture, face_at(shift=(128, 0)))
        assert (crop[:, :127] == 200).all()
        assert (crop[:, 129:] == 0).all()

    @pytest.mark.parametrize("shift", [(5000.0, 0.0), (-5000.0, -5000.0), (0.0, 5000.0)])
    def test_of_a_face_that_is_nowhere_in_the_picture_is_black(self, shift):
        picture = np.full((64, 64, 3), 200, np.uint8)
        assert not aligned_crop(picture, face_at(shift=shift)).any()

    def test_of_a_large_face_is_averaged_not_picked(self):
        """One-pixel stripes are grey from afar; a crop that picks pixels would show moire."""
        picture = np.zeros((2048, 2048, 3), np.uint8)
        picture[:, ::2] = 255
        crop = aligned_crop(picture, face_at(scale=8.0))
        inner = crop[16:-16, 16:-16]
        assert np.abs(inner.astype(int) - 127).max() <= 2

    @given(seeds, angles, st.floats(0.05, 12), places)
    def test_has_its_shape_and_leaves_the_picture_alone(self, seed, angle_deg, scale, shift):
        picture = np.random.default_rng(seed).integers(0, 256, (48, 80, 3), np.uint8)
        before = picture.copy()
        crop = aligned_crop(picture, face_at(angle_deg=angle_deg, scale=scale, shift=shift))
        assert crop.shape == (CROP_SIZE, CROP_SIZE, 3)
        assert crop.dtype == np.uint8
        assert crop.max() <= picture.max()
        assert np.array_equal(picture, before)
