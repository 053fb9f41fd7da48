"""Where and how a clip is filmed: place, camera, light, dress and film, fixed for its length."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.values import HeadPose
from train.residents.care_room import Light, Place, draw_care_lights
from train.residents.dress import BARE, Dress, draw_dress
from train.residents.everyday import Traits, draw_traits
from train.residents.figure import FACING
from train.residents.film import Film
from train.residents.identity import Resident, Rgb
from train.residents.skin import draw_lag
from train.residents.studio import exposure_share
from train.residents.view import Camera, Lights, lamp

FloatArray = npt.NDArray[np.float32]

HEAD_AT: Final = np.array([0.0, 0.735, 0.131], dtype=np.float32)
"""Where bed and armchair expect the point between the eyes (metres)."""

_NIGHTGOWN: Final = (0.74, 0.76, 0.84)
_NIGHTGOWN_DROP_M: Final = 0.03
_LIGHT_SHARES: Final = (0.35, 0.30, 0.15, 0.20)
_FURTHEST_ASIDE_M: Final = 2.3
"""The side walls are 3 m away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything about a clip but the story.

    Attributes:
        place: where the person rests and the camera hangs; ``light``: what lights the room.
        camera: fixed; ``lights``: fixed.
        film: quality; its exposure is that of the resting figure, None for a fixed brightness.
        traits: what lasts in the face; ``dress``: what is worn.
        garment: sRGB 0..1 and metres that its neckline lies lower, None for the person's own.
        lag: how far each group of lines follows the expression.
        rest: how the head rests on pillow or chair back, added to the story's pose.
        paint: factors on the colours of wall, dado, curtain and blanket.
        seed: of the room's folds and the sensor's noise.
    """

    place: Place
    light: Light
    camera: Camera
    lights: Lights
    film: Film | None = None
    traits: Traits = field(default_factory=Traits)
    dress: Dress = BARE
    garment: tuple[Rgb, float] | None = None
    lag: dict[str, float] = field(default_factory=dict)
    rest: HeadPose = FACING
    paint: dict[str, Rgb] = field(default_factory=dict)
    seed: tuple[int, ...]

    def head_pose(self, pose: HeadPose) -> HeadPose:
        """Head turn against the trunk, from the story's."""
        return HeadPose(
            yaw_deg=self.rest.yaw_deg + pose.yaw_deg,
            pitch_deg=self.rest.pitch_deg + pose.pitch_deg,
            roll_deg=self.rest.roll_deg + pose.roll_deg,
        )

    def seen_pose(self, pose: HeadPose) -> HeadPose:
        """Head pose as the picture shows it, from the story's."""
        return self.camera.seen_pose(self.head_pose(pose))


def demo_scene(seed: int) -> Scene:
    """The bed of the shipped clip, seen from its foot by day."""
    return Scene(
        place=Place.BEDSIDE,
        light=Light.WINDOW,
        camera=Camera(
            target=np.array([0.06, 0.60, 0.05], dtype=np.float32),
            azimuth_deg=-6.0,
            elevation_deg=12.0,
            roll_deg=0.0,
            distance_m=2.9,
            height_m=1.0,
        ),
        lights=Lights(
            lamps=(
                lamp(azimuth_deg=-48.0, elevation_deg=34.0, strength=1.5, colour=(1.0, 0.98, 0.95)),
                lamp(azimuth_deg=50.0, elevation_deg=35.0, strength=0.5, colour=(1.0, 0.9, 0.75)),
            ),
            ambient=(0.62, 0.62, 0.64),
        ),
        garment=(_NIGHTGOWN, _NIGHTGOWN_DROP_M),
        seed=(seed, 6),
    )


def draw_scene(
    resident: Resident, rng: np.random.Generator, *, light: Light | None = None
) -> Scene:
    """A scene of style ``full``; nothing of it depends on the story.

    Args:
        resident: the person.
        rng: source of chance.
        light: what lights the room; drawn when None.
    """
    traits, dress = draw_traits(rng), draw_dress(resident, rng)
    place = list(Place)[int(rng.integers(len(Place)))]
    drawn = Light(str(rng.choice(list(Light), p=_LIGHT_SHARES)))
    light = light or drawn
    camera = _draw_camera(place, rng)
    lights = draw_care_lights(light, camera, rng)
    # The window is on the person's right, the lamp on the left.
    if light in {Light.WINDOW, Light.NIGHT_LAMP}:
        lights = _shining_from(lights, -1.0 if light is Light.WINDOW else 1.0)
    in_bed = place is not Place.CHAIR
    return Scene(
        place=place,
        light=light,
        camera=camera,
        lights=lights,
        film=_draw_film(light, exposure_share(resident), rng),
        traits=traits,
        dress=dress,
        garment=(_nightgown(rng), _NIGHTGOWN_DROP_M) if in_bed else None,
        lag=draw_lag(rng),
        rest=_draw_rest(camera, rng),
        paint={name: _tint(rng) for name in ("wall", "dado", "curtain", "blanket", "chair")},
        seed=(resident.seed, int(rng.integers(2**31))),
    )


def _draw_camera(place: Place, rng: np.random.Generator) -> Camera:
    """Fixed on head and chest, 1 to 4 m away, as somebody would aim it."""
    match place:
        case Place.CORNER:
            aside, elevation, distance = rng.uniform(4, 32), rng.uniform(16, 32), (2.4, 4.0)
        case Place.BEDSIDE:
            aside, elevation, distance = rng.uniform(8, 38), rng.uniform(4, 22), (1.2, 2.4)
        case _:
            aside, elevation, distance = rng.uniform(0, 30), rng.uniform(0, 14), (1.4, 3.2)
    azimuth = float(rng.choice([-1.0, 1.0]) * aside)
    far = min(
        float(rng.uniform(*distance)), _FURTHEST_ASIDE_M / max(np.sin(np.radians(aside)), 0.1)
    )
    shift = rng.uniform((-0.10, -0.14, -0.05), (0.10, -0.02, 0.05))
    return Camera(
        target=np.asarray(HEAD_AT + shift, dtype=np.float32),
        azimuth_deg=azimuth,
        elevation_deg=float(elevation),
        roll_deg=float(rng.normal(0.0, 2.0)),
        distance_m=far,
        height_m=float(rng.uniform(0.7, 1.1)),
    )


def _draw_rest(camera: Camera, rng: np.random.Generator) -> HeadPose:
    """Half turned to who comes in, and so to the camera; up, the more it lies, as in bed."""
    return HeadPose(
        yaw_deg=float(np.clip(rng.uniform(0.0, 0.5) * camera.azimuth_deg, -12.0, 12.0)),
        pitch_deg=float(rng.uniform(0.2, 0.5) * camera.elevation_deg),
        roll_deg=0.0,
    )


def _shining_from(lights: Lights, side: float) -> Lights:
    """The same lamps, mirrored if the key lamp is not on a side (-1 the person's right)."""
    key, fill = lights.lamps
    if key.direction[0] * side >= 0.0:
        return lights
    mirror = np.array([-1.0, 1.0, 1.0], dtype=np.float32)
    first, second = (replace(one, direction=one.direction * mirror) for one in (key, fill))
    return replace(lights, lamps=(first, second))


def _draw_film(light: Light, brightness: float, rng: np.random.Generator) -> Film:
    dark = light in {Light.NIGHT_LAMP, Light.INFRARED}
    infrared = light is Light.INFRARED
    exposure = float(rng.uniform(0.10, 0.22) if dark else rng.uniform(0.16, 0.30))
    return Film(
        exposure=exposure * (1.0 if infrared else brightness),
        blur_px=float(rng.uniform(0.0, 0.9)),
        noise=float(rng.uniform(0.01, 0.04) if dark else rng.uniform(0.0, 0.015)),
        jpeg_quality=0,
        saturation=float(rng.uniform(0.65, 1.1)),
        near_infrared=infrared,
        crf=int(rng.integers(20, 31)),
    )


def _nightgown(rng: np.random.Generator) -> Rgb:
    red, green, blue = (float(value) for value in rng.uniform(0.45, 0.9, 3))
    return red, green, blue


def _tint(rng: np.random.Generator) -> Rgb:
    light = rng.uniform(0.6, 1.1)
    red, green, blue = (float(light * value) for value in rng.uniform(0.85, 1.1, 3))
    return red, green, blue
