"""A crop has the bytes of the plain way to write it, which models were trained on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given

from pain.align import CROP_SIZE
from pain.gather import gathered_crop
from tests.pain.placed import (
    Doubles,
    Floats,
    Picture,
    angles,
    face,
    inverse_of,
    noise,
    places,
    scales,
    seeds,
    sizes,
)


def plain_crop(image: Picture, inverse: Doubles) -> Picture:
    """Every pixel's coordinates, then one blend of four gathers."""
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


@given(seed=seeds, size=sizes, angle_deg=angles, scale=scales, centre=places)
@example(seed=0, size=(1, 1), angle_deg=0.0, scale=1.0, centre=(0.5, 0.5))
@example(seed=1, size=(160, 150), angle_deg=0.0, scale=0.5, centre=(75.0, 80.0))
def test_bytes_are_those_of_the_plain_way(seed, size, angle_deg, scale, centre):
    picture = noise(seed, *size)
    inverse = inverse_of(face(angle_deg=angle_deg, scale=scale, centre=centre))
    assert np.array_equal(gathered_crop(picture, inverse), plain_crop(picture, inverse))


@pytest.mark.parametrize("scale", [0.3, 0.6, 1.3, 1.6, 2.6, 4.4])
@pytest.mark.parametrize("angle_deg", [-25.0, 0.0, 70.0])
@pytest.mark.parametrize("centre", [(320.0, 180.0), (30.25, 340.0), (640.0, 0.0), (-900.0, 50.0)])
def test_bytes_are_those_of_the_plain_way_in_a_camera_s_picture(scale, angle_deg, centre):
    picture = noise(3, 360, 640)
    inverse = inverse_of(face(angle_deg=angle_deg, scale=scale, centre=centre))
    assert np.array_equal(gathered_crop(picture, inverse), plain_crop(picture, inverse))


def test_a_view_of_another_channel_order_or_a_part_of_a_picture_is_read_as_it_is_seen():
    seen = noise(4, 300, 400)[20:280, 30:370, ::-1]
    inverse = inverse_of(face(angle_deg=10.0, scale=0.8, centre=(170.0, 130.0)))
    crop = gathered_crop(seen, inverse)
    assert np.array_equal(crop, gathered_crop(np.ascontiguousarray(seen), inverse))
    assert np.array_equal(crop, plain_crop(seen, inverse))
