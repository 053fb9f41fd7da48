"""The crop sampled with numpy alone: what it is defined by, and its way where OpenCV is too coarse.

Indices and weights are made for blocks of rows that stay in a core's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pain.align import CROP_SIZE

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Corners = Callable[[npt.NDArray[np.intp]], Iterator[list[Floats]]]
"""Pixels around places, channel by channel: upper left, upper right, lower left, lower right."""

_BLOCK_ROWS: Final = 32


def shrinking(inverse: Doubles) -> int:
    """Whole factor by which a picture is averaged down before a crop samples it.

    Args:
        inverse: float64 (2, 3), from pixels of the crop to pixels of the picture.
    """
    return max(1, round(float(np.hypot(inverse[0, 0], inverse[1, 0]))))


def gathered_crop(image: Image, inverse: Doubles) -> Image:
    """Cut a face out with bilinear sampling; see ``pain.crop.aligned_crop``.

    Args:
        image: uint8 (H, W, 3) RGB.
        inverse: float64 (2, 3), from pixels of the crop to pixels of ``image``.

    Returns:
        uint8 (256, 256, 3) RGB.
    """
    x_axis, y_axis = (Axis.of_row(row) for row in inverse)
    factor = shrinking(inverse)
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
class Axis:
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


def _corners(region: Image) -> Corners:
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


def _averaged_corners(region: Image, factor: int) -> Corners:
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


def _average_down(image: Image, factor: int) -> Floats:
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
