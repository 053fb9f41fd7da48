"""Polygons of a room: masks that are blacked before anything looks, and the resident's zone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from edge.track.tiles import Tile

Corners = Sequence[tuple[float, float]]
"""Corners of a polygon as shares (x, y) of the picture's width and height; even-odd rule."""


class PrivacyMasks:
    """Blacks polygons in place. Their corners are put into pixels once per picture size."""

    def __init__(self, polygons: Sequence[Corners]) -> None:
        self._polygons = tuple(polygons)
        self._size = (0, 0)
        self._corners: list[npt.NDArray[np.int32]] = []

    def apply(self, image: npt.NDArray[np.uint8]) -> None:
        """Black every pixel that a polygon touches.

        Args:
            image: uint8 (H, W, 3), contiguous and writable; changed in place.
        """
        if not self._polygons:
            return
        height, width = image.shape[:2]
        if (width, height) != self._size:
            self._size = (width, height)
            self._corners = [
                np.rint(np.asarray(polygon) * (width, height) - 0.5).astype(np.int32)
                for polygon in self._polygons
            ]
        for corners in self._corners:
            # One by one: in a common call, overlapping polygons would cancel each other out.
            cv2.fillPoly(image, [corners], (0, 0, 0))
            # Corners are rounded to whole pixels; a rim of one pixel keeps the rounding private.
            cv2.polylines(image, [corners], isClosed=True, color=(0, 0, 0), thickness=3)


def contains(polygon: Corners, x: float, y: float) -> bool:
    """Tell whether a point lies in a polygon (even-odd rule).

    Args:
        polygon: corners as shares of the picture.
        x: share of the width.
        y: share of the height.
    """
    inside = False
    previous_x, previous_y = polygon[-1]
    for corner_x, corner_y in polygon:
        if (corner_y > y) != (previous_y > y):
            crossing = corner_x + (y - corner_y) * (previous_x - corner_x) / (previous_y - corner_y)
            if x < crossing:
                inside = not inside
        previous_x, previous_y = corner_x, corner_y
    return inside


def bounds(polygon: Corners, *, width: int, height: int) -> Tile:
    """Smallest tile that holds the polygon, at least one pixel large.

    Args:
        polygon: corners as shares of the picture.
        width: of the picture, px.
        height: of the picture, px.
    """
    xs = [x * width for x, _ in polygon]
    ys = [y * height for _, y in polygon]
    left = min(math.floor(min(xs)), width - 1)
    top = min(math.floor(min(ys)), height - 1)
    right, bottom = max(math.ceil(max(xs)), left + 1), max(math.ceil(max(ys)), top + 1)
    return Tile(x=left, y=top, width=right - left, height=bottom - top)
