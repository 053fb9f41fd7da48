"""Skin detail: wrinkles, pores, spots and stubble as a height and a colour map over the face.

Lines of age and lines of expression are drawn from the person's own random layout. How strongly an
expression line answers to its action unit is random per person and per picture, down to not at
all, so that a network cannot read the label from the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pain.action_units import AU_MAX, ActionUnit
from train.residents.expression import Expression
from train.residents.identity import Resident

FloatArray = npt.NDArray[np.float32]

SIZE: Final = 512
_UNIT_UV: Final = 0.07594
"""Length of one face unit (eye line to mouth line) in texture coordinates."""
_CENTRE_U: Final = 0.83850
_CENTRE_V_FROM_TOP: Final = 0.51683
_TOP: Final = -1.15
_LEFT: Final = -1.6
_SPAN: Final = 3.2
_PX: Final = SIZE / _SPAN

# The face lies on its side in MakeHuman's texture: u runs from forehead to chin, v across.
WINDOW: Final = (
    _CENTRE_U + _TOP * _UNIT_UV,
    _CENTRE_V_FROM_TOP + _LEFT * _UNIT_UV,
    _SPAN * _UNIT_UV,
)
"""u, v (from the top) and side of the square of texture space that the detail covers."""

Line = tuple[tuple[float, float], ...]

# Points (x, y) in face units: x outward from the midline, y down from the eye line; the mouth line
# is y = 1, the outer eye corner x = 0.68, the mouth corner x = 0.3. Then width and depth.
_AGE_LINES: Final[tuple[tuple[Line, float, float], ...]] = (
    (((0.24, 0.44), (0.31, 0.54), (0.38, 0.70), (0.43, 0.92)), 0.028, 1.0),
    (((0.31, 0.98), (0.35, 1.10), (0.34, 1.26)), 0.022, 0.7),
    (((0.32, 0.12), (0.42, 0.20), (0.56, 0.20), (0.70, 0.09)), 0.018, 0.6),
    (((0.30, 0.16), (0.42, 0.29), (0.58, 0.31), (0.76, 0.20)), 0.022, 0.6),
    (((0.72, 0.02), (0.86, -0.03), (1.02, -0.14)), 0.013, 0.5),
    (((0.73, 0.05), (0.88, 0.06), (1.06, 0.02)), 0.013, 0.5),
    (((0.72, 0.09), (0.86, 0.16), (1.02, 0.20)), 0.013, 0.5),
    (((0.58, 0.46), (0.70, 0.66), (0.70, 0.92)), 0.035, 0.20),
    (((0.80, 0.40), (0.90, 0.66), (0.86, 0.96)), 0.035, 0.15),
    (((0.07, -0.27), (0.085, -0.16), (0.075, -0.05)), 0.014, 0.4),
)
_FOREHEAD_ROWS: Final = (-0.44, -0.55, -0.66, -0.78)
_LIP_COLUMNS: Final = (-0.22, -0.15, -0.09, 0.09, 0.15, 0.22)

_GROUPS: Final[Mapping[str, tuple[tuple[Line, float, float], ...]]] = {
    "glabella": (
        (((0.075, -0.34), (0.09, -0.18), (0.075, -0.03)), 0.016, 1.0),
        (((0.15, -0.28), (0.155, -0.18), (0.14, -0.10)), 0.014, 0.5),
    ),
    "nose": (
        (((0.0, -0.03), (0.06, -0.02), (0.12, 0.01)), 0.013, 0.7),
        (((0.05, 0.07), (0.11, 0.11), (0.17, 0.18)), 0.013, 0.8),
        (((0.06, 0.13), (0.12, 0.18), (0.17, 0.26)), 0.013, 0.6),
    ),
    "crow": (
        (((0.72, -0.02), (0.88, -0.12), (1.04, -0.28)), 0.014, 0.9),
        (((0.74, 0.02), (0.92, -0.03), (1.12, -0.12)), 0.014, 1.0),
        (((0.74, 0.07), (0.92, 0.10), (1.12, 0.08)), 0.014, 0.9),
        (((0.72, 0.12), (0.88, 0.21), (1.05, 0.28)), 0.014, 0.7),
        (((0.36, 0.13), (0.50, 0.19), (0.66, 0.13)), 0.014, 0.6),
    ),
    "fold": (
        (((0.22, 0.40), (0.31, 0.52), (0.40, 0.70), (0.46, 0.92)), 0.032, 1.0),
        (((0.56, 0.44), (0.68, 0.62), (0.68, 0.90)), 0.038, 0.30),
    ),
    "brow_up": tuple(
        (((0.0, y - 0.02), (0.3, y), (0.62, y + 0.03)), 0.018, 0.8) for y in _FOREHEAD_ROWS
    ),
    "chin": ((((0.0, 1.16), (0.1, 1.18), (0.2, 1.24)), 0.022, 0.7),),
}
"""Lines that an expression deepens, drawn on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """A person's face detail.

    Attributes:
        height: float32 (SIZE, SIZE), relief at rest in face units x 100.
        groups: relief of each expression group at full strength.
        gains: 0..1.4, how far each group answers to its action units in this person.
        albedo: float32 (SIZE, SIZE, 3), factor on the skin texture.
    """

    height: FloatArray
    groups: Mapping[str, FloatArray]
    gains: Mapping[str, float]
    albedo: FloatArray

    def relief(self, expression: Expression, *, lag: Mapping[str, float]) -> FloatArray:
        """Relief (SIZE, SIZE) under an expression; ``lag`` 0..1 scales each group."""
        height = self.height
        for name, drive in _drives(expression).items():
            strength = drive * self.gains[name] * lag.get(name, 1.0)
            if strength > 0.02:  # noqa: PLR2004
                height = height + np.float32(strength) * self.groups[name]
        return height


def draw_lag(rng: np.random.Generator) -> dict[str, float]:
    """How far each group of lines follows in one picture: often fully, at times hardly at all."""
    return {name: float(np.clip(rng.uniform(-0.3, 1.5), 0.0, 1.0)) for name in _GROUPS}


def _drives(expression: Expression) -> dict[str, float]:
    share = {unit: value / AU_MAX for unit, value in expression.units.items()}
    au = ActionUnit

    def strongest(*units: ActionUnit) -> float:
        return max(share.get(unit, 0.0) for unit in units)

    return {
        "glabella": strongest(au.AU4, au.AU9),
        "nose": strongest(au.AU9),
        "crow": strongest(au.AU6, au.AU7),
        "fold": strongest(au.AU9, au.AU10, au.AU12, au.AU20),
        "brow_up": expression.extra.get("browInnerUp", 0.0),
        "chin": expression.extra.get("mouthShrugLower", 0.0),
    }


def draw_skin(resident: Resident, *, wrinkles: bool = True, furrows: float = 1.0) -> Skin:
    """The person's own skin: the same person always gets the same.

    Args:
        resident: the person.
        wrinkles: False leaves out every line of age and of expression and changes nothing else,
            so that two sets can show what a network reads from the lines.
        furrows: factor on the depth of the lines of expression.
    """
    rng = np.random.default_rng([resident.seed, 1])
    lines = _age_relief(resident.wrinkles, rng)
    groups = {
        name: np.float32(furrows) * _group_relief(lines_, rng) for name, lines_ in _GROUPS.items()
    }
    gains = {name: float(np.clip(rng.uniform(-0.25, 1.4), 0.0, 1.4)) for name in _GROUPS}
    if not wrinkles:
        lines, gains = np.zeros_like(lines), dict.fromkeys(gains, 0.0)
    height = lines + _pores(resident.wrinkles, rng)
    return Skin(height=height, groups=groups, gains=gains, albedo=_albedo(resident, lines, rng))


def _age_relief(strength: float, rng: np.random.Generator) -> FloatArray:
    relief = np.zeros((SIZE, SIZE), dtype=np.float32)
    for line, width, depth in _AGE_LINES:
        if rng.random() < 0.15:  # noqa: PLR2004
            continue
        amount = strength * depth * float(rng.uniform(0.4, 1.2))
        for side in (-1, 1):
            _engrave(relief, _jitter(line, 0.02, rng, side), width, amount * rng.uniform(0.8, 1.2))
    for y in _FOREHEAD_ROWS:
        _forehead_row(relief, y + float(rng.normal(0.0, 0.02)), strength, rng)
    for x in _LIP_COLUMNS:
        if rng.random() < strength:
            line = _jitter(((x, 0.70), (x * 0.95, 0.84)), 0.012, rng)
            _engrave(relief, line, 0.008, 0.35 * strength * float(rng.random()))
    return relief


def _forehead_row(relief: FloatArray, y: float, strength: float, rng: np.random.Generator) -> None:
    """One forehead line, often broken into pieces that do not quite meet."""
    at = -float(rng.uniform(0.4, 0.8))
    end = float(rng.uniform(0.4, 0.8))
    while at < end:
        stop = min(end, at + float(rng.uniform(0.35, 1.4)))
        xs = np.linspace(at, stop, 6)
        bow = 0.05 * xs**2 + rng.normal(0.0, 0.012, xs.size)
        line = tuple((float(x), float(y + b)) for x, b in zip(xs, bow, strict=True))
        _engrave(relief, line, 0.016, strength * float(rng.uniform(0.1, 0.75)))
        at = stop + float(rng.uniform(0.02, 0.2))


def _group_relief(
    lines: tuple[tuple[Line, float, float], ...], rng: np.random.Generator
) -> FloatArray:
    relief = np.zeros((SIZE, SIZE), dtype=np.float32)
    for line, width, depth in lines:
        if rng.random() < 0.2:  # noqa: PLR2004
            continue
        for side in (-1, 1):
            amount = depth * float(rng.uniform(0.5, 1.2))
            _engrave(relief, _jitter(line, 0.025, rng, side), width * rng.uniform(0.8, 1.4), amount)
    return relief


def _jitter(line: Line, spread: float, rng: np.random.Generator, side: int = 1) -> Line:
    moved = np.asarray(line) + rng.normal(0.0, spread, (len(line), 2))
    return tuple((float(side * x), float(y)) for x, y in moved)


def _engrave(relief: FloatArray, line: Line, width: float, depth: float) -> None:
    """Cut a furrow with soft shoulders along a line, tapering to its ends, into ``relief``."""
    control = np.asarray(line, dtype=np.float64)
    at = np.linspace(0.0, 1.0, len(control))
    fine = np.linspace(0.0, 1.0, 14)
    path = np.stack([_smooth(at, control[:, axis], fine) for axis in (0, 1)], axis=1)
    pixels = (path - (_LEFT, _TOP)) * _PX
    sigma = max(width * _PX, 1.0)
    margin = 4.5 * sigma
    x0, y0 = np.floor(pixels.min(axis=0) - margin).astype(int).clip(0, SIZE)
    x1, y1 = np.ceil(pixels.max(axis=0) + margin).astype(int).clip(0, SIZE)
    if x0 >= x1 or y0 >= y1:
        return
    along, distance = _to_polyline(pixels, (x0, y0, x1, y1))
    distance /= sigma
    taper = np.sin(np.pi * (0.94 * along + 0.03)) ** 0.7
    profile = -np.exp(-0.5 * distance**2) + 0.28 * np.exp(-0.5 * ((distance - 2.1) / 0.9) ** 2)
    relief[y0:y1, x0:x1] += (depth * width * 110.0 * taper * profile).astype(np.float32)


def _to_polyline(
    path: npt.NDArray[np.float64], box: tuple[int, int, int, int]
) -> tuple[FloatArray, FloatArray]:
    """How far along a path (0..1) and how far off it (pixels) each pixel of a box lies."""
    x0, y0, x1, y1 = box
    ys, xs = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    nearest = np.full(xs.shape, np.inf, dtype=np.float32)
    along = np.zeros_like(nearest)
    pieces = len(path) - 1
    for piece in range(pieces):
        (ax, ay), (bx, by) = path[piece], path[piece + 1]
        dx, dy = bx - ax, by - ay
        t = ((xs - ax) * dx + (ys - ay) * dy) / max(dx * dx + dy * dy, 1e-9)
        t = np.clip(t, 0.0, 1.0)
        squared = (xs - ax - t * dx) ** 2 + (ys - ay - t * dy) ** 2
        closer = squared < nearest
        nearest = np.where(closer, squared, nearest)
        along = np.where(closer, (piece + t) / pieces, along)
    return along, np.sqrt(nearest)


def _smooth(
    at: npt.NDArray[np.float64], values: npt.NDArray[np.float64], fine: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Quadratic through few control points, without the corners of straight pieces."""
    degree = min(2, len(at) - 1)
    if len(at) <= 4:  # noqa: PLR2004
        return np.asarray(np.polyval(np.polyfit(at, values, degree), fine), dtype=np.float64)
    return np.asarray(ndimage.gaussian_filter1d(np.interp(fine, at, values), 1.5, mode="nearest"))


def _pores(strength: float, rng: np.random.Generator) -> FloatArray:
    noise = rng.standard_normal((SIZE, SIZE)).astype(np.float32)
    fine = ndimage.gaussian_filter(noise, 0.9) - ndimage.gaussian_filter(noise, 2.2)
    coarse = ndimage.gaussian_filter(noise, 2.5) - ndimage.gaussian_filter(noise, 7.0)
    relief = 0.05 * fine / fine.std() + (0.03 + 0.06 * strength) * coarse / coarse.std()
    return np.asarray(relief, dtype=np.float32)


def _albedo(resident: Resident, lines: FloatArray, rng: np.random.Generator) -> FloatArray:
    colour = np.ones((SIZE, SIZE, 3), dtype=np.float32)
    # Light hardly leaves a furrow, and what does is reddened by the skin around it.
    depth = np.clip(-lines, 0.0, 3.0)[..., None]
    colour *= np.exp(-depth * np.array([0.10, 0.15, 0.17], dtype=np.float32))
    blotches = ndimage.gaussian_filter(rng.standard_normal((SIZE, SIZE)), 14.0)
    blotches /= blotches.std()
    colour *= 1.0 + blotches[..., None] * np.array([0.012, 0.03, 0.03])
    xs, ys = face_grid()
    cheeks = np.exp(-(((np.abs(xs) - 0.62) / 0.28) ** 2) - ((ys - 0.55) / 0.3) ** 2)
    nose = np.exp(-((xs / 0.17) ** 2) - ((ys - 0.5) / 0.17) ** 2)
    flush = rng.uniform(0.0, 0.10) * cheeks + rng.uniform(0.0, 0.10) * nose
    colour *= 1.0 - flush[..., None] * np.array([0.1, 1.0, 0.9])
    for _ in range(int(rng.poisson(4 + 14 * resident.wrinkles))):
        _spot(colour, xs, ys, rng)
    if resident.beard:
        colour *= 1.0 - _stubble(resident, xs, ys, rng)[..., None] * np.array([0.95, 0.9, 0.8])
    return colour.astype(np.float32)


def face_grid() -> tuple[FloatArray, FloatArray]:
    """X outward and y down, (SIZE, SIZE) each, in face units from the eye line's middle."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / np.float32(_PX)
    return columns + np.float32(_LEFT), rows + np.float32(_TOP)


def _spot(colour: FloatArray, xs: FloatArray, ys: FloatArray, rng: np.random.Generator) -> None:
    x, y = rng.uniform(-1.2, 1.2), rng.uniform(-1.0, 1.3)
    radius = rng.uniform(0.012, 0.05)
    stretch = rng.uniform(0.6, 1.6)
    # Beyond four radii the spot is less than a float can tell from nothing.
    (row0, column0), (row1, column1) = (
        (int((y + side * 4 * radius - _TOP) * _PX), int((x + side * 4 * radius - _LEFT) * _PX))
        for side in (-1, 1)
    )
    patch = np.s_[max(row0, 0) : row1 + 2, max(column0, 0) : column1 + 2]
    across, down = (xs[patch] - x) * stretch, ys[patch] - y
    shape = np.exp(-(((across**2 + down**2) / radius**2) ** 2))
    colour[patch] *= 1.0 - (rng.uniform(0.05, 0.2) * shape)[..., None] * np.array([0.7, 1.0, 1.2])


def _stubble(
    resident: Resident, xs: FloatArray, ys: FloatArray, rng: np.random.Generator
) -> FloatArray:
    jaw = 1.0 / (1.0 + np.exp(-(ys - 0.72 - 0.25 * np.cos(np.pi * np.clip(xs, -1, 1))) / 0.08))
    chin_end = 1.0 / (1.0 + np.exp((ys - 1.75) / 0.1))
    lips = np.exp(-((xs / 0.3) ** 4) - ((ys - 0.96) / 0.11) ** 4)
    grain = 0.6 + 0.4 * np.clip(
        ndimage.gaussian_filter(rng.standard_normal(xs.shape), 0.8) * 2, -1, 1
    )
    return np.asarray(
        0.4 * resident.beard * jaw * chin_end * (1.0 - lips) * grain, dtype=np.float32
    )
