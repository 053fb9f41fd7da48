"""Circumstances of the repertoire ``full``: where the camera hangs, what light there is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.values import HeadPose
from train.residents.film import Film
from train.residents.view import Camera, Lights, lamp

FloatArray = npt.NDArray[np.float32]

MAX_SEEN_YAW_DEG: Final = 60.0

_LARGEST_TURN_DEG: Final = 35.0
_FOCAL_PX: Final = (1200.0, 1900.0)
"""Focal lengths of room cameras at 1080 rows: 77 to 54 degrees across."""

_BLURRED_SHARE: Final = 0.10
_MISEXPOSED_SHARE: Final = 0.12
_DEFOCUSED_SHARE: Final = 0.12


class Place(StrEnum):
    """Where the camera is and how the person rests."""

    BEDSIDE = "bedside"
    CORNER = "ceiling-corner"
    CHAIR = "armchair"


class Light(StrEnum):
    """What lights the room."""

    WINDOW = "window"
    CEILING = "ceiling"
    NIGHT_LAMP = "night-lamp"
    INFRARED = "infrared"


_LIGHT_SHARES: Final = (0.35, 0.30, 0.15, 0.20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """How one picture is taken; nothing of it depends on the expression."""

    place: StrEnum
    light: StrEnum
    camera: Camera
    pose: HeadPose
    lights: Lights
    film: Film


def draw_circumstances(
    eye_centre: FloatArray, brightness: float, size_px: int, rng: np.random.Generator
) -> Circumstances:
    """A camera 1 to 5 m away, in a ceiling corner, at the bedside or facing an armchair.

    Args:
        eye_centre: point (3,) between the eyes.
        brightness: factor on the exposure, 1 for light skin.
        size_px: side of the picture.
        rng: source of chance.
    """
    place = list(Place)[int(rng.integers(3))]
    light = Light(str(rng.choice(list(Light), p=_LIGHT_SHARES)))
    camera, pose = _draw_view(place, eye_centre, rng)
    detail = camera.height_m * float(rng.uniform(*_FOCAL_PX)) / camera.distance_m
    film = draw_care_film(
        brightness,
        detail_px=min(size_px, round(detail)),
        size_px=size_px,
        dark=light in {Light.NIGHT_LAMP, Light.INFRARED},
        infrared=light is Light.INFRARED,
        rng=rng,
    )
    lights = draw_care_lights(light, camera, rng)
    return Circumstances(
        place=place, light=light, camera=camera, pose=pose, lights=lights, film=film
    )


def _draw_view(
    place: Place, eye_centre: FloatArray, rng: np.random.Generator
) -> tuple[Camera, HeadPose]:
    yaw = MAX_SEEN_YAW_DEG * float(2.0 * rng.beta(3.0, 3.0) - 1.0)
    match place:
        case Place.CORNER:
            elevation, distance, roll = rng.uniform(12, 38), rng.uniform(2.5, 5.0), 12.0
            # A raised backrest turns the face up towards the ceiling.
            raised = 0.75 * elevation
        case Place.BEDSIDE:
            # Somebody who lies is seen with the head tilted.
            elevation, distance, roll = rng.uniform(-8, 25), rng.uniform(1.0, 2.5), 30.0
            raised = 0.5 * elevation
        case _:
            elevation, distance, roll = rng.uniform(-5, 18), rng.uniform(1.2, 4.0), 12.0
            raised = 0.0
    by_head = float(np.clip(rng.uniform(0.1, 0.6) * yaw, -_LARGEST_TURN_DEG, _LARGEST_TURN_DEG))
    shift = rng.uniform(-0.02, 0.02, 2)
    camera = Camera(
        target=eye_centre + np.array([shift[0], shift[1] - 0.035, -0.06], dtype=np.float32),
        azimuth_deg=by_head - yaw,
        elevation_deg=float(elevation),
        roll_deg=float(rng.uniform(-roll, roll)),
        distance_m=float(distance),
        height_m=float(rng.uniform(0.28, 0.45)),
    )
    pose = HeadPose(
        yaw_deg=by_head,
        pitch_deg=float(rng.uniform(-12, 12) + raised),
        roll_deg=float(rng.uniform(-10, 10)),
    )
    return camera, pose


def draw_care_lights(light: Light, camera: Camera, rng: np.random.Generator) -> Lights:
    """Lamps of a kind of light; a night camera's own lamp shines from where it is."""
    side = float(rng.choice([-1.0, 1.0]))
    cold = (0.92, 0.97, 1.0)
    warm = (1.0, float(rng.uniform(0.72, 0.85)), float(rng.uniform(0.45, 0.62)))
    neutral = (1.0, float(rng.uniform(0.94, 1.0)), float(rng.uniform(0.82, 1.0)))
    match light:
        case Light.WINDOW:
            turn, rise, strength, ambient, colour = rng.uniform(45, 88), 22, 2.2, 0.35, cold
        case Light.CEILING:
            turn, rise, strength, ambient, colour = rng.uniform(0, 60), 72, 1.4, 0.55, neutral
        case Light.NIGHT_LAMP:
            turn, rise, strength, ambient, colour = rng.uniform(30, 80), 12, 1.6, 0.14, warm
        case _:
            turn, rise, strength, ambient, colour = 0.0, 0, 1.8, 0.12, (1.0, 1.0, 1.0)
    vary = rng.uniform(0.7, 1.3, 3)
    azimuth, elevation = side * turn, rise + float(rng.uniform(-8, 8))
    if light is Light.INFRARED:
        # The lamps of a night camera sit around its lens.
        azimuth, elevation = camera.azimuth_deg, camera.elevation_deg
    key = lamp(
        azimuth_deg=float(azimuth),
        elevation_deg=float(elevation),
        strength=float(strength * vary[0]),
        colour=colour,
    )
    fill = lamp(
        azimuth_deg=float(-azimuth),
        elevation_deg=30.0,
        strength=float(0.5 * ambient * vary[1]),
        colour=neutral,
    )
    level = float(ambient * vary[2])
    red, green, blue = colour
    return Lights(lamps=(key, fill), ambient=(level * red, level * green, level * blue))


def draw_care_film(
    brightness: float,
    *,
    detail_px: int,
    size_px: int,
    dark: bool,
    infrared: bool,
    rng: np.random.Generator,
) -> Film:
    """What a room camera makes of the light.

    Args:
        brightness: factor on the exposure, 1 for light skin.
        detail_px: rows that the camera really has on the picture.
        size_px: side of the picture.
        dark: whether there is little light.
        infrared: whether it is the camera's own lamp.
        rng: source of chance.
    """
    exposure = float(rng.uniform(0.08, 0.22) if dark else rng.uniform(0.14, 0.34))
    if rng.random() < _MISEXPOSED_SHARE:
        exposure *= float(rng.choice([0.4, 2.0]))
    coded = rng.random() < 0.5  # noqa: PLR2004
    moved = rng.random() < _BLURRED_SHARE
    angle, way = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.006, 0.02)) * size_px
    defocus = float(rng.uniform(0.8, 1.8)) if rng.random() < _DEFOCUSED_SHARE else 0.0
    return Film(
        exposure=exposure * (1.0 if infrared else brightness),
        blur_px=(defocus or float(rng.uniform(0.0, 0.7))) * size_px / 288.0,
        noise=float(rng.uniform(0.01, 0.035) if dark else rng.uniform(0.0, 0.02)),
        jpeg_quality=int(rng.integers(60, 95)),
        saturation=float(rng.uniform(0.65, 1.1)),
        near_infrared=infrared,
        motion_px=(way * float(np.cos(angle)), way * float(np.sin(angle))) if moved else (0.0, 0.0),
        detail_px=detail_px if detail_px < size_px else 0,
        crf=int(rng.integers(18, 32)) if coded else 0,
    )
