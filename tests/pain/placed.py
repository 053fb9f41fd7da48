"""Faces at chosen places of noisy pictures, for tests of the crop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from pain.align import ALIGNMENT_TEMPLATE, CROP_SIZE, EYES_AND_MOUTH, LANDMARK_COUNT, crop_matrix

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def face(*, angle_deg: float, scale: float, centre: tuple[float, float]) -> Floats:
    """Landmarks whose crop has its middle at a place of the picture."""
    angle = np.radians(angle_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = np.zeros((LANDMARK_COUNT, 3), np.float32)
    for pair, anchor in zip(EYES_AND_MOUTH, ALIGNMENT_TEMPLATE, strict=True):
        landmarks[list(pair), :2] = turn @ (anchor - CROP_SIZE / 2) + centre
    return landmarks


def turned(angle_deg: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    angle = np.radians(angle_deg)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def face_at(
    *, angle_deg: float = 0.0, scale: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Landmarks whose eye and mouth corners are the template, moved by a similarity."""
    landmarks = np.zeros((LANDMARK_COUNT, 3), np.float32)
    corners = ((-20.0, 0.0), (20.0, 0.0))
    for pair, anchor in zip(EYES_AND_MOUTH, ALIGNMENT_TEMPLATE, strict=True):
        for index, corner in zip(pair, corners, strict=True):
            landmarks[index, :2] = apply(
                turned(angle_deg, scale, shift), (anchor + corner)[None, :]
            )[0]
    return landmarks


def noise(seed: int, height: int, width: int) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def inverse_of(landmarks: Floats) -> Doubles:
    """From pixels of the crop to pixels of the picture."""
    return np.asarray(np.linalg.inv(np.vstack([crop_matrix(landmarks), [0.0, 0.0, 1.0]]))[:2])


halves = st.integers(-40, 200).map(lambda half: half / 2)
"""Places that put a pixel of the crop exactly between pixels: there rounding meets ties."""
sizes = st.tuples(st.integers(1, 160), st.integers(1, 160))
angles = st.floats(-180, 180) | st.sampled_from([0.0, 90.0, 180.0])
scales = st.floats(-4, 2.5).map(lambda power: 2.0**power) | st.sampled_from([0.5, 1.0, 2.0, 3.0])
places = st.tuples(st.floats(-60, 220) | halves, st.floats(-60, 220) | halves)
seeds = st.integers(0, 2**32 - 1)
