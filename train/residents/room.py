"""A resident's room: bed with raised back, pillow, blanket, headboard, window, lamp and wall.

The person sits at the origin facing +z, as the figure does; metres, y up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from train.residents.identity import Rgb
from train.residents.parts import Material, Part
from train.residents.solids import box, cushion, grid_part, waves

FloatArray = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

_WALL_Z: Final = -0.75
_GRAIN: Final = 256
_BELOW: Final = np.array([0.0, -2.0, 0.0], dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Meshes around a person.

    Attributes:
        furniture: what is behind or beside the person.
        bedding: what can cover the person.
    """

    furniture: tuple[Part, ...]
    bedding: tuple[Part, ...]


def furnished_room(rng: np.random.Generator) -> Room:
    """The room of the demo; ``rng`` draws folds and grain."""
    wall = _fabric("wall", (0.80, 0.77, 0.69), 0.012, rng)
    dado = _fabric("dado", (0.56, 0.63, 0.60), 0.012, rng)
    wood = _wood("wood", (0.52, 0.35, 0.21), rng)
    sheet = _fabric("sheet", (0.90, 0.90, 0.88), 0.015, rng)
    frame = _fabric("frame", (0.93, 0.93, 0.91), 0.0, rng)
    curtain = _fabric("curtain", (0.66, 0.52, 0.42), 0.03, rng)
    picture = _landscape("picture", rng)
    daylight = _fabric("daylight", (1.0, 1.0, 1.0), 0.0, rng, tint=(4.2, 4.5, 4.8))
    shade = _fabric("shade", (0.95, 0.86, 0.66), 0.01, rng, tint=(1.2, 1.1, 1.0))
    bedding = (_blanket(_knit("blanket", (0.42, 0.53, 0.66), rng), rng), _fold(sheet, rng))
    furniture = (
        box((0.0, 1.3, _WALL_Z - 0.05), (3.0, 0.95, 0.05), wall),
        box((0.0, -0.3, _WALL_Z - 0.04), (3.0, 0.66, 0.05), dado),
        box((0.0, 0.37, _WALL_Z + 0.01), (3.0, 0.02, 0.015), frame),
        # Headboard with posts and a rail.
        cushion((0.0, 0.50, -0.42), (0.54, 0.30, 0.025), wood, power=8.0),
        cushion((0.0, 0.82, -0.42), (0.58, 0.030, 0.035), wood, power=4.0),
        cushion((-0.56, 0.35, -0.42), (0.030, 0.50, 0.035), wood, power=4.0),
        cushion((0.56, 0.35, -0.42), (0.030, 0.50, 0.035), wood, power=4.0),
        # Raised back of the mattress, two pillows, the blanket.
        cushion((0.0, 0.22, -0.24), (0.47, 0.40, 0.11), sheet, power=6.0, crumple=0.004, rng=rng),
        cushion((0.01, 0.47, -0.12), (0.36, 0.17, 0.10), sheet, power=2.8, crumple=0.008, rng=rng),
        cushion(
            (-0.015, 0.655, -0.12), (0.33, 0.19, 0.095), sheet, power=2.6, crumple=0.009, rng=rng
        ),
        # Bedside cabinet and lamp on the person's left, window with curtain on the right.
        box((0.98, 0.02, -0.45), (0.24, 0.28, 0.2), wood),
        cushion((0.98, 0.36, -0.45), (0.035, 0.07, 0.035), wood, power=2.0),
        cushion((0.98, 0.52, -0.45), (0.13, 0.095, 0.13), shade, power=3.5),
        box((-1.02, 0.98, _WALL_Z), (0.40, 0.46, 0.03), frame),
        box((-1.21, 0.98, _WALL_Z + 0.025), (0.165, 0.41, 0.012), daylight),
        box((-0.83, 0.98, _WALL_Z + 0.025), (0.165, 0.41, 0.012), daylight),
        _drape((-0.55, 0.72, _WALL_Z + 0.09), 0.15, 0.82, curtain),
        box((0.62, 1.06, _WALL_Z + 0.01), (0.17, 0.13, 0.02), wood),
        box((0.62, 1.06, _WALL_Z + 0.03), (0.145, 0.105, 0.005), picture),
    )
    return Room(furniture=furniture, bedding=bedding)


def _blanket(material: Material, rng: np.random.Generator) -> Part:
    """From the chest down over the lap to the foot of the bed, falling off at the sides."""
    along, across = np.linspace(0.0, 1.0, 90), np.linspace(-1.0, 1.0, 120)
    y = np.interp(along, [0.0, 0.08, 0.2, 0.45, 1.0], [0.47, 0.41, 0.27, 0.17, 0.10])
    z = np.interp(along, [0.0, 0.08, 0.2, 0.45, 1.0], [0.185, 0.215, 0.33, 0.62, 1.7])
    ripple = 0.013 * np.minimum(1.0, 4.0 * along)[:, None] * waves((90, 120), 5.0, rng)
    return grid_part(_over_body(across, y, z, ripple), material, outward=_BELOW)


def _fold(material: Material, rng: np.random.Generator) -> Part:
    """The sheet turned back over the blanket's upper edge."""
    along, across = np.linspace(0.0, 1.0, 24), np.linspace(-1.0, 1.0, 120)
    y = 0.49 - 0.105 * along
    z = 0.185 + 0.09 * along + 0.05 * np.sin(np.pi * along)
    ripple = 0.005 * waves((24, 120), 4.0, rng)
    return grid_part(_over_body(1.01 * across, y, z, ripple), material, outward=_BELOW)


def _over_body(
    across: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    z: npt.NDArray[np.float64],
    ripple: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Grid of bedding: a profile (y, z) down the bed, laid over trunk, arms and bed edges."""
    x = 0.56 * across
    side = np.clip(np.abs(x) - 0.14, 0.0, None)
    near_chest = np.exp(-3.0 * np.linspace(0.0, 1.0, len(y)))[:, None]
    slope = -0.42 * side[None, :] * near_chest
    fall = -0.45 * np.clip((np.abs(across) - 0.84) / 0.16, 0.0, 1.0)[None, :] ** 1.5
    height = y[:, None] + slope + fall + ripple
    depth = z[:, None] - 0.20 * side[None, :] * near_chest + 0.5 * ripple
    return np.stack([np.tile(x, (len(y), 1)), height, depth], axis=-1)


def _drape(centre: Rgb, half_width: float, half_height: float, material: Material) -> Part:
    across = np.linspace(-1.0, 1.0, 160)
    down = np.linspace(1.0, -1.0, 40)
    pleat = 0.025 * np.sin(across * 22.0) + 0.01 * np.sin(across * 9.0 + 1.0)
    grid = np.empty((40, 160, 3))
    grid[..., 0] = centre[0] + half_width * across[None, :]
    grid[..., 1] = centre[1] + half_height * down[:, None]
    grid[..., 2] = centre[2] + pleat[None, :]
    return grid_part(grid, material, outward=np.array([centre[0], centre[1], -5.0]))


def _fabric(
    key: str, colour: Rgb, grain: float, rng: np.random.Generator, tint: Rgb = (1.0, 1.0, 1.0)
) -> Material:
    noise = grain * rng.standard_normal((_GRAIN, _GRAIN, 1))
    return _material(key, np.asarray(colour) + noise, tint)


def _wood(key: str, colour: Rgb, rng: np.random.Generator) -> Material:
    rings = ndimage.gaussian_filter(rng.standard_normal((_GRAIN, _GRAIN)), (1.0, 30.0))
    rings = 0.06 * rings / rings.std()
    return _material(key, np.asarray(colour) * (1.0 + rings[..., None]), (1.0, 1.0, 1.0))


def _knit(key: str, colour: Rgb, rng: np.random.Generator) -> Material:
    ys, xs = np.mgrid[0:_GRAIN, 0:_GRAIN] / _GRAIN
    stripes = 1.0 - 0.16 * (np.sin(ys * 2 * np.pi * 9) > 0.75)  # noqa: PLR2004
    weave = 1.0 + 0.05 * np.sin(xs * 2 * np.pi * 64) * np.sin(ys * 2 * np.pi * 64)
    noise = 0.015 * rng.standard_normal((_GRAIN, _GRAIN))
    return _material(key, np.asarray(colour) * (stripes * weave + noise)[..., None], (1, 1, 1))


def _landscape(key: str, rng: np.random.Generator) -> Material:
    ys, xs = np.mgrid[0:_GRAIN, 0:_GRAIN] / _GRAIN
    hills = 0.55 + 0.08 * np.sin(xs * 7.0) + 0.05 * np.sin(xs * 17.0 + 1.0)
    sky = np.array([0.62, 0.74, 0.86]) * (1.0 - 0.25 * (1.0 - ys))[..., None]
    land = np.array([0.36, 0.48, 0.28]) * (1.1 - 0.4 * ys)[..., None]
    picture = np.where((ys > hills)[..., None], land, sky)
    return _material(key, picture + 0.02 * rng.standard_normal(picture.shape), (1, 1, 1))


def _material(key: str, colour: npt.NDArray[np.float64], tint: Rgb) -> Material:
    alpha = np.ones((*colour.shape[:2], 1))
    rgba = np.concatenate([np.clip(colour, 0.0, 1.0), alpha], axis=2)
    texture = np.asarray(rgba * 255.0 + 0.5, dtype=np.uint8)
    return Material(key=f"room/{key}", texture=texture, tint=tint, roughness=0.9, specular=0.0,
                    creased=False)  # fmt: skip
