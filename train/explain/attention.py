"""Where the class token of a vision transformer looks in the last layer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def among_patches(attention: Floats) -> Floats:
    """Attention as shares among the patches.

    The class token keeps a part for itself; what is left is scaled to sum to 1, so that pictures
    and heads can be compared.

    Args:
        attention: float32 (..., rows, columns), not negative.

    Returns:
        float32 of the same shape; each map sums to 1, or to 0 where no patch is looked at.
    """
    total = attention.sum(axis=(-2, -1), keepdims=True)
    return np.asarray(attention / np.maximum(total, np.finfo(np.float32).tiny), np.float32)
