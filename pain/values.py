"""The value types that cross borders: Frame -> Face | NoFace -> Reading -> Trend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pain.action_units import ActionUnit


class Reason(StrEnum):
    """Why there is no level. Never shown as 0."""

    NO_FACE = "no_face"
    TOO_SMALL = "too_small"
    TURNED_AWAY = "turned_away"
    BLURRED = "blurred"
    TOO_DARK = "too_dark"
    OCCLUDED = "occluded"
    SEVERAL_FACES = "several_faces"
    MOTIONLESS = "motionless"
    CAMERA_LOST = "camera_lost"
    MODEL_FAILED = "model_failed"
    PAUSED = "paused"
    WARMING_UP = "warming_up"
    NOT_RESIDENT = "not_resident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture from a camera. Lives and dies in the vision worker.

    Attributes:
        image: uint8 (H, W, 3), RGB.
        captured_s: monotonic capture time, seconds.
        wall_time: the same moment on the wall clock, UTC.
        sequence: position in the stream since it was opened; gaps are dropped frames.
    """

    image: npt.NDArray[np.uint8]
    captured_s: float
    wall_time: datetime
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Axis-aligned box in frame pixels; ``x`` and ``y`` are the left and top edge."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in pixels."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPose:
    """Head rotation in degrees as the camera sees it.

    Attributes:
        yaw_deg: positive when the face turns towards the right edge of the picture.
        pitch_deg: positive when the face looks up.
        roll_deg: positive when the head tilts counter-clockwise in the picture.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The resident's face in one frame.

    Attributes:
        box: tight box around the landmarks, frame pixels.
        landmarks: float32 (478, 3), frame pixels; x right, y down, z on the scale of x with
            smaller nearer to the camera.
        blendshapes: float32 (52,) in 0..1, ordered as ``pain.action_units.BLENDSHAPES``.
        pose: head rotation.
        height_px: height of the face in frame pixels (top of forehead to chin landmark).
        sharpness: standard deviation of the Laplacian over the face, relative to its contrast;
            higher is sharper.
        brightness: mean luma of the face, 0..255.
        crop: uint8 (256, 256, 3) RGB aligned crop, or None when no model asked for one.
        track: number of the unbroken sequence of frames in which this face was followed; another
            number may be another person.
        alone: whether no face near it is known of, and none that could be the resident's.
    """

    box: Box
    landmarks: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    pose: HeadPose
    height_px: float
    sharpness: float
    brightness: float
    crop: npt.NDArray[np.uint8] | None = None
    track: int = 0
    alone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFace:
    """No face that may be scored, and why."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the model says of one face.

    Attributes:
        level: calibrated pain level, 0..6.
        probabilities: seven calibrated probabilities of levels 0..6, sum 1.
        pspi: PSPI estimate 0..16, or None when the model gives none.
        action_units: AU intensities 0..5, the explanation.
        confidence: 0..1, probability mass within one level of the level.
    """

    level: float
    probabilities: tuple[float, ...]
    pspi: float | None
    action_units: Mapping[ActionUnit, float]
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """There is no score, and why."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One frame's outcome; all that ever leaves the vision worker.

    Attributes:
        captured_s: monotonic capture time of the frame, seconds.
        wall_time: the same moment, UTC.
        sequence: the frame's position in the stream.
        outcome: a score, or unavailable with its reason.
        face_height_px: height of the tracked face, None without one.
    """

    captured_s: float
    wall_time: datetime
    sequence: int
    outcome: Score | Unavailable
    face_height_px: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Scores smoothed over time.

    Attributes:
        at_s: monotonic time of this estimate, seconds.
        level: smoothed level 0..6, or None while coverage is too low to say.
        spread: standard deviation of the levels around it, in levels; None without a level.
        coverage: share of the window with valid scores, 0..1.
        corrected_level: level above the resident's own neutral baseline; None without one.
        pspi: smoothed PSPI 0..16, None when the model gives none.
        action_units: smoothed AU intensities 0..5.
        confidence: smoothed confidence 0..1, None without a level.
        reason: why there is no level (the most frequent reason in the window), else None.
        asleep: eyes closed for long without any other sign of pain; marks, and holds nothing back.
    """

    at_s: float
    level: float | None
    spread: float | None
    coverage: float
    corrected_level: float | None
    pspi: float | None
    action_units: Mapping[ActionUnit, float]
    confidence: float | None
    reason: Reason | None
    asleep: bool = False
