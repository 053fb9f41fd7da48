"""Where the class token of a vision transformer looks in the last layer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def patch_attention(attention: Floats, *, grid: tuple[int, int]) -> Floats:
    """Attention of the class token to the patches.

    The class token, and register tokens where there are any, take a share themselves; what is left
    is scaled to sum to 1 over the patches, so that pictures and heads can be compared.

    Args:
        attention: float32 (N, heads, tokens) rows of the softmax, summing to 1; patches are last.
        grid: rows and columns of patches.

    Returns:
        float32 (N, heads, rows, columns), each head summing to 1.
    """
    rows, columns = grid
    patches = attention[..., attention.shape[-1] - rows * columns :]
    shares = patches / np.maximum(patches.sum(axis=-1, keepdims=True), np.finfo(np.float32).tiny)
    return np.asarray(shares.reshape(*attention.shape[:-1], rows, columns), np.float32)
