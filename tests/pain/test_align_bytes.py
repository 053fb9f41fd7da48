"""A crop has the bytes of the plain way to write it, which models were trained on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pain.align import (
    ALIGNMENT_TEMPLATE,
    CROP_SIZE,
    EYES_AND_MOUTH,
    LANDMARK_COUNT,
    aligned_crop,
    crop_matrix,
)

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def plain_crop(image: Picture, landmarks: Floats) -> Picture:
    """Every pixel's coordinates, then one blend of four gathers."""
    inverse = np.linalg.inv(np.vstack([crop_matrix(landmarks), [0.0, 0.0, 1.0]]))[:2]
    grid = np.arange(CROP_SIZE, dtype=np.float64)
    xs = inverse[0, 0] * grid[None, :] + inverse[0, 1] * grid[:, None] + inverse[0, 2]
    ys = inverse[1, 0] * grid[None, :] + inverse[1, 1] * grid[:, None] + inverse[1, 2]
    factor = max(1, round(float(np.hypot(inverse[0, 0], inverse[1, 0]))))
    height, width = image.shape[:2]
    left = int(np.clip(np.floor(xs.min()) - factor, 0, max(width - 1, 0)))
    top = int(np.clip(np.floor(ys.min()) - factor, 0, max(height - 1, 0)))
    right = int(np.clip(np.ceil(xs.max()) + factor + 1, left + 1, width))
    bottom = int(np.clip(np.ceil(ys.max()) + factor + 1, top + 1, height))
    region = averaged(image[top:bottom, left:right], factor)
    offset = (factor - 1) / 2
    return blended(region, (xs - left - offset) / factor, (ys - top - offset) / factor)


def averaged(image: Picture, factor: int) -> Floats:
    if factor == 1:
        return image.astype(np.float32)
    height, width = image.shape[:2]
    edges = ((0, -height % factor), (0, -width % factor), (0, 0))
    padded = np.pad(image, edges, mode="edge").astype(np.float32)
    rows, columns = padded.shape[0] // factor, padded.shape[1] // factor
    blocks = padded.reshape(rows, factor, columns, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def blended(image: Floats, xs: Doubles, ys: Doubles) -> Picture:
    height, width, channels = image.shape
    framed = np.zeros((height + 2, width + 2, channels), np.float32)
    framed[1:-1, 1:-1] = image
    x = np.clip(xs + 1, 0, width + 0.999)
    y = np.clip(ys + 1, 0, height + 0.999)
    x0, y0 = x.astype(np.intp), y.astype(np.intp)
    fx = (x - x0).astype(np.float32)[..., None]
    fy = (y - y0).astype(np.float32)[..., None]
    flat = framed.reshape(-1, channels)
    index = y0 * (width + 2) + x0
    upper = flat[index] * (1 - fx) + flat[index + 1] * fx
    lower = flat[index + width + 2] * (1 - fx) + flat[index + width + 3] * fx
    return np.asarray(np.rint(upper * (1 - fy) + lower * fy), dtype=np.uint8)


def face(*, angle_deg: float, scale: float, centre: tuple[float, float]) -> Floats:
    """Landmarks whose crop has its middle at a place of the picture."""
    angle = np.radians(angle_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = np.zeros((LANDMARK_COUNT, 3), np.float32)
    for pair, anchor in zip(EYES_AND_MOUTH, ALIGNMENT_TEMPLATE, strict=True):
        landmarks[list(pair), :2] = turn @ (anchor - CROP_SIZE / 2) + centre
    return landmarks


def noise(seed: int, height: int, width: int) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


halves = st.integers(-40, 200).map(lambda half: half / 2)
"""Places that put a pixel of the crop exactly between pixels: there rounding meets ties."""
sides = st.integers(1, 160)


@given(
    seed=st.integers(0, 2**32 - 1),
    height=sides,
    width=sides,
    angle_deg=st.floats(-180, 180) | st.sampled_from([0.0, 90.0, 180.0]),
    scale=st.floats(-4, 2.5).map(lambda power: 2.0**power) | st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    x=st.floats(-60, 220) | halves,
    y=st.floats(-60, 220) | halves,
)
@example(seed=0, height=1, width=1, angle_deg=0.0, scale=1.0, x=0.5, y=0.5)
@example(seed=1, height=160, width=150, angle_deg=0.0, scale=0.5, x=75.0, y=80.0)
def test_bytes_are_those_of_the_plain_way(
    *, seed: int, height: int, width: int, angle_deg: float, scale: float, x: float, y: float
) -> None:
    picture = noise(seed, height, width)
    landmarks = face(angle_deg=angle_deg, scale=scale, centre=(x, y))
    assert np.array_equal(aligned_crop(picture, landmarks), plain_crop(picture, landmarks))


@pytest.mark.parametrize("scale", [0.3, 0.6, 1.3, 1.6, 2.6, 4.4])
@pytest.mark.parametrize("angle_deg", [-25.0, 0.0, 70.0])
@pytest.mark.parametrize("centre", [(320.0, 180.0), (30.25, 340.0), (640.0, 0.0), (-900.0, 50.0)])
def test_bytes_are_those_of_the_plain_way_in_a_camera_s_picture(
    scale: float, angle_deg: float, centre: tuple[float, float]
) -> None:
    picture = noise(3, 360, 640)
    landmarks = face(angle_deg=angle_deg, scale=scale, centre=centre)
    assert np.array_equal(aligned_crop(picture, landmarks), plain_crop(picture, landmarks))


def test_a_view_of_another_channel_order_or_a_part_of_a_picture_is_read_as_it_is_seen() -> None:
    seen = noise(4, 300, 400)[20:280, 30:370, ::-1]
    landmarks = face(angle_deg=10.0, scale=0.8, centre=(170.0, 130.0))
    crop = aligned_crop(seen, landmarks)
    assert np.array_equal(crop, aligned_crop(np.ascontiguousarray(seen), landmarks))
    assert np.array_equal(crop, plain_crop(seen, landmarks))
