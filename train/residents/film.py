"""From linear light to a camera picture: background, exposure, blur, noise, JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from train.residents.render import Layer

LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
INFRARED: Final = np.array([0.85, 0.12, 0.03], dtype=np.float32)
"""Red comes nearest to the near infrared, where all skins are bright and spots fade."""

_SMEAR_STEPS: Final = 7

FloatArray = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """How a camera renders what it sees.

    Attributes:
        exposure: mean linear brightness that the figure is brought to, 0..1.
        blur_px: standard deviation of the lens's blur.
        noise: standard deviation of the sensor's noise, share of full scale.
        jpeg_quality: 1..95.
        saturation: 0 is grey, 1 as seen.
        near_infrared: grey as a night camera with its own lamp sees it.
        motion_px: how far the picture moves (right, down) while the shutter is open.
        detail_px: rows that the camera really has on the picture, 0 for as many as there are.
        crf: quality of one H.264 frame (18 fine, 40 coarse), 0 for none.
    """

    exposure: float
    blur_px: float
    noise: float
    jpeg_quality: int
    saturation: float
    near_infrared: bool = False
    motion_px: tuple[float, float] = (0.0, 0.0)
    detail_px: int = 0
    crf: int = 0


def draw_film(brightness: float, rng: np.random.Generator) -> Film:
    """A camera from good to poor; one in twelve shows grey, as a night camera does.

    Args:
        brightness: factor on the exposure, 1 for light skin.
        rng: source of chance.
    """
    return Film(
        exposure=brightness * float(rng.uniform(0.14, 0.34)),
        blur_px=float(rng.uniform(0.0, 0.9)),
        noise=float(rng.uniform(0.0, 0.022)),
        jpeg_quality=int(rng.integers(72, 95)),
        saturation=0.0 if rng.random() < 1 / 12 else float(rng.uniform(0.7, 1.05)),
    )


def develop(layer: Layer, background: FloatArray, film: Film, rng: np.random.Generator) -> Picture:
    """Put a figure before a background and take the picture.

    Args:
        layer: the figure, (H, W).
        background: float32 (H, W, 3), linear light at its final brightness.
        film: the camera.
        rng: source of the noise.

    Returns:
        uint8 (H, W, 3), sRGB.
    """
    exposed = layer.colour * exposure_gain(layer, film.exposure)
    light: npt.NDArray[np.floating] = exposed + background * (1.0 - layer.alpha[..., None])
    grey = light @ (INFRARED if film.near_infrared else LUMINANCE)
    saturation = 0.0 if film.near_infrared else film.saturation
    light = grey[..., None] + saturation * (light - grey[..., None])
    if any(film.motion_px):
        light = _smeared(light, film.motion_px)
    display: npt.NDArray[np.floating] = to_display(light)
    if film.blur_px > 0.05:  # noqa: PLR2004
        display = ndimage.gaussian_filter(display, (film.blur_px, film.blur_px, 0.0))
    size = display.shape[1], display.shape[0]
    far = 0 < film.detail_px < size[1]
    if far:
        display = _resized(display, (round(film.detail_px * size[0] / size[1]), film.detail_px))
    noise = rng.normal(0.0, film.noise, display.shape)
    display = display + (noise[..., :1] if film.near_infrared else noise)
    picture = np.asarray(np.clip(display, 0.0, 1.0) * 255.0 + 0.5, dtype=np.uint8)
    if film.crf:
        picture = h264(picture, film.crf)
    if far:
        picture = np.array(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
    return picture


def exposure_gain(layer: Layer, exposure: float) -> float:
    """Factor that brings the figure's mean linear brightness to ``exposure``."""
    covered = float(layer.alpha.sum())
    mean = float(layer.colour.sum()) / max(3.0 * covered, 1.0)
    return exposure / max(mean, 1e-4)


def to_display(light: npt.NDArray[np.floating]) -> FloatArray:
    """Linear light to sRGB 0..1, with highlights that roll off instead of clipping."""
    rolled = np.clip(light, 0.0, None)
    rolled = np.clip(1.25 * rolled / (1.0 + 0.25 * rolled), 0.0, 1.0)
    toe = rolled < 0.0031308  # noqa: PLR2004  (the sRGB standard's linear part)
    curve = 1.055 * np.maximum(rolled, 1e-6) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(toe, 12.92 * rolled, curve), dtype=np.float32)


def jpeg(picture: Picture, quality: int) -> bytes:
    """Encode a picture."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="JPEG", quality=quality)
    return buffer.getvalue()


def h264(picture: Picture, crf: int) -> Picture:
    """What a stream's key frame leaves of a picture.

    Args:
        picture: uint8 (H, W, 3).
        crf: constant rate factor of x264, 18 fine to 40 coarse.
    """
    import av

    rows, columns, _ = picture.shape
    # 4:2:0 needs even sides.
    padded = np.pad(picture, ((0, rows % 2), (0, columns % 2), (0, 0)), mode="edge")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, _ = padded.shape
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
        container.mux(stream.encode(av.VideoFrame.from_ndarray(padded, format="rgb24")))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r") as coded:
        frame = next(coded.decode(video=0))
    return np.asarray(frame.to_ndarray(format="rgb24")[:rows, :columns], dtype=np.uint8)


def _smeared(
    light: npt.NDArray[np.floating], motion_px: tuple[float, float]
) -> npt.NDArray[np.floating]:
    """Mean of a picture over its way (right, down) while the shutter is open."""
    right, down = motion_px
    steps = np.linspace(-0.5, 0.5, _SMEAR_STEPS)
    shifted = (
        ndimage.shift(light, (at * down, at * right, 0.0), order=1, mode="nearest") for at in steps
    )
    return np.asarray(sum(shifted) / _SMEAR_STEPS)


def _resized(display: FloatArray, size: tuple[int, int]) -> FloatArray:
    planes = [
        Image.fromarray(np.ascontiguousarray(display[..., i], dtype=np.float32)).resize(
            size, Image.Resampling.BOX
        )
        for i in range(3)
    ]
    return np.stack([np.asarray(plane, dtype=np.float32) for plane in planes], axis=2)


def draw_background(size: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    """A wall out of focus: a gradient, a few boxes (furniture, pictures, a window), blur.

    Args:
        size: width and height in pixels.
        rng: source of chance.

    Returns:
        float32 (H, W, 3), linear light.
    """
    width, height = size
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    xs, ys = xs / width, ys / height
    angle = rng.uniform(0.0, 2.0 * np.pi)
    ramp = np.cos(angle) * xs + np.sin(angle) * ys
    ramp = ((ramp - ramp.min()) / max(np.ptp(ramp), 1e-6))[..., None]
    wall = _paint(rng)
    picture = wall * (1.0 - ramp) + ramp * wall * rng.uniform(0.3, 1.0)
    for _ in range(int(rng.integers(0, 7))):
        x0, x1 = np.sort(rng.random(2))
        y0, y1 = np.sort(rng.random(2))
        inside = (xs > x0) & (xs < x1) & (ys > y0) & (ys < y1)
        picture[inside] = 0.25 * picture[inside] + 0.75 * _paint(rng)
    blur = float(rng.uniform(0.004, 0.03)) * height
    blurred = ndimage.gaussian_filter(picture, (blur, blur, 0.0))
    return np.asarray(blurred * rng.uniform(0.4, 1.0), dtype=np.float32)


def _paint(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """A muted wall or furniture colour, linear."""
    return np.clip(rng.uniform(0.15, 0.9) + rng.uniform(-0.08, 0.08, 3), 0.02, 1.0) ** 2.2
