"""What is near a face in a care home: pillow behind it, blanket below it, a hand at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from train.residents.dress import plain, tuple_of
from train.residents.identity import Rgb
from train.residents.parts import Part
from train.residents.solids import cushion, grid_part, joined, tube, waves

FloatArray = npt.NDArray[np.float32]

_IN_BED_SHARE: Final = 0.6
_BLANKET_SHARE: Final = 0.5
_HAND_SHARE: Final = 0.10
_BELOW: Final = np.array([0.0, -2.0, -0.6], dtype=np.float32)


class Hand(StrEnum):
    """Where a hand touches the face."""

    CHEEK = "hand-cheek"
    MOUTH = "hand-mouth"
    BROW = "hand-brow"
    CHIN = "hand-chin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """What is near a face in one picture.

    Attributes:
        pillow: behind the head; ``blanket_m``: how far below the eyes its edge lies, None for none.
        hand: where it touches, None for none; ``left``: whether it is the left one.
        linen: linear colour of the pillow; ``wool``: of the blanket.
        seed: of folds and fingers.
    """

    pillow: bool
    blanket_m: float | None
    hand: Hand | None
    left: bool
    linen: Rgb
    wool: Rgb
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """What is there, e.g. ``("pillow", "hand-cheek")``."""
        found = [name for name, on in (("pillow", self.pillow),
                                       ("blanket", self.blanket_m is not None)) if on]  # fmt: skip
        return (*found, *([self.hand.value] if self.hand else []))


def draw_nearby(rng: np.random.Generator) -> Nearby:
    """60 % lie on a pillow, half of those under a blanket; 10 % have a hand at the face."""
    in_bed, covered, touched = rng.random(3) < (_IN_BED_SHARE, _BLANKET_SHARE, _HAND_SHARE)
    drop = float(rng.uniform(0.115, 0.165))
    hand = list(Hand)[int(rng.integers(len(Hand)))]
    white = float(rng.uniform(0.45, 0.8))
    return Nearby(
        pillow=bool(in_bed),
        blanket_m=drop if in_bed and covered else None,
        hand=hand if touched else None,
        left=bool(rng.random() < 0.5),  # noqa: PLR2004
        linen=tuple_of(white * rng.uniform(0.85, 1.0, 3)),
        wool=tuple_of(rng.uniform(0.05, 0.6, 3)),
        seed=int(rng.integers(2**31)),
    )


def nearby_parts(things: Nearby, *, eye_centre: FloatArray) -> list[Part]:
    """Meshes of what is near a face that faces front.

    Args:
        things: what there is.
        eye_centre: point between the eyes.
    """
    rng = np.random.default_rng(things.seed)
    parts = []
    if things.pillow:
        parts.append(_pillow(eye_centre, things.linen, rng))
    if things.blanket_m is not None:
        parts.append(_blanket_edge(eye_centre, things.blanket_m, things.wool, rng))
    return parts


def hand_parts(things: Nearby, *, eye_centre: FloatArray, skin: Rgb) -> list[Part]:
    """The hand of ``nearby``, apart from the rest because it moves with the head.

    Args:
        things: what there is.
        eye_centre: point between the eyes of a person who faces front.
        skin: linear colour.
    """
    if things.hand is None:
        return []
    rng = np.random.default_rng([things.seed, 1])
    return [_hand(things.hand, eye_centre, skin, rng, left=things.left)]


def _pillow(eyes: FloatArray, colour: Rgb, rng: np.random.Generator) -> Part:
    x, y, z = (float(c) for c in eyes + np.array([rng.normal(0, 0.02), -0.06, -0.265]))
    surface = plain(colour, roughness=0.95, specular=0.0)
    return cushion((x, y, z), (0.34, 0.21, 0.10), surface, power=2.6, crumple=0.009, rng=rng)


def _blanket_edge(eyes: FloatArray, drop: float, colour: Rgb, rng: np.random.Generator) -> Part:
    """From the chin or the chest downwards, over the shoulders."""
    along, across = np.linspace(0.0, 1.0, 40)[:, None], np.linspace(-1.0, 1.0, 90)[None, :]
    x = 0.42 * across + 0.0 * along
    sag = 0.10 * np.abs(across) ** 1.5
    y = eyes[1] - drop - 0.26 * along - sag
    z = eyes[2] + 0.030 + 0.05 * np.sin(np.pi * np.clip(3 * along, 0, 1)) + 0.06 * along
    z = z - 0.16 * across**2
    ripple = 0.006 * waves((40, 90), 4.0, rng)
    # The edge is turned back and thick.
    roll = 0.012 * np.exp(-((along / 0.05) ** 2))
    grid = np.stack(np.broadcast_arrays(x, y + ripple, z + ripple + roll), axis=-1)
    return grid_part(grid, plain(colour, roughness=0.95, specular=0.0), outward=_BELOW)


# Where the finger tips touch and where the wrist is, from the eyes: x outward to the hand's side.
_POSES: Final = {
    Hand.CHEEK: ((0.050, -0.035, 0.030), (0.105, -0.150, 0.035)),
    Hand.MOUTH: ((-0.010, -0.080, 0.058), (0.080, -0.165, 0.085)),
    Hand.BROW: ((0.020, 0.035, 0.040), (0.120, -0.030, 0.085)),
    Hand.CHIN: ((0.025, -0.110, 0.045), (0.055, -0.215, 0.050)),
}


def _hand(
    where: Hand, eyes: FloatArray, skin: Rgb, rng: np.random.Generator, *, left: bool
) -> Part:
    """Forearm, palm, four bent fingers and a thumb of tubes."""
    surface = plain(skin, roughness=0.5, specular=0.2, softness=0.9)
    side = 1.0 if left else -1.0
    mirror = np.array([side, 1.0, 1.0])
    tips, wrist = (np.asarray(p) * mirror + eyes for p in _POSES[where])
    tips = tips + rng.normal(0.0, 0.006, 3)
    reach = tips - wrist
    length = float(np.linalg.norm(reach))
    ahead = reach / length
    out = np.array([0.0, 0.0, 1.0]) - ahead * ahead[2]
    out /= np.linalg.norm(out)
    across = np.cross(ahead, out)
    palm_end = wrist + 0.48 * reach + 0.016 * out
    parts = [
        tube(
            np.stack([wrist - 0.20 * ahead + [0, -0.06, 0.01], wrist, wrist + 0.05 * ahead]),
            np.array([0.034, 0.024, 0.010]),
            surface,
            sides=20,
        )
    ]
    for finger in range(4):
        place = (finger - 1.5) * 0.0185
        share = (0.93, 1.05, 1.0, 0.82)[finger] + float(rng.normal(0.0, 0.02))
        spread = 1.15 + float(rng.normal(0.0, 0.05))
        root, tip = palm_end + place * across, wrist + share * reach + spread * place * across
        knuckle = (root + tip) / 2.0 + float(rng.uniform(0.006, 0.014)) * out
        heel = wrist + 0.6 * place * across
        path = _curve([heel, root, knuckle, tip])
        width = np.interp(np.linspace(0, 1, len(path)), [0, 0.3, 0.45, 0.9, 1.0],
                          [0.015, 0.013, 0.0095, 0.0075, 0.0035])  # fmt: skip
        parts.append(tube(path, width, surface, sides=14))
    thumb_root = wrist + 0.25 * reach - 0.030 * side * across
    thumb = [wrist, thumb_root, thumb_root + 0.30 * reach - 0.014 * side * across + 0.004 * out]
    parts.append(tube(_curve(thumb), np.linspace(0.013, 0.007, 17), surface, sides=14))
    return joined(parts)


def _curve(points: list[npt.NDArray[np.floating]]) -> npt.NDArray[np.floating]:
    """Seventeen points along a smooth line near the given ones."""
    corner = np.stack(points)
    at = np.linspace(0.0, 1.0, 17)
    knots = np.linspace(0.0, 1.0, len(corner))
    line = np.stack([np.interp(at, knots, corner[:, i]) for i in range(3)], axis=1)
    inner = (line[:-2] + 2.0 * line[1:-1] + line[2:]) / 4.0
    return np.concatenate([line[:1], inner, line[-1:]])
