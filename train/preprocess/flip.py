"""Left and right exchanged, for training: a face in the mirror hurts as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pain.action_units import BLENDSHAPES

_LEFT, _RIGHT = "Left", "Right"


def _partner(name: str) -> str:
    if name.endswith(_LEFT):
        return name.removesuffix(_LEFT) + _RIGHT
    if name.endswith(_RIGHT):
        return name.removesuffix(_RIGHT) + _LEFT
    return name


MIRRORED_BLENDSHAPES: Final[tuple[int, ...]] = tuple(
    BLENDSHAPES.index(_partner(name)) for name in BLENDSHAPES
)
"""Index of each blendshape's counterpart on the other side; its own in the middle."""


def draw_flips(
    count: int, *, probability: float = 0.5, generator: torch.Generator | None = None
) -> Tensor:
    """Decide which faces are shown mirrored.

    Args:
        count: faces N.
        probability: of each, by itself; the thesis's 0.5.
        generator: decides; PyTorch's own when None.

    Returns:
        bool (N,).
    """
    return torch.rand(count, generator=generator) < probability


def flip_pictures(pictures: Tensor, flipped: Tensor) -> Tensor:
    """Mirror the chosen pictures.

    Args:
        pictures: (N, H, W, 3).
        flipped: bool (N,), which of them.

    Returns:
        New tensor of the same shape and dtype.
    """
    return torch.where(_along(flipped, pictures), pictures.flip(2), pictures)


def flip_landmarks(landmarks: Tensor, flipped: Tensor, order: npt.NDArray[np.intp]) -> Tensor:
    """Mirror the chosen landmark sets.

    Args:
        landmarks: (N, 478, 3), pose-normalised: x right, centred.
        flipped: bool (N,), which of them.
        order: (478,) from ``train.preprocess.mirror.mirror_order`` of the training faces' mean.

    Returns:
        New tensor of the same shape and dtype.
    """
    mirrored = landmarks[:, torch.from_numpy(order).to(landmarks.device)]
    mirrored = mirrored * mirrored.new_tensor([-1.0, 1.0, 1.0])
    return torch.where(_along(flipped, landmarks), mirrored, landmarks)


def flip_blendshapes(blendshapes: Tensor, flipped: Tensor) -> Tensor:
    """Exchange left and right blendshapes of the chosen faces.

    Args:
        blendshapes: (N, 52) in MediaPipe's order.
        flipped: bool (N,), which of them.

    Returns:
        New tensor of the same shape and dtype.
    """
    mirrored = blendshapes[:, list(MIRRORED_BLENDSHAPES)]
    return torch.where(_along(flipped, blendshapes), mirrored, blendshapes)


def flip_inputs(
    names: Sequence[str],
    batch: Sequence[Tensor],
    flipped: Tensor,
    order: npt.NDArray[np.intp] | None,
) -> tuple[Tensor, ...]:
    """Mirror the chosen faces in everything that is known of them.

    Args:
        names: of the tensors, as a bundle's inputs are named.
        batch: the tensors, N rows each.
        flipped: bool (N,), which of them.
        order: (478,) counterpart of each landmark; needed for landmarks alone.
    """
    shown = []
    for name, values in zip(names, batch, strict=True):
        match name:
            case "face":
                shown.append(flip_pictures(values, flipped))
            case "landmarks":
                if order is None:
                    raise ValueError("landmarks need the counterpart of each to be mirrored")
                shown.append(flip_landmarks(values, flipped, order))
            case _:
                shown.append(flip_blendshapes(values, flipped))
    return tuple(shown)


def _along(flipped: Tensor, values: Tensor) -> Tensor:
    """``flipped`` (N,) shaped and placed so that it broadcasts over ``values`` (N, ...)."""
    return flipped.to(values.device).reshape(-1, *(1,) * (values.ndim - 1))
