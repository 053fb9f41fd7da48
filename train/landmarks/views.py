"""Shows a rendered face as a room camera would: smaller, on a plain wall, with noise and JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

HEIGHT_RANGES_PX: Final = ((60.0, 100.0), (100.0, 170.0))
"""A room camera sees faces of 60 to 170 px; each render is shown once in either range."""

_MARGIN: Final = 0.5
"""Wall on each side, as a share of the picture, so that the face never fills the frame."""
_MOST_NOISE: Final = 5.0
_JPEG_QUALITY: Final = (55, 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to show a render.

    Attributes:
        scale: factor on its width and height; at most 1, since enlarging invents detail.
        mirrored: left and right exchanged.
        noise: standard deviation of sensor noise, grey values.
        jpeg_quality: of the stream, 1..95.
        wall: RGB of the wall around it.
    """

    scale: float
    mirrored: bool
    noise: float
    jpeg_quality: int
    wall: tuple[int, int, int]


def draw_views(face_height_px: float, rng: np.random.Generator) -> list[View]:
    """Draw one view per range of face heights.

    Args:
        face_height_px: height of the face in the render.
        rng: decides all.
    """
    views = []
    for low, high in HEIGHT_RANGES_PX:
        height = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        red, green, blue = (int(value) for value in rng.integers(30, 226, 3))
        views.append(
            View(
                scale=min(1.0, height / face_height_px),
                mirrored=bool(rng.integers(2)),
                noise=float(rng.uniform(0.0, _MOST_NOISE)),
                jpeg_quality=int(rng.integers(*_JPEG_QUALITY)),
                wall=(red, green, blue),
            )
        )
    return views


def show(render: Pixels, view: View, rng: np.random.Generator) -> Pixels:
    """Make the camera picture.

    Args:
        render: uint8 (H, W, 3) RGB.
        view: how.
        rng: draws the noise.

    Returns:
        uint8 RGB, twice as wide and high as the scaled render.
    """
    height, width = (max(1, round(side * view.scale)) for side in render.shape[:2])
    picture = Image.fromarray(render).resize(
        (width, height), Image.Resampling.BOX, reducing_gap=None
    )
    small = np.asarray(picture)
    if view.mirrored:
        small = small[:, ::-1]
    pad_y, pad_x = round(height * _MARGIN), round(width * _MARGIN)
    frame = np.empty((height + 2 * pad_y, width + 2 * pad_x, 3), np.float32)
    frame[:] = view.wall
    frame[pad_y : pad_y + height, pad_x : pad_x + width] = small
    frame += rng.normal(0.0, view.noise, frame.shape)
    buffer = io.BytesIO()
    clean = np.clip(np.rint(frame), 0, 255).astype(np.uint8)
    Image.fromarray(clean).save(buffer, "JPEG", quality=view.jpeg_quality)
    return np.asarray(Image.open(buffer).convert("RGB"))
