"""Room pictures with a face pasted in at a known place, size and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.config import TrackingConfig
from edge.track.acquire import look, place_of
from edge.track.follow import Follower
from edge.track.landmarker import Landmarker
from edge.track.tiles import Place, sweep
from pain.errors import SourceError

Image = npt.NDArray[np.uint8]

OVAL: Final = (0.62, 0.85)
"""Half axes of the oval around a face without alpha, in face heights: hair and chin are inside."""

OVAL_RISE: Final = 0.08
"""How far the oval's centre lies above the face's, in face heights: there is hair on top."""

FEATHER: Final = 0.2
SENSOR_NOISE: Final = 3.0
"""Standard deviation of the camera noise that is added, grey levels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutout:
    """A face with its transparency.

    Attributes:
        name: for result rows.
        rgb: uint8 (H, W, 3).
        alpha: float32 (H, W) in 0..1.
        face: where the face is, px of ``rgb``.
    """

    name: str
    rgb: Image
    alpha: npt.NDArray[np.float32]
    face: Place

    def at_height(self, height_px: float) -> Cutout:
        """Scale so that the face is this high; shrinking averages, as a lens further away does."""
        factor = height_px / self.face.height_px
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        rows, columns = self.alpha.shape
        size = (max(round(columns * factor), 1), max(round(rows * factor), 1))
        across, down = size[0] / columns, size[1] / rows
        return replace(
            self,
            rgb=np.asarray(cv2.resize(self.rgb, size, interpolation=method), np.uint8),
            alpha=np.asarray(cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA)),
            face=Place(x=self.face.x * across, y=self.face.y * down, height_px=height_px),
        )


def load_cutout(path: Path, landmarker: Landmarker) -> Cutout:
    """Read a portrait: its own alpha where it has one, else a feathered oval around its face.

    Raises:
        SourceError: not a picture, or no face in it.
    """
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3:  # noqa: PLR2004
        raise SourceError(f"{path} is not a colour picture that can be read.")
    rgb = np.ascontiguousarray(pixels[:, :, 2::-1], np.uint8)
    own_alpha = None
    if pixels.shape[2] == 4:  # noqa: PLR2004
        own_alpha = pixels[:, :, 3].astype(np.float32) / np.float32(255)
    return cutout(rgb, landmarker, name=path.stem, alpha=own_alpha)


def cutout(
    rgb: Image,
    landmarker: Landmarker,
    *,
    name: str,
    alpha: npt.NDArray[np.float32] | None = None,
) -> Cutout:
    """Make a cut-out of the largest face in a picture.

    Args:
        rgb: uint8 (H, W, 3).
        landmarker: finds the face.
        name: for result rows.
        alpha: float32 (H, W) in 0..1; an oval around the face when absent.

    Raises:
        SourceError: no face in it.
    """
    flat = rgb
    if alpha is not None:
        grey = np.full_like(rgb, 128)
        flat = np.asarray(rgb * alpha[..., None] + grey * (1 - alpha[..., None]), np.uint8)
    place = find_face(flat, landmarker)
    if place is None:
        raise SourceError(f"There is no face to be found in {name}.")
    if alpha is None:
        alpha = oval(rgb.shape[0], rgb.shape[1], place)
    return _trimmed(Cutout(name=name, rgb=rgb, alpha=alpha, face=place))


def find_face(picture: Image, landmarker: Landmarker) -> Place | None:
    """Sweep the whole picture for a face."""
    height, width = picture.shape[:2]
    tracking = TrackingConfig()
    for tile in sweep(width=width, height=height, sides=tracking.tile_sizes_px):
        for place in look(landmarker, picture, tile):
            follower = Follower(
                landmarker=landmarker, roi_scale=tracking.roi_scale, place=place, at_s=0.0
            )
            sighting = follower.look(picture, at_s=0.0)
            if sighting is not None:
                return place_of(sighting.face)
    return None


def oval(rows: int, columns: int, face: Place) -> npt.NDArray[np.float32]:
    """Transparency of a picture of this size: an oval around the face with feathered edge."""
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    across, down = OVAL[0] * face.height_px, OVAL[1] * face.height_px
    radius = np.hypot((x - face.x) / across, (y - face.y + OVAL_RISE * face.height_px) / down)
    return np.asarray(np.clip((1 - radius) / FEATHER + 0.5, 0, 1), np.float32)


def _trimmed(whole: Cutout) -> Cutout:
    rows, columns = visible(whole.alpha)
    face = replace(whole.face, x=whole.face.x - columns.start, y=whole.face.y - rows.start)
    return replace(whole, rgb=whole.rgb[rows, columns], alpha=whole.alpha[rows, columns], face=face)


def visible(alpha: npt.NDArray[np.float32]) -> tuple[slice, slice]:
    """Rows and columns outside of which everything is transparent."""
    ys, xs = np.nonzero(alpha > 0)
    return slice(int(ys.min()), int(ys.max()) + 1), slice(int(xs.min()), int(xs.max()) + 1)


def paste(room: Image, face: Cutout, *, x: float, y: float) -> Place:
    """Blend a cut-out into a room picture, in place; what reaches outside is cut off.

    Args:
        room: uint8 (H, W, 3) RGB.
        face: at the wanted size.
        x: where the face's centre lands, px, to the nearest pixel.
        y: where the face's centre lands, px, to the nearest pixel.

    Returns:
        Where the face is now, px of the room.
    """
    left, top = round(x - face.face.x), round(y - face.face.y)
    rows, columns = face.alpha.shape
    height, width = room.shape[:2]
    from_x, from_y = max(-left, 0), max(-top, 0)
    to_x, to_y = min(columns, width - left), min(rows, height - top)
    if to_x > from_x and to_y > from_y:
        view = room[top + from_y : top + to_y, left + from_x : left + to_x]
        alpha = face.alpha[from_y:to_y, from_x:to_x, None]
        rgb = face.rgb[from_y:to_y, from_x:to_x]
        view[:] = np.rint(rgb * alpha + view * (1 - alpha)).astype(np.uint8)
    return Place(x=left + face.face.x, y=top + face.face.y, height_px=face.face.height_px)


def random_place(
    face: Cutout, *, width: int, height: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Where the face's centre may land so that the whole cut-out is in the picture, at random."""
    rows, columns = face.alpha.shape
    left = rng.uniform(0, max(width - columns, 0))
    top = rng.uniform(0, max(height - rows, 0))
    return float(left + face.face.x), float(top + face.face.y)


def room(*, width: int, height: int, rng: np.random.Generator) -> Image:
    """Draw a resident's room: papered wall, floor, window, curtain, bed, pictures, clutter, noise.

    It is no photograph; it has the edges, stripes, round shapes and skin-like colours that tempt a
    face detector, and none of two rooms is alike.
    """
    canvas = np.zeros((height, width, 3), np.uint8)
    _wall_and_floor(canvas, rng)
    _window(canvas, rng)
    _pictures(canvas, rng)
    _bed(canvas, rng)
    _clutter(canvas, rng)
    return _photographed(canvas, rng)


def _colour(rng: np.random.Generator, low: int = 30, high: int = 235) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in rng.integers(low, high, 3))
    return red, green, blue


def _wall_and_floor(canvas: Image, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    canvas[:] = _colour(rng, 120, 235)
    spacing = int(rng.integers(12, 60))
    stripe = np.clip(canvas[0, 0].astype(int) - rng.integers(5, 30), 0, 255)
    for x in range(0, width, spacing):
        canvas[:, x : x + spacing // 3] = stripe
    skirting = int(height * rng.uniform(0.6, 0.8))
    canvas[skirting:] = _colour(rng, 50, 170)
    vanishing = rng.uniform(0.3, 0.7) * width
    dark = tuple(int(value * 0.8) for value in canvas[-1, 0])
    for share in np.linspace(-1.5, 2.5, 30):
        start = (int(vanishing + (share - 0.5) * width * 0.4), skirting)
        cv2.line(canvas, start, (int(share * width), height), dark, 2, cv2.LINE_AA)


def _window(canvas: Image, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    x, y = int(rng.uniform(0.05, 0.7) * width), int(rng.uniform(0.05, 0.2) * height)
    across, down = int(rng.uniform(0.12, 0.25) * width), int(rng.uniform(0.25, 0.45) * height)
    sky = np.linspace(250, 190, down)[:, None, None] * (0.9, 0.97, 1.0)
    canvas[y : y + down, x : x + across] = sky[: canvas[y : y + down].shape[0]]
    frame = _colour(rng, 150, 250)
    cv2.rectangle(canvas, (x, y), (x + across, y + down), frame, 8)
    cv2.line(canvas, (x + across // 2, y), (x + across // 2, y + down), frame, 6)
    curtain = np.array(_colour(rng))
    folds = 0.75 + 0.25 * np.sin(np.arange(across // 3) / rng.uniform(3, 9))
    for left in (x - across // 6, x + across - across // 6):
        strip = canvas[max(y - 10, 0) : y + down + 40, max(left, 0) : left + across // 3]
        strip[:] = (folds[: strip.shape[1], None] * curtain).astype(np.uint8)


def _pictures(canvas: Image, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    for _ in range(int(rng.integers(2, 5))):
        x, y = int(rng.uniform(0, 0.9) * width), int(rng.uniform(0.05, 0.35) * height)
        side = int(rng.uniform(0.04, 0.12) * width)
        cv2.rectangle(canvas, (x, y), (x + side, y + int(side * 0.8)), _colour(rng), -1)
        cv2.circle(canvas, (x + side // 2, y + side // 3), side // 5, _colour(rng), -1)
        cv2.rectangle(canvas, (x, y), (x + side, y + int(side * 0.8)), _colour(rng, 20, 90), 4)


def _bed(canvas: Image, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    x, y = int(rng.uniform(0, 0.5) * width), int(rng.uniform(0.5, 0.65) * height)
    across, down = int(rng.uniform(0.35, 0.5) * width), int(0.3 * height)
    cv2.rectangle(canvas, (x - 12, y - down // 2), (x + 12, y + down), (96, 64, 40), -1)
    cv2.rectangle(canvas, (x, y), (x + across, y + down), (236, 236, 230), -1)
    axes = (across // 7, down // 4)
    cv2.ellipse(canvas, (x + across // 6, y), axes, 0, 0, 360, (246, 244, 240), -1, cv2.LINE_AA)
    blanket = [(x + across // 3, y - 10), (x + across, y - 6), (x + across, y + down)]
    corners = np.array([*blanket, (x + across // 4, y + down)], np.int32)
    cv2.fillPoly(canvas, [corners], _colour(rng))
    for share in np.linspace(0.35, 0.95, 8):
        start = (x + int(share * across), y)
        end = (x + int((share - 0.06) * across), y + down)
        cv2.line(canvas, start, end, _colour(rng), 3, cv2.LINE_AA)


def _clutter(canvas: Image, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    for _ in range(int(rng.integers(12, 24))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0.3, 1) * height))
        axes = (int(rng.uniform(6, 60)), int(rng.uniform(6, 60)))
        turn = float(rng.uniform(0, 180))
        if rng.random() < 0.5:  # noqa: PLR2004
            cv2.ellipse(canvas, centre, axes, turn, 0, 360, _colour(rng), -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints((centre, axes, turn)).astype(np.int32)
            cv2.fillPoly(canvas, [corners], _colour(rng))


def _photographed(canvas: Image, rng: np.random.Generator) -> Image:
    """Give the drawing a lens (soft edges), a lamp (uneven light) and a sensor (noise)."""
    height, width = canvas.shape[:2]
    soft = cv2.GaussianBlur(canvas, (0, 0), 1.2).astype(np.float32)
    lamp_x, lamp_y = rng.uniform(0, width), rng.uniform(0, height / 2)
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    distance = np.hypot(x[None, :] - np.float32(lamp_x), y[:, None] - np.float32(lamp_y))
    light = 1.1 - np.float32(rng.uniform(0.2, 0.6)) * distance / np.hypot(width, height)
    noise = rng.standard_normal(soft.shape, np.float32) * np.float32(SENSOR_NOISE)
    return np.asarray(np.clip(soft * light[..., None] + noise, 0, 255), np.uint8)


def contact(pictures: Sequence[Image], *, columns: int = 2) -> Image:
    """Put pictures of one size side by side, to be looked at."""
    rows = [
        np.concatenate(pictures[start : start + columns], axis=1)
        for start in range(0, len(pictures) - len(pictures) % columns, columns)
    ]
    return np.concatenate(rows, axis=0)
