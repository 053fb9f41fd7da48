"""A face as the model sees it, found by the daemon's own tracker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.track import Landmarker
from pain.align import CROP_SIZE, crop_matrix, pose_normalise
from pain.crop import aligned_crop
from pain.values import NoFace, Reason
from train.data.pictures import Picture
from train.experiment.schema import View
from train.preprocess import thesis_picture
from train.track.look import look_at_picture
from train.track.settings import TrackerSettings

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceView:
    """One face.

    Attributes:
        name: of the picture file.
        picture: uint8 (256, 256, 3) RGB, what a picture backbone sees.
        points: float32 (478, 2), landmarks in pixels of ``picture``; some may lie outside.
        landmarks: float32 (478, 3), pose-normalised, what a landmark backbone sees.
        blendshapes: float32 (52,).
    """

    name: str
    picture: Picture
    points: Floats
    landmarks: Floats
    blendshapes: Floats


def view_face(
    name: str,
    picture: Picture,
    *,
    view: View,
    landmarker: Landmarker,
    settings: TrackerSettings,
) -> FaceView | Reason:
    """Find the face in a picture and cut out what the model sees.

    Args:
        name: of the picture file.
        picture: uint8 (H, W, 3) RGB.
        view: of the model's experiment.
        landmarker: the tracker's model.
        settings: of the tracker.

    Returns:
        The face, or why the daemon would not score this picture.
    """
    # The tracker may black out parts of what it is given.
    face = look_at_picture(picture.copy(), landmarker=landmarker, settings=settings)
    if isinstance(face, NoFace):
        return face.reason
    if view is View.THESIS:
        seen, matrix = thesis_picture(picture), thesis_matrix(*picture.shape[:2])
    else:
        seen = aligned_crop(picture, face.landmarks)
        matrix = crop_matrix(face.landmarks)
    flat = np.concatenate([face.landmarks[:, :2], np.ones((len(face.landmarks), 1))], axis=1)
    return FaceView(
        name=name,
        picture=seen,
        points=(flat @ matrix.T).astype(np.float32),
        landmarks=pose_normalise(face.landmarks, face.pose),
        blendshapes=face.blendshapes,
    )


def thesis_matrix(height: int, width: int) -> npt.NDArray[np.float64]:
    """From pixels of a picture to those of its thesis view, (2, 3)."""
    scale = CROP_SIZE / min(height, width)
    left = (width * scale - CROP_SIZE) / 2
    top = (height * scale - CROP_SIZE) / 2
    return np.array([[scale, 0.0, -left], [0.0, scale, -top]])
