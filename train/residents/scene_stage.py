"""A scene set up for filming: the still room is drawn once, then only what can move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pain.values import HeadPose
from train.residents.expression import NEUTRAL, Expression
from train.residents.film import INFRARED, LUMINANCE, Film, Picture, exposure_gain, to_display
from train.residents.identity import Resident
from train.residents.parts import Part
from train.residents.render import Crop
from train.residents.scene import HEAD_AT, Scene
from train.residents.scene_room import scene_room, sleeves
from train.residents.sitting import figure_with
from train.residents.studio import Studio
from train.residents.view import Camera

FloatArray = npt.NDArray[np.float32]

_DEMO_TRUNK_HALF_WIDTH_M: Final = 0.34
_TRUNK_HALF_WIDTH_M: Final = 0.30
_COVERED_BELOW_M: Final = 0.24
"""Height below which bedding hides body and arms from every camera."""

_SWING_M: Final = 0.10
"""How far a turning head leaves its outline at rest."""

_SHADOWS_M: Final = 0.8
_NO_SHADOWS_M: Final = 0.01
"""The shadow map repeats its last texel beyond its edge: a bed or a wall across that edge would
streak the walls, so the walls of a drawn scene are lit without shadows."""

_DEMO_BRIGHTNESS: Final = 0.5
_DEMO_ROWS: Final = 720
_DEMO_MOVING: Final = Crop(x=320, y=110, width=560, height=420)
"""What can change in a 1280 x 720 frame of the demo's scene."""

_DEMO_MARGIN_PX: Final = 16
_GRAIN_SHIFT_PX: Final = 64


class Stage:
    """One person in one scene, ready to be filmed; as deterministic as its arguments.

    Args:
        studio: an open studio.
        resident: the person.
        scene: where and how.
        size: width and height of the video in pixels.
    """

    def __init__(
        self, studio: Studio, resident: Resident, scene: Scene, size: tuple[int, int]
    ) -> None:
        self._studio = studio
        self._scene = scene
        if scene.garment:
            colour, drop = scene.garment
            resident = replace(resident, garment=colour, neckline=drop)
        self._figure = figure_with(studio, resident, scene.traits, scene.dress)
        self._room = scene_room(scene)
        self._view: dict[str, Any] = {
            "camera": scene.camera,
            "lights": scene.lights,
            "size": size,
            "shadow_half_width_m": _SHADOWS_M,
        }
        self._half_width_m = _DEMO_TRUNK_HALF_WIDTH_M if scene.film is None else _TRUNK_HALF_WIDTH_M
        resting = self._placed(self._figure.parts(NEUTRAL, lag=scene.lag))
        scale = size[1] / _DEMO_ROWS
        margin = max(2, round(_DEMO_MARGIN_PX * scale))
        if scene.film is None:
            self._crop = _demo_crop(size, scale)
            self._gain = _DEMO_BRIGHTNESS
        else:
            self._crop = _crop_around(resting, scene.camera, size, margin)
            layer = studio.renderer.draw(
                [*resting, *self._room.bedding], crop=self._crop, **self._view
            )
            self._gain = exposure_gain(layer, scene.film.exposure)
        self._empty = self._still(resting)
        self.background: Picture = developed(self._empty * self._gain, scene.film)
        crop = self._crop
        self._inner = (
            _without_margin(crop.y, crop.height, size[1], margin),
            _without_margin(crop.x, crop.width, size[0], margin),
        )
        rows, columns = self._inner
        self.place = (
            slice(crop.y + rows.start, crop.y + rows.stop),
            slice(crop.x + columns.start, crop.x + columns.stop),
        )
        """Rows and columns of the frame that ``patch`` fills."""

    def _still(self, unseen: list[Part]) -> FloatArray:
        """Linear light (H, W, 3) of the room with the shadow of the resting person."""
        draw, room, view = self._studio.renderer.draw, self._room, self._view
        near = draw([*room.bedding, *room.furniture], unseen=unseen, **view)
        if not room.walls:
            return near.colour
        far = draw(room.walls, **(view | {"shadow_half_width_m": _NO_SHADOWS_M}))
        return near.colour + far.colour * (1.0 - near.alpha[..., None])

    def patch(self, expression: Expression, pose: HeadPose, breath: float) -> Picture:
        """The part of the frame that can change, uint8 (h, w, 3), before sensor noise.

        Args:
            expression: what the face shows.
            pose: head turn of the story.
            breath: chest height -1..1.
        """
        crop, scene = self._crop, self._scene
        parts = self._figure.parts(
            expression, pose=scene.head_pose(pose), breath=breath, lag=scene.lag
        )
        layer = self._studio.renderer.draw(
            [*self._placed(parts), *self._room.bedding],
            crop=crop,
            **self._view,
        )
        behind = self._empty[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
        light = behind * (1.0 - layer.alpha[..., None])
        light += layer.colour
        picture = developed(light * self._gain, scene.film)
        return picture[self._inner]

    def _placed(self, parts: list[Part]) -> list[Part]:
        """A figure with its eyes where bed and chair expect it, its arms cut off or bent down."""
        shift = HEAD_AT - self._figure.eye_centre
        body, *rest = parts
        reach = np.abs(body.positions[body.faces][:, :, 0]).max(axis=1)
        trunk = replace(body, faces=body.faces[reach < self._half_width_m])
        placed = [replace(part, positions=part.positions + shift) for part in (trunk, *rest)]
        # The demo's blanket hides where its arms end.
        return placed if self._scene.film is None else [*placed, *sleeves(placed[0])]


class Grain:
    """Sensor noise of a clip: one field of it, shifted and flipped anew for every frame.

    Args:
        film: the camera, None for none.
        size: width and height of the video.
        seed: of the clip.
    """

    def __init__(self, film: Film | None, size: tuple[int, int], seed: tuple[int, ...]) -> None:
        self._seed = seed
        self._rows, self._columns = size[1], size[0]
        self._field: npt.NDArray[np.int16] | None = None
        if film and film.noise:
            channels = 1 if film.near_infrared else 3
            shape = (self._rows + _GRAIN_SHIFT_PX, self._columns + _GRAIN_SHIFT_PX, channels)
            noise = np.random.default_rng([*seed, 1]).normal(0.0, 255.0 * film.noise, shape)
            self._field = np.rint(noise).astype(np.int16)

    def over(self, picture: Picture, number: int) -> Picture:
        """A frame with its noise.

        Args:
            picture: uint8 (H, W, 3).
            number: of the frame, which decides on the shift.
        """
        if self._field is None:
            return picture
        rng = np.random.default_rng([*self._seed, 2, number])
        y, x, flipped = (int(value) for value in rng.integers((_GRAIN_SHIFT_PX,) * 2 + (2,)))
        noise = self._field[y : y + self._rows, x : x + self._columns]
        noisy = picture + (noise[:, ::-1] if flipped else noise)
        return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)


def developed(light: npt.NDArray[np.floating], film: Film | None) -> Picture:
    """What a camera makes of linear light, before noise: colour, tone curve, blur.

    Args:
        light: (H, W, 3), exposed.
        film: the camera, None for a perfect one.

    Returns:
        uint8 (H, W, 3), sRGB.
    """
    if film is None:
        return np.asarray(to_display(light) * 255.0 + 0.5, dtype=np.uint8)
    grey = (light @ (INFRARED if film.near_infrared else LUMINANCE))[..., None]
    saturation = 0.0 if film.near_infrared else film.saturation
    display = to_display(grey + saturation * (light - grey))
    if film.blur_px > 0.05:  # noqa: PLR2004
        display = ndimage.gaussian_filter(display, (film.blur_px, film.blur_px, 0.0))
    return np.asarray(display * 255.0 + 0.5, dtype=np.uint8)


def _demo_crop(size: tuple[int, int], scale: float) -> Crop:
    """The demo's crop in a frame of another size; the same at 1280 x 720."""
    moving = _DEMO_MOVING
    left = size[0] / 2 + (moving.x - 640) * scale
    return _clamped(
        left, moving.y * scale, left + moving.width * scale,
        (moving.y + moving.height) * scale, size,
    )  # fmt: skip


def _crop_around(parts: list[Part], camera: Camera, size: tuple[int, int], margin_px: int) -> Crop:
    """Part of the frame that holds what is seen of a person, wherever the head turns."""
    body, *rest = parts
    shown = [body.positions[np.unique(body.faces)], *(part.positions for part in rest)]
    points = np.concatenate(shown)
    points = points[points[:, 1] > _COVERED_BELOW_M]
    matrix = camera.projection(size[0] / size[1]) @ camera.view()
    clip = np.concatenate([points, np.ones((len(points), 1), np.float32)], axis=1) @ matrix.T
    across = (clip[:, 0] / clip[:, 3] + 1.0) / 2.0 * size[0]
    down = (1.0 - clip[:, 1] / clip[:, 3]) / 2.0 * size[1]
    pad = _SWING_M * camera.pixels_per_metre(size[1]) + margin_px
    return _clamped(
        float(across.min()) - pad, float(down.min()) - pad,
        float(across.max()) + pad, float(down.max()) + margin_px, size,
    )  # fmt: skip


def _without_margin(start: int, length: int, frame: int, margin_px: int) -> slice:
    """A crop less its margin, where blur and creases lack their surroundings.

    Nothing is taken off at the frame's own edge, where there are no surroundings.
    """
    first = margin_px if start > 0 else 0
    last = length - (margin_px if start + length < frame else 0)
    return slice(first, last)


def _clamped(left: float, top: float, right: float, bottom: float, size: tuple[int, int]) -> Crop:
    x, y = max(0, round(left)), max(0, round(top))
    return Crop(
        x=x,
        y=y,
        width=min(size[0], round(right)) - x,
        height=min(size[1], round(bottom)) - y,
    )
