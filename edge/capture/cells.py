"""A picture as a grid of cells, and where in it a burned-in clock may run."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

ROWS: Final = 36
COLUMNS: Final = 64
POINTS: Final = 8
"""Cells of a picture, and points along each side of a cell: coding errors of a cell's points cancel
out in its mean, movement does not."""

GREEN: Final = 1
"""Channel that stands for brightness."""

EDGE_ROWS: Final = 7
"""A clock is burned in along the upper or lower edge: the outer fifth of the picture."""

TEXT_ROWS: Final = 5
TEXT_COLUMNS: Final = COLUMNS // 2
"""Digits that change are this high and wide at most, with the coding blocks they lie in."""

Points = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def points(image: npt.NDArray[np.uint8]) -> Points:
    """Brightness at fixed points of a picture.

    Args:
        image: uint8 (H, W, 3) RGB of any size.

    Returns:
        uint8 (ROWS, COLUMNS, POINTS * POINTS).
    """
    height, width = image.shape[:2]
    rows = _spread(ROWS * POINTS, height)
    columns = _spread(COLUMNS * POINTS, width)
    seen = image[rows[:, None], columns[None, :], GREEN]
    cells = seen.reshape(ROWS, POINTS, COLUMNS, POINTS).swapaxes(1, 2)
    return np.ascontiguousarray(cells.reshape(ROWS, COLUMNS, POINTS * POINTS))


def clock(changed: Mask) -> Mask:
    """Cells of which a burned-in clock may be the cause.

    Changes along the upper or lower edge that are no higher than a line of text belong to text,
    with the cells around them.

    Args:
        changed: cells that changed, bool (ROWS, COLUMNS).

    Returns:
        bool (ROWS, COLUMNS).
    """
    text = np.zeros_like(changed)
    for band in (slice(0, EDGE_ROWS), slice(ROWS - EDGE_ROWS, ROWS)):
        rows, columns = np.nonzero(changed[band])
        if not len(rows):
            continue
        top, left = int(rows.min()), int(columns.min())
        height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
        if height <= TEXT_ROWS and width <= TEXT_COLUMNS:
            above = band.start + top
            text[max(above - 1, 0) : above + height + 1, max(left - 1, 0) : left + width + 1] = True
    return text


def _spread(count: int, length: int) -> npt.NDArray[np.intp]:
    """Evenly spread positions, each in the middle of its share."""
    return ((2 * np.arange(count) + 1) * length // (2 * count)).astype(np.intp)
