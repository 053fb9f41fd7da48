"""What a resident wears on the head: glasses, nasal cannula, full beard, head scarf.

All of it is computed; there is no asset. Everything follows the head, the cannula and the beard
also follow the muscles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from train.residents.identity import Resident, Rgb
from train.residents.parts import Material, Part
from train.residents.solids import box, joined, tube

FloatArray = npt.NDArray[np.float32]

_GLASSES_SHARE: Final = 0.35
_CANNULA_SHARE: Final = 0.08
_BEARD_SHARE: Final = 0.30
_SCARF_SHARE: Final = 0.10
_GLINT_SHARE: Final = 0.3

_FRAME_COLOURS: Final[tuple[Rgb, ...]] = (
    (0.03, 0.03, 0.035),
    (0.10, 0.05, 0.03),
    (0.35, 0.33, 0.30),
    (0.42, 0.31, 0.12),
    (0.12, 0.02, 0.04),
)
_TUBE_COLOUR: Final = (0.62, 0.70, 0.66)
_WHITE: Final = np.full((4, 4, 4), 255, dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glasses:
    """A pair of glasses.

    Attributes:
        power: 2 has round lenses, 6 nearly square ones.
        lens_half_m: half width and half height of a lens.
        rim_m: radius of the rim.
        colour: linear RGB.
        slip_m: how far they have slid down the nose.
        glints: whether a lens mirrors a window.
    """

    power: float
    lens_half_m: tuple[float, float]
    rim_m: float
    colour: Rgb
    slip_m: float
    glints: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """What a person wears; None, 0 or False is nothing.

    Attributes:
        glasses: see ``Glasses``.
        cannula: oxygen tube under the nose.
        beard_m: length of a full beard.
        scarf: linear colour of a head scarf, which hides hair, ears and neck.
    """

    glasses: Glasses | None = None
    cannula: bool = False
    beard_m: float = 0.0
    scarf: Rgb | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What is worn, e.g. ``("glasses", "beard")``."""
        worn = {
            "glasses": self.glasses is not None,
            "cannula": self.cannula,
            "beard": self.beard_m > 0.0,
            "scarf": self.scarf is not None,
        }
        return tuple(name for name, on in worn.items() if on)


BARE: Final = Dress()


def draw_dress(resident: Resident, rng: np.random.Generator) -> Dress:
    """A third wear glasses, 8 % a cannula, 30 % of men a beard, 10 % of women a scarf."""
    glasses, cannula, beard, scarf = rng.random(4) < (
        _GLASSES_SHARE,
        _CANNULA_SHARE,
        _BEARD_SHARE if resident.sex == "male" else 0.0,
        _SCARF_SHARE if resident.sex == "female" else 0.0,
    )
    pair, length, red, green, blue = draw_glasses(rng), *rng.random(4)
    return Dress(
        glasses=pair if glasses else None,
        cannula=bool(cannula),
        beard_m=float(0.004 + 0.014 * length) if beard else 0.0,
        scarf=tuple_of(0.03 + 0.5 * np.array([red, green, blue]) ** 2) if scarf else None,
    )


def draw_glasses(rng: np.random.Generator) -> Glasses:
    """A pair of any shape and colour."""
    half_width = float(rng.uniform(0.0215, 0.0265))
    return Glasses(
        power=float(rng.uniform(2.0, 6.0)),
        lens_half_m=(half_width, half_width * float(rng.uniform(0.72, 0.98))),
        rim_m=float(rng.choice([0.0007, 0.0014, 0.0022])),
        colour=_FRAME_COLOURS[int(rng.integers(len(_FRAME_COLOURS)))],
        slip_m=float(max(0.0, rng.uniform(-0.006, 0.010))),
        glints=bool(rng.random() < _GLINT_SHARE),
    )


def tuple_of(colour: npt.NDArray[np.floating]) -> Rgb:
    """Three floats of an array."""
    red, green, blue = (float(value) for value in colour)
    return red, green, blue


def plain(
    colour: Rgb, *, roughness: float = 0.5, specular: float = 0.3, softness: float = 0.0
) -> Material:
    """A surface of one linear colour."""
    return Material(
        key="plain",
        texture=_WHITE,
        tint=colour,
        roughness=roughness,
        specular=specular,
        softness=softness,
    )


def glasses(pair: Glasses, body: FloatArray, eyes: tuple[FloatArray, FloatArray]) -> list[Part]:
    """Rims, bridge, nose pads and temples of a person who faces front.

    Args:
        pair: the glasses.
        body: (V, 3) skin of the resting person.
        eyes: middle of the left and of the right eyeball.
    """
    surface = plain(pair.colour, roughness=0.25, specular=0.6)
    left, right = eyes
    middle = (left + right) / 2.0
    half_x, half_y = pair.lens_half_m
    near = np.abs(body[:, 1] - middle[1]) < 0.03  # noqa: PLR2004
    front = float(body[near & (np.abs(body[:, 0]) < 0.055)][:, 2].max()) + 0.0015  # noqa: PLR2004
    ridge = near & (np.abs(body[:, 0]) < 0.004)  # noqa: PLR2004
    front = min(front, float(body[ridge][:, 2].max()) + 0.004)
    height = float(middle[1]) - 0.004 - pair.slip_m
    apart = max(float(left[0] - right[0]) / 2.0, half_x + 0.008)
    angle = np.linspace(0.0, 2.0 * np.pi, 41)
    rim = np.stack([_bent(np.cos(angle), pair.power) * half_x,
                    _bent(np.sin(angle), pair.power) * half_y], axis=1)  # fmt: skip
    ear = _widest(body, height)
    skull = _widest(body[body[:, 2] > ear[2] + 0.028], height)[0]
    parts = []
    for side in (1.0, -1.0):
        # Lenses bend back towards the temples.
        x = side * (apart + rim[:, 0])
        z = front - 3.0 * np.maximum(np.abs(x) - 0.018, 0.0) ** 2
        path = np.stack([x, height + rim[:, 1], z], axis=1)
        parts.append(tube(path, pair.rim_m, surface))
        outer = path[int(np.argmax(side * path[:, 0]))]
        arm = np.array([
            outer,
            [outer[0] + side * 0.003, height + 0.2 * half_y, outer[2] - 0.003],
            [side * (skull + 0.004), height + 0.008, ear[2] + 0.045],
            [side * (skull + 0.003), height + 0.009, ear[2] + 0.012],
            [side * (skull - 0.002), height + 0.004, ear[2] - 0.012],
        ])  # fmt: skip
        parts.append(tube(arm, max(pair.rim_m, 0.0012), surface))
        if pair.glints:
            at = (side * apart + 0.3 * half_x, height + 0.3 * half_y, front - 0.0005)
            parts.append(box(at, (0.12 * half_x, 0.16 * half_y, 0.0002), surface))
    inner = apart - half_x
    arc = np.linspace(-1.0, 1.0, 9)
    bridge = np.stack([inner * arc, height + 0.3 * half_y + 0.003 * (1 - arc**2),
                       front + 0.001 * (1 - arc**2)], axis=1)  # fmt: skip
    parts.append(tube(bridge, max(pair.rim_m, 0.001), surface))
    glints = [p for p in parts if len(p.positions) == 24]  # noqa: PLR2004  (boxes)
    frame = joined([p for p in parts if len(p.positions) != 24])  # noqa: PLR2004
    if not glints:
        return [frame]
    lit = joined(glints)
    return [frame, Part(positions=lit.positions, normals=lit.normals, uv=lit.uv, faces=lit.faces,
                        material=plain((1.0, 1.05, 1.1), roughness=1.0, specular=0.0))]  # fmt: skip


def cannula(body: FloatArray, eye_centre: FloatArray) -> list[Part]:
    """Oxygen tube: from ear to ear under the nose, two prongs, down in front of the ears.

    Args:
        body: (V, 3) skin, moved by its muscles, facing front.
        eye_centre: point between the eyes.
    """
    surface = plain(_TUBE_COLOUR, roughness=0.15, specular=0.8, softness=0.5)
    ridge = body[np.abs(body[:, 0]) < 0.006]  # noqa: PLR2004
    below = eye_centre[1] - ridge[:, 1]
    tip = ridge[(below > 0.02) & (below < 0.06)]  # noqa: PLR2004
    tip_y = float(tip[np.argmax(tip[:, 2])][1])
    lip_y = tip_y - 0.013
    turn = np.radians(np.linspace(-78.0, 78.0, 41))
    climb = 0.050 * (np.abs(turn) / turn.max()) ** 2.2
    axis_z = float(eye_centre[2]) - 0.085
    path = np.stack(
        [_on_skin(body, a, lip_y + r, axis_z) for a, r in zip(turn, climb, strict=True)]
    )
    # A tube bridges hollows that a single point would fall into.
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
    padded = np.concatenate([path[:1], path[:1], path, path[-1:], path[-1:]])
    smooth = np.stack([np.convolve(padded[:, i], kernel, mode="valid") for i in range(3)], axis=1)
    parts = [tube(smooth, 0.0024, surface)]
    centre = smooth[len(smooth) // 2]
    for side in (1.0, -1.0):
        foot = centre + np.array([side * 0.0065, 0.0, -0.001])
        rise = np.array([[0.0, 0.0, 0.0], [0.0, 0.006, -0.001], [-side * 0.0005, 0.012, -0.006]])
        parts.append(tube(foot + rise, 0.0022, surface))
    return [joined(parts)]


def _on_skin(body: FloatArray, turn: float, height: float, axis_z: float) -> FloatArray:
    """The outermost skin at an angle about a vertical axis through the head, and a tube's radius.

    Args:
        body: (V, 3).
        turn: radians, 0 in front, positive on the person's left.
        height: y.
        axis_z: where the axis stands.
    """
    x, y, z = body.T
    angle = np.arctan2(x, z - axis_z)
    radius = np.hypot(x, z - axis_z)
    weight = np.exp(-(((angle - turn) / 0.06) ** 2) - ((y - height) / 0.005) ** 2)
    weight *= radius > 0.05  # noqa: PLR2004  (not the mouth's inside)
    outer = radius > np.quantile(radius[weight > 0.2], 0.3) if (weight > 0.2).any() else weight > 0  # noqa: PLR2004
    weight = weight * outer
    reach = float((weight * radius).sum() / max(weight.sum(), 1e-9)) + 0.0028
    return np.array([reach * np.sin(turn), height, axis_z + reach * np.cos(turn)], dtype=np.float32)


def _widest(body: FloatArray, height: float) -> FloatArray:
    """Where the head is widest at a height: the ear."""
    band = body[np.abs(body[:, 1] - height) < 0.008]  # noqa: PLR2004
    return np.asarray(band[np.argmax(band[:, 0])], dtype=np.float32)


def _bent(value: npt.NDArray[np.floating], power: float) -> npt.NDArray[np.floating]:
    return np.asarray(np.sign(value) * np.abs(value) ** (2.0 / power))
