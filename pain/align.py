"""Alignment: the one code that makes training crops, daemon crops and landmark features.

Only numpy is used, so that a crop does not depend on which OpenCV happens to be installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pain.values import HeadPose

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Corners = Callable[[npt.NDArray[np.intp]], Iterator[list[Floats]]]
"""Pixels around places, channel by channel: upper left, upper right, lower left, lower right."""

CROP_SIZE: Final = 256
LANDMARK_COUNT: Final = 478

EYES_AND_MOUTH: Final[tuple[tuple[int, int], ...]] = ((33, 133), (362, 263), (61, 291))
"""Landmark pairs whose midpoints anchor the crop: the eye on the picture's left, the eye on its
right, the mouth (MediaPipe Face Mesh indices of corners)."""

ALIGNMENT_TEMPLATE: Final = np.array([(88.0, 104.0), (168.0, 104.0), (128.0, 188.0)], np.float64)
"""Where the anchors land in the crop, pixels: the whole face with brows and chin fits inside."""

_BLOCK_ROWS: Final = 32
"""Rows of the crop that are made at once: their arrays stay in a core's cache."""


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


def aligned_crop(
    image: npt.NDArray[np.uint8], landmarks: npt.NDArray[np.float32]
) -> npt.NDArray[np.uint8]:
    """Cut the face out, upright and at fixed scale, with bilinear sampling.

    Pixels outside the picture are black. A face larger than the crop is averaged down by whole
    factors first, so that fine wrinkles do not alias.

    Args:
        image: uint8 (H, W, 3) RGB.
        landmarks: float32 (478, 3), pixels of ``image``.

    Returns:
        uint8 (256, 256, 3) RGB.
    """
    forward = crop_matrix(landmarks)
    inverse = np.linalg.inv(np.vstack([forward, [0.0, 0.0, 1.0]]))[:2]
    x_axis, y_axis = (_Axis.of_row(row) for row in inverse)
    pixels_per_step = float(np.hypot(inverse[0, 0], inverse[1, 0]))
    factor = max(1, round(pixels_per_step))
    height, width = image.shape[:2]
    left, right = x_axis.span(factor, width)
    top, bottom = y_axis.span(factor, height)
    region = image[top:bottom, left:right]
    corners = _averaged_corners(region, factor) if factor > 1 else _corners(region)
    columns, rows = -(-(right - left) // factor), -(-(bottom - top) // factor)
    crop = np.empty((CROP_SIZE, CROP_SIZE, 3), np.uint8)
    for first in range(0, CROP_SIZE, _BLOCK_ROWS):
        block = slice(first, first + _BLOCK_ROWS)
        column, x = _split(x_axis.at(block), left, factor, columns)
        row, y = _split(y_axis.at(block), top, factor, rows)
        row *= columns + 2
        row += column
        x_left, y_up = 1 - x, 1 - y
        for channel, values in enumerate(corners(row.astype(np.intp))):
            upper_left, upper, lower_left, lower = values
            upper_left *= x_left
            upper *= x
            upper += upper_left
            lower_left *= x_left
            lower *= x
            lower += lower_left
            upper *= y_up
            lower *= y
            upper += lower
            crop[block, :, channel] = np.rint(upper, out=upper)
    return crop


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axis:
    """Picture coordinate of every crop pixel: ``across[column] + down[row] + shift``.

    Attributes:
        across, down: float64 (256,).
        shift: pixels.
    """

    across: Doubles
    down: Doubles
    shift: float

    @classmethod
    def of_row(cls, row: Doubles) -> Self:
        """The axis of a row of the matrix from crop to picture."""
        grid = np.arange(CROP_SIZE, dtype=np.float64)
        return cls(across=row[0] * grid, down=row[1] * grid, shift=float(row[2]))

    def at(self, rows: slice) -> Doubles:
        """Coordinates of the crop's pixels in some rows, float64 (rows, 256)."""
        coordinates: Doubles = self.across[None, :] + self.down[rows, None]
        coordinates += self.shift
        return coordinates

    def span(self, margin: int, size: int) -> tuple[int, int]:
        """Pixels of a picture of ``size`` that the crop may need, from and to (exclusive)."""
        # Rounding keeps order, so that the extremes of the grid lie in its corners.
        ends = self.across[[0, -1], None] + self.down[[0, -1]] + self.shift
        start = int(np.clip(np.floor(ends.min()) - margin, 0, max(size - 1, 0)))
        stop = int(np.clip(np.ceil(ends.max()) + margin + 1, start + 1, size))
        return start, stop


def _split(coordinates: Doubles, start: int, factor: int, size: int) -> tuple[Doubles, Floats]:
    """Whole part, and the rest, of coordinates in a region that has a black frame of one pixel."""
    coordinates -= start
    if factor > 1:
        coordinates -= (factor - 1) / 2
        coordinates /= factor
    coordinates += 1
    np.clip(coordinates, 0, size + 0.999, out=coordinates)
    whole = np.floor(coordinates)
    coordinates -= whole
    return whole, coordinates.astype(np.float32)


def _corners(region: npt.NDArray[np.uint8]) -> Corners:
    """Reads the four pixels around places of a region, each pixel as one word."""
    height, width = region.shape[:2]
    framed = np.zeros((height + 2, width + 2), "<i4")
    in_bytes = framed.view(np.uint8).reshape(height + 2, width + 2, 4)
    for channel in range(3):
        in_bytes[1:-1, 1:-1, channel] = region[..., channel]
    words = framed.reshape(-1)

    def read(index: npt.NDArray[np.intp]) -> Iterator[list[Floats]]:
        # Indices are inside by construction; without "clip" numpy looks first, in another pass.
        found = [words[step:].take(index, mode="clip") for step in _steps(width)]
        for channel in range(3):
            yield [((word >> 8 * channel) & 0xFF).astype(np.float32) for word in found]

    return read


def _averaged_corners(region: npt.NDArray[np.uint8], factor: int) -> Corners:
    """Reads the four means around places of a region that is averaged down."""
    means = _average_down(region, factor)
    framed = np.pad(means, ((0, 0), (1, 1), (1, 1)))
    planes = framed.reshape(3, -1)
    steps = _steps(means.shape[2])

    def read(index: npt.NDArray[np.intp]) -> Iterator[list[Floats]]:
        for plane in planes:
            yield [plane[step:].take(index, mode="clip") for step in steps]

    return read


def _steps(width: int) -> tuple[int, int, int, int]:
    """From a pixel of a framed picture to itself, its right, its lower, its lower right one."""
    return 0, 1, width + 2, width + 3


def _average_down(image: npt.NDArray[np.uint8], factor: int) -> Floats:
    """Means of blocks, channels first; pixels of the far edges fill up the last blocks."""
    height, width = image.shape[:2]
    pad_y, pad_x = -height % factor, -width % factor
    padded = np.pad(image, ((0, pad_y), (0, pad_x), (0, 0)), mode="edge")
    planes = np.ascontiguousarray(padded.transpose(2, 0, 1))
    # Whole numbers below 2**24: any order of adding up gives the mean's very bits.
    down = np.zeros((3, planes.shape[1] // factor, planes.shape[2]), np.uint32)
    for row in range(factor):
        down += planes[:, row::factor]
    sums = np.zeros((*down.shape[:2], down.shape[2] // factor), np.uint32)
    for column in range(factor):
        sums += down[..., column::factor]
    means: Floats = sums.astype(np.float32) / np.float32(factor * factor)
    return means


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
