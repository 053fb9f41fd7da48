"""Camera, lamps and their random placing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from pain.values import HeadPose
from train.residents.figure import rotation
from train.residents.identity import Rgb

FloatArray = npt.NDArray[np.float32]

_NEAR_M: Final = 0.15
_FAR_M: Final = 8.0

MAX_YAW_DEG: Final = 30.0
MAX_PITCH_DEG: Final = 20.0
MAX_ROLL_DEG: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A pinhole camera that circles a target.

    Attributes:
        target: float32 (3,), metres, the point in the middle of the picture.
        azimuth_deg: 0 stands in front, positive on the person's left.
        elevation_deg: positive stands higher and looks down.
        roll_deg: positive turns the picture's content clockwise.
        distance_m: to the target.
        height_m: what the picture's height covers at the target's distance.
    """

    target: FloatArray
    azimuth_deg: float
    elevation_deg: float
    roll_deg: float
    distance_m: float
    height_m: float

    def orientation(self) -> Rotation:
        """Rotation from camera axes (right, up, back) to the world."""
        return Rotation.from_euler(
            "YXZ", [self.azimuth_deg, -self.elevation_deg, self.roll_deg], degrees=True
        )

    def position(self) -> FloatArray:
        """Point (3,) of the pinhole."""
        back = self.orientation().apply([0.0, 0.0, self.distance_m])
        return np.asarray(self.target + back, dtype=np.float32)

    def view(self) -> FloatArray:
        """World to camera, (4, 4)."""
        matrix = np.eye(4, dtype=np.float32)
        matrix[:3, :3] = self.orientation().as_matrix().T
        matrix[:3, 3] = -matrix[:3, :3] @ self.position()
        return matrix

    def projection(self, aspect: float) -> FloatArray:
        """Camera to clip space, (4, 4)."""
        focal = 2.0 * self.distance_m / self.height_m
        depth = _FAR_M - _NEAR_M
        matrix = np.zeros((4, 4), dtype=np.float32)
        matrix[0, 0], matrix[1, 1] = focal / aspect, focal
        matrix[2, 2], matrix[2, 3] = -(_FAR_M + _NEAR_M) / depth, -2 * _FAR_M * _NEAR_M / depth
        matrix[3, 2] = -1.0
        return matrix

    def distance_of(self, depth: FloatArray) -> FloatArray:
        """Metres along the view axis of depth buffer values 0..1."""
        ndc = 2.0 * depth - 1.0
        return 2.0 * _FAR_M * _NEAR_M / (_FAR_M + _NEAR_M - ndc * (_FAR_M - _NEAR_M))

    def pixels_per_metre(self, rows: int) -> float:
        """Scale at the target in a picture of so many rows."""
        return rows / self.height_m

    def seen_pose(self, pose: HeadPose) -> HeadPose:
        """Head pose as the picture shows it, of a head that is turned by ``pose`` in the world."""
        seen = self.orientation().inv() * rotation(pose)
        yaw, pitch, roll = seen.as_euler("YXZ", degrees=True)
        return HeadPose(yaw_deg=float(yaw), pitch_deg=float(-pitch), roll_deg=float(roll))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A distant lamp: unit direction from the target, and linear colour times strength."""

    direction: FloatArray
    colour: Rgb


@dataclass(frozen=True, slots=True, kw_only=True)
class Lights:
    """A key lamp that casts shadows, a fill lamp that does not, and light from everywhere."""

    lamps: tuple[Lamp, Lamp]
    ambient: Rgb


def lamp(*, azimuth_deg: float, elevation_deg: float, strength: float, colour: Rgb) -> Lamp:
    """A lamp by its angles; azimuth 0 is in front of the person, positive on the person's left."""
    azimuth, elevation = np.radians([azimuth_deg, elevation_deg])
    direction = np.array(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.sin(elevation),
            np.cos(azimuth) * np.cos(elevation),
        ],
        dtype=np.float32,
    )
    red, green, blue = (strength * c for c in colour)
    return Lamp(direction=direction, colour=(red, green, blue))


def draw_lights(camera_azimuth_deg: float, rng: np.random.Generator) -> Lights:
    """Lamps around the camera's side: window, ceiling or bedside light, warm or cold."""
    key, fill = (
        lamp(
            azimuth_deg=camera_azimuth_deg + float(rng.uniform(-70, 70)),
            elevation_deg=float(rng.uniform(5, 65)),
            strength=float(strength),
            colour=_white(rng),
        )
        for strength in (rng.uniform(0.8, 2.2), rng.uniform(0.1, 1.0))
    )
    level = float(rng.uniform(0.35, 0.9))
    red, green, blue = _white(rng)
    return Lights(lamps=(key, fill), ambient=(level * red, level * green, level * blue))


def draw_view(eye_centre: FloatArray, rng: np.random.Generator) -> tuple[Camera, HeadPose]:
    """A camera and a head turn whose sum stays within yaw 30, pitch 20 and roll 10 degrees."""
    yaw = float(rng.uniform(-MAX_YAW_DEG, MAX_YAW_DEG))
    pitch = float(rng.uniform(-MAX_PITCH_DEG, MAX_PITCH_DEG))
    roll = float(rng.uniform(-MAX_ROLL_DEG, MAX_ROLL_DEG))
    by_head = float(rng.uniform(0.2, 0.8))
    height = float(rng.uniform(0.27, 0.38))
    shift = rng.uniform(-0.014, 0.014, 2)
    camera = Camera(
        target=eye_centre + np.array([shift[0], shift[1] - 0.035, -0.06], dtype=np.float32),
        azimuth_deg=-(1.0 - by_head) * yaw,
        elevation_deg=-(1.0 - by_head) * pitch,
        roll_deg=-(1.0 - by_head) * roll,
        distance_m=float(rng.uniform(0.8, 2.2)),
        height_m=height,
    )
    turn = HeadPose(yaw_deg=by_head * yaw, pitch_deg=by_head * pitch, roll_deg=by_head * roll)
    return camera, turn


def look_at(eye: FloatArray, target: FloatArray, up: FloatArray) -> FloatArray:
    """World to eye space, (4, 4)."""
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = np.stack([right, np.cross(back, right), back])
    matrix[:3, 3] = -matrix[:3, :3] @ eye
    return matrix


def orthographic(half_width: float, half_height: float, near: float, far: float) -> FloatArray:
    """Eye to clip space without perspective, (4, 4)."""
    matrix = np.eye(4, dtype=np.float32)
    matrix[0, 0], matrix[1, 1] = 1.0 / half_width, 1.0 / half_height
    matrix[2, 2], matrix[2, 3] = -2.0 / (far - near), -(far + near) / (far - near)
    return matrix


def _white(rng: np.random.Generator) -> Rgb:
    return (1.0, float(rng.uniform(0.93, 1.02)), float(rng.uniform(0.78, 1.1)))
