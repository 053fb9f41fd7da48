"""A held-out world: skins, lights and views that no style for training ever shows.

Expressions, labels, traits and dress are those of ``full``. Each picture differs from ``full`` in
skin, in light and in view at once. Nothing may be trained on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.values import HeadPose
from train.residents.care_room import Circumstances, draw_care_film
from train.residents.identity import Resident, Rgb
from train.residents.view import Camera, Lights, lamp

FloatArray = npt.NDArray[np.float32]

Range = tuple[float, float]

_SKIN: Final = "middleage"

# The middle-aged textures are less red than the old ones that the tones were drawn for.
_TONE_CHANGE: Final[Mapping[str, Rgb]] = {
    "african": (1.0, 0.75, 0.55),
    "asian": (0.95, 0.85, 0.75),
    "caucasian": (1.0, 1.0, 1.0),
}


class UnseenPlace(StrEnum):
    """Where the camera is; each goes beyond the ranges of ``care_room``."""

    ON_THE_SIDE = "lying-on-the-side"
    SHELF = "high-shelf"
    LAP = "tablet-in-lap"
    BESIDE = "from-beside"


class UnseenLight(StrEnum):
    """What lights the room; none is of ``care_room``'s families."""

    TELEVISION = "television"
    LOW_SUN = "low-sun"
    TWO_WINDOWS = "two-windows"
    LAMP_BELOW = "lamp-from-below"
    FLUORESCENT = "green-fluorescent"


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """Ranges of a place; ``roll_deg`` and ``yaw_deg`` are sizes, the side is drawn.

    Attributes:
        raised: share of the camera's elevation by which the face is turned up to it.
    """

    elevation_deg: Range
    distance_m: Range
    roll_deg: Range = (0.0, 12.0)
    yaw_deg: Range = (0.0, 35.0)
    raised: float = 0.0


_VIEWS: Final[Mapping[UnseenPlace, _View]] = {
    # care_room rolls the camera by 30 degrees at most.
    UnseenPlace.ON_THE_SIDE: _View(
        elevation_deg=(-5.0, 20.0), distance_m=(1.0, 2.5), roll_deg=(34.0, 46.0), raised=0.5
    ),
    # care_room looks down by 38 degrees at most.
    UnseenPlace.SHELF: _View(elevation_deg=(40.0, 50.0), distance_m=(2.0, 4.0), raised=0.6),
    # care_room looks up by 8 degrees at most and stays a metre away.
    UnseenPlace.LAP: _View(elevation_deg=(-20.0, -9.0), distance_m=(0.6, 0.95)),
    # Three in a hundred views of care_room are so far from the side.
    UnseenPlace.BESIDE: _View(
        elevation_deg=(-5.0, 15.0), distance_m=(1.2, 3.5), yaw_deg=(45.0, 54.0)
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lighting:
    """Ranges of a light; angles are against the face, the side of the key lamp is drawn.

    Attributes:
        turn_deg: how far from in front of the person; ``rise_deg``: height over the eyes.
        strength: of the key lamp; ``ambient``: of the light from everywhere.
        colour: of the key lamp; ``around``: of everything else.
        second: strength of the lamp on the other side, as a share of the key lamp's.
        dark: whether the camera has little light.
    """

    turn_deg: Range
    rise_deg: Range
    strength: Range
    ambient: Range
    colour: Rgb
    around: Rgb
    second: Range
    dark: bool = False


_LIGHTINGS: Final[Mapping[UnseenLight, _Lighting]] = {
    UnseenLight.TELEVISION: _Lighting(
        turn_deg=(0.0, 20.0), rise_deg=(-32.0, -15.0), strength=(1.2, 2.0), ambient=(0.08, 0.16),
        colour=(0.55, 0.78, 1.0), around=(0.7, 0.8, 1.0), second=(0.0, 0.06), dark=True,
    ),
    UnseenLight.LOW_SUN: _Lighting(
        turn_deg=(84.0, 105.0), rise_deg=(2.0, 12.0), strength=(4.4, 5.5), ambient=(0.12, 0.20),
        colour=(1.0, 0.78, 0.48), around=(0.75, 0.85, 1.0), second=(0.0, 0.03),
    ),
    UnseenLight.TWO_WINDOWS: _Lighting(
        turn_deg=(65.0, 95.0), rise_deg=(12.0, 30.0), strength=(1.8, 2.6), ambient=(0.14, 0.26),
        colour=(0.92, 0.97, 1.0), around=(1.0, 0.97, 0.92), second=(0.6, 1.0),
    ),
    UnseenLight.LAMP_BELOW: _Lighting(
        turn_deg=(20.0, 65.0), rise_deg=(-45.0, -25.0), strength=(1.4, 2.2), ambient=(0.12, 0.20),
        colour=(1.0, 0.74, 0.46), around=(1.0, 0.8, 0.6), second=(0.0, 0.08), dark=True,
    ),
    UnseenLight.FLUORESCENT: _Lighting(
        turn_deg=(0.0, 40.0), rise_deg=(58.0, 80.0), strength=(0.6, 1.0), ambient=(0.30, 0.45),
        colour=(0.78, 1.0, 0.76), around=(0.80, 1.0, 0.78), second=(0.1, 0.3), dark=True,
    ),
}  # fmt: skip


def in_unseen_skin(resident: Resident) -> Resident:
    """The same person in a middle-aged texture; the lines of age stay the person's own."""
    red, green, blue = (
        tone * change
        for tone, change in zip(resident.tone, _TONE_CHANGE[resident.ancestry], strict=True)
    )
    return replace(resident, skin=_SKIN, tone=(red, green, blue))


def draw_unseen(
    eye_centre: FloatArray, brightness: float, size_px: int, rng: np.random.Generator
) -> Circumstances:
    """A view and a light, each beyond those of ``care_room.draw_circumstances``.

    Args:
        eye_centre: point (3,) between the eyes.
        brightness: factor on the exposure, 1 for light skin.
        size_px: side of the picture.
        rng: source of chance.
    """
    place = list(UnseenPlace)[int(rng.integers(len(UnseenPlace)))]
    light = list(UnseenLight)[int(rng.integers(len(UnseenLight)))]
    camera, pose = _draw_view(_VIEWS[place], eye_centre, rng)
    detail = camera.height_m * float(rng.uniform(1200.0, 1900.0)) / camera.distance_m
    film = draw_care_film(
        brightness,
        detail_px=min(size_px, round(detail)),
        size_px=size_px,
        dark=_LIGHTINGS[light].dark,
        infrared=False,
        rng=rng,
    )
    lights = _draw_lights(_LIGHTINGS[light], rng)
    return Circumstances(
        place=place, light=light, camera=camera, pose=pose, lights=lights, film=film
    )


def _draw_view(
    view: _View, eye_centre: FloatArray, rng: np.random.Generator
) -> tuple[Camera, HeadPose]:
    yaw = _either_side(view.yaw_deg, rng)
    elevation = float(rng.uniform(*view.elevation_deg))
    by_head = float(rng.uniform(0.1, 0.5)) * yaw
    shift = rng.uniform(-0.02, 0.02, 2)
    camera = Camera(
        target=eye_centre + np.array([shift[0], shift[1] - 0.035, -0.06], dtype=np.float32),
        azimuth_deg=by_head - yaw,
        elevation_deg=elevation,
        roll_deg=_either_side(view.roll_deg, rng),
        distance_m=float(rng.uniform(*view.distance_m)),
        height_m=float(rng.uniform(0.30, 0.45)),
    )
    pose = HeadPose(
        yaw_deg=by_head,
        pitch_deg=float(rng.uniform(-8, 8)) + view.raised * elevation,
        roll_deg=float(rng.uniform(-6, 6)),
    )
    return camera, pose


def _draw_lights(lighting: _Lighting, rng: np.random.Generator) -> Lights:
    turn = _either_side(lighting.turn_deg, rng)
    strength = float(rng.uniform(*lighting.strength))
    key = lamp(
        azimuth_deg=turn,
        elevation_deg=float(rng.uniform(*lighting.rise_deg)),
        strength=strength,
        colour=lighting.colour,
    )
    other = lamp(
        azimuth_deg=-turn,
        elevation_deg=float(rng.uniform(*lighting.rise_deg)),
        strength=strength * float(rng.uniform(*lighting.second)),
        colour=lighting.colour,
    )
    level = float(rng.uniform(*lighting.ambient))
    red, green, blue = (level * part for part in lighting.around)
    return Lights(lamps=(key, other), ambient=(red, green, blue))


def _either_side(sizes: Range, rng: np.random.Generator) -> float:
    return float(rng.choice([-1.0, 1.0])) * float(rng.uniform(*sizes))
