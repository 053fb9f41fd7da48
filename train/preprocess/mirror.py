"""Left and right: which landmark is which one's mirror image."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

_FLIP: Final = np.array([-1.0, 1.0, 1.0])
_FURTHEST: Final = 0.05
"""In root mean squares of the face; the mean of 240 residents keeps within 0.01."""


def mirror_order(mean: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Pair the landmarks of the mean face with those of its mirror image.

    MediaPipe publishes no such table; the mean of many faces is symmetric enough to find it.

    Args:
        mean: float64 (478, 3), x right, centred on the face.

    Returns:
        (478,) index of each landmark's counterpart; its own index on the midline.

    Raises:
        ValueError: the mean face is not symmetric.
    """
    distances = cdist(mean * _FLIP, mean)
    rows, order = linear_sum_assignment(distances)
    paired = np.array_equal(order[order], rows)
    if not paired or distances[rows, order].max() > _FURTHEST:
        raise ValueError("the mean face is not symmetric, so left and right cannot be paired")
    return np.asarray(order, np.intp)
