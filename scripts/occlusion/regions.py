"""The parts of a face that pain is read from, and how much of each is hidden."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

REGIONS: Final = ("brows", "eyes", "lower")
"""AU4; AU6, 7 and 43; AU9, 10, 20, 25 to 27 (the mouth and what lies around it)."""

_RINGS: Final = {
    "brows": (
        (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
        (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
    ),
    "eyes": (
        (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
        (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
    ),
    "lower": ((61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181,
               91, 146),),
}  # fmt: skip

HIDDEN_FROM: Final = 0.65
SEEN_UP_TO: Final = 0.3
"""Shares of a region; what lies between is neither taught nor counted."""


def hidden_shares(
    points: npt.NDArray[np.float32], hidden: npt.NDArray[np.float32]
) -> dict[str, float]:
    """How much of each region is hidden.

    Args:
        points: float32 (478, 2), landmarks.
        hidden: float32 (H, W), 0..1 for each pixel.

    Returns:
        Share 0..1 for each of ``REGIONS``.
    """
    shares = {}
    for region, rings in _RINGS.items():
        inside = np.zeros(hidden.shape, np.uint8)
        for ring in rings:
            cv2.fillPoly(inside, [np.rint(points[list(ring)]).astype(np.int32)], 1)
            cv2.polylines(inside, [np.rint(points[list(ring)]).astype(np.int32)], True, 1, 2)
        shares[region] = float(hidden[inside > 0].mean()) if inside.any() else 0.0
    return shares


def label(share: float) -> float:
    """1 hidden, 0 seen, not a number where it is neither."""
    if share >= HIDDEN_FROM:
        return 1.0
    return 0.0 if share <= SEEN_UP_TO else float("nan")
