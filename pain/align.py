"""Alignment: where a face lies and how its head is turned, for crops and for landmark features.

Training and the daemon use this same code; ``pain.crop`` cuts out what it places.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.values import HeadPose

CROP_SIZE: Final = 256
LANDMARK_COUNT: Final = 478

EYES_AND_MOUTH: Final[tuple[tuple[int, int], ...]] = ((33, 133), (362, 263), (61, 291))
"""Landmark pairs whose midpoints anchor the crop: the eye on the picture's left, the eye on its
right, the mouth (MediaPipe Face Mesh indices of corners)."""

ALIGNMENT_TEMPLATE: Final = np.array([(88.0, 104.0), (168.0, 104.0), (128.0, 188.0)], np.float64)
"""Where the anchors land in the crop, pixels: the whole face with brows and chin fits inside."""


def similarity(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Least-squares similarity transform (rotation, uniform scale, shift) in the plane.

    Closed form for complex numbers of Umeyama (1991), without reflection.

    Args:
        source: (n, 2) points, n >= 2, not all equal.
        target: (n, 2) where they should land.

    Returns:
        (2, 3) matrix M with target ~ M @ [x, y, 1].

    Raises:
        ValueError: all source points coincide.
    """
    src = source[:, 0] + 1j * source[:, 1]
    dst = target[:, 0] + 1j * target[:, 1]
    src_mean, dst_mean = src.mean(), dst.mean()
    centred = src - src_mean
    energy = float((np.abs(centred) ** 2).sum())
    if energy < np.finfo(np.float64).tiny:
        raise ValueError("all source points coincide, so no transform is defined")
    factor = complex((np.conj(centred) * (dst - dst_mean)).sum() / energy)
    shift = complex(dst_mean - factor * src_mean)
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def crop_matrix(landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Transform from frame pixels to crop pixels.

    Args:
        landmarks: float32 (478, 3), frame pixels.

    Returns:
        (2, 3) similarity matrix.
    """
    anchors = np.array(
        [landmarks[list(pair), :2].mean(axis=0) for pair in EYES_AND_MOUTH], np.float64
    )
    return similarity(anchors, ALIGNMENT_TEMPLATE)


def rotation_matrix(pose: HeadPose) -> npt.NDArray[np.float64]:
    """Rotation of the head from its angles, in a frame with x right, y up, z to the camera.

    Args:
        pose: yaw, pitch, roll in degrees.

    Returns:
        (3, 3) matrix R = R_y(yaw) R_x(-pitch) R_z(roll), face coordinates to camera coordinates.
    """
    # Written out: three small matrix products cost more than all of this, once in every frame.
    yaw, pitch, roll = map(math.radians, (pose.yaw_deg, -pose.pitch_deg, pose.roll_deg))
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    cr, sr = math.cos(roll), math.sin(roll)
    return np.array(
        [
            [cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp],
            [cp * sr, cp * cr, -sp],
            [-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp],
        ]
    )


def head_pose(rotation: npt.NDArray[np.float64]) -> HeadPose:
    """Angles of a head rotation; the inverse of ``rotation_matrix``.

    Args:
        rotation: (3, 3) in a frame with x right, y up, z to the camera; a uniform scale is
            allowed and removed.

    Returns:
        Yaw and roll in -180..180, pitch in -90..90 degrees.
    """
    _, (up_x, up_y, up_z), _ = rows = rotation.tolist()
    scale = math.sqrt(up_x * up_x + up_y * up_y + up_z * up_z)
    return HeadPose(
        yaw_deg=math.degrees(math.atan2(rows[0][2], rows[2][2])),
        pitch_deg=math.degrees(math.asin(min(max(up_z / scale, -1.0), 1.0))),
        roll_deg=math.degrees(math.atan2(up_x, up_y)),
    )


def pose_normalise(landmarks: npt.NDArray[np.float32], pose: HeadPose) -> npt.NDArray[np.float32]:
    """Free landmarks of position, head rotation and size, as a bundle's ``landmarks`` input wants.

    Args:
        landmarks: float32 (478, 3), frame pixels (y down, smaller z nearer).
        pose: head rotation of the same face.

    Returns:
        float32 (478, 3): x right, y up, z towards the camera, centred, unit root mean square.

    Raises:
        ValueError: ``landmarks`` has another shape, or all of its points coincide.
    """
    if landmarks.shape != (LANDMARK_COUNT, 3):
        raise ValueError(f"expected landmarks of shape (478, 3), got {landmarks.shape}")
    points = landmarks.astype(np.float64) * (1.0, -1.0, -1.0)
    points -= points.mean(axis=0)
    points = points @ rotation_matrix(pose)
    size = float(np.sqrt((points**2).sum(axis=1).mean()))
    if size == 0.0:
        raise ValueError("all landmarks coincide")
    return (points / size).astype(np.float32)
