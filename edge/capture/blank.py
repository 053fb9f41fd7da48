"""Pictures without anything on them but burned-in text: black, or of one plain colour."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from edge.capture.cells import COLUMNS, EDGE_ROWS, ROWS

POINTS: Final = 4
"""Points along each side of a cell."""

BLACK_MEAN: Final = 4.0
BLACK_PEAK: Final = 24
"""Of 255. A covered lens gives 0 to 2 with a little noise; a room with a night lamp has brighter
spots, and a dark room seen by a noisy sensor a higher mean."""

PLAIN_RANGE: Final = 6
"""Grey levels between the least and the greatest value of a channel: a screen without a signal.
A wall has shades and a sensor's noise."""

TEXT_ROWS: Final = 5
TEXT_SHARE: Final = 0.6
"""A line of text along an edge is this high at most, and so much of its cells is background: a lamp
fills its cells."""


def blank(image: npt.NDArray[np.uint8]) -> str | None:
    """What a picture shows in place of a room, in words for people; None where it shows something.

    Args:
        image: uint8 (H, W, 3) RGB of any size.
    """
    height, width = image.shape[:2]
    rows = np.arange(ROWS * POINTS) * height // (ROWS * POINTS)
    columns = np.arange(COLUMNS * POINTS) * width // (COLUMNS * POINTS)
    seen = image[rows[:, None], columns[None, :]].reshape(ROWS, POINTS, COLUMNS, POINTS, 3)
    inner = seen[EDGE_ROWS:-EDGE_ROWS]
    least, greatest = inner.min(axis=(0, 1, 2, 3)), inner.max(axis=(0, 1, 2, 3))
    if int(greatest.max()) <= BLACK_PEAK:
        floor, ceiling = np.zeros(3, np.int64), np.full(3, BLACK_PEAK, np.int64)
        if float(inner.mean()) <= BLACK_MEAN and _nothing_but_text(seen, floor, ceiling):
            return "the picture is black: the lens is covered, or there is no light"
    if int((greatest - least).max()) <= PLAIN_RANGE and _nothing_but_text(
        seen, least.astype(np.int64) - PLAIN_RANGE, greatest.astype(np.int64) + PLAIN_RANGE
    ):
        return (
            "the picture is one plain colour: the recorder has no signal of its camera, or the "
            "lens is covered"
        )
    return None


def _nothing_but_text(
    seen: npt.NDArray[np.uint8], least: npt.NDArray[np.int64], greatest: npt.NDArray[np.int64]
) -> bool:
    """Whether the upper and lower edge are background but for a line of text each."""
    other = np.any((seen < least) | (seen > greatest), axis=4)
    for band in (other[:EDGE_ROWS], other[-EDGE_ROWS:]):
        cells = np.any(band, axis=(1, 3))
        rows, _ = np.nonzero(cells)
        if not len(rows):
            continue
        if rows.max() - rows.min() >= TEXT_ROWS:
            return False
        inside = band.swapaxes(1, 2)[cells]
        if float(inside.mean()) > TEXT_SHARE:
            return False
    return True
