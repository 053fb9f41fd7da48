"""What cameras do to pictures, for a batch at once and on its device.

Pictures are float (N, 3, s, s); what differs from one to the next is a tensor (N,).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

_BLOCK: Final = 8
_BRIGHTEST: Final = 255.0
_FULL_TABLE_QUALITY: Final = 50.0
_REACH: Final = 3.0
"""Standard deviations that a blur's kernel reaches to either side."""

_LUMINANCE: Final = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)
"""Steps of brightness at quality 50: ITU-T T.81 (JPEG), table K.1."""

_CHROMINANCE: Final = (
    *(17, 18, 24, 47, 99, 99, 99, 99),
    *(18, 21, 26, 66, 99, 99, 99, 99),
    *(24, 26, 56, 99, 99, 99, 99, 99),
    *(47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 32),
)
"""Steps of colour at quality 50: table K.2."""

_TO_YCC: Final = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
"""RGB to brightness and two colour differences (ITU-T T.871, JFIF)."""


def move(
    pictures: Tensor,
    *,
    angle: Tensor,
    size: Tensor,
    right: Tensor,
    down: Tensor,
    flipped: Tensor,
) -> Tensor:
    """Mirror, turn, resize and shift; what comes in at an edge repeats it.

    Args:
        pictures: (N, 3, s, s).
        angle: radians.
        size: of what is seen, 1 as it is.
        right: shift of what is seen, as a share of the side.
        down: the same downwards.
        flipped: bool, which ones a mirror shows.
    """
    cos, sin = torch.cos(angle) * size, torch.sin(angle) * size
    side = torch.where(flipped, -1.0, 1.0)
    # grid_sample's coordinates run from -1 to 1, so a share of the side counts twice.
    rows = [
        torch.stack([cos * side, -sin, 2.0 * right], 1),
        torch.stack([sin * side, cos, 2.0 * down], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def without_detail(pictures: Tensor, share: float) -> Tensor:
    """Pictures as a camera sees them from further away.

    Args:
        pictures: (N, 3, s, s).
        share: of the side that is lost, below 1.
    """
    if not len(pictures):
        return pictures
    side = pictures.shape[-1]
    few = max(2, round(side * (1.0 - share)))
    small = functional.interpolate(pictures, size=few, mode="bilinear", antialias=True)
    return functional.interpolate(small, size=side, mode="bilinear", align_corners=False)


def blur(pictures: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur, each picture by its own.

    Args:
        pictures: (N, 3, s, s).
        sigma: standard deviation, pixels.
    """
    count, channels, side, _ = pictures.shape
    reach = min(side - 1, max(1, math.ceil(_REACH * float(sigma.max()))))
    at = torch.arange(-reach, reach + 1, device=pictures.device, dtype=pictures.dtype)
    kernel = torch.exp(-0.5 * (at / sigma.clamp(min=1e-3)[:, None]) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)[:, None, None, :]
    # One group for every channel of every picture: each is folded with its own kernel.
    flat = pictures.reshape(1, count * channels, side, side)
    padded = functional.pad(flat, (reach,) * 4, mode="replicate")
    across = functional.conv2d(padded, kernel, groups=count * channels)
    down = functional.conv2d(across, kernel.transpose(2, 3), groups=count * channels)
    return down.reshape(pictures.shape)


def jpeg(pictures: Tensor, quality: Tensor) -> Tensor:
    """The look of JPEG: coefficients of 8 x 8 blocks rounded to the standard's steps.

    Colour keeps its resolution. Sides that are no multiple of 8 are filled up by their edge.

    Args:
        pictures: (N, 3, s, s) in 0..1.
        quality: 1..100 as libjpeg counts it.
    """
    if not len(pictures):
        return pictures
    side = pictures.shape[-1]
    missing = -side % _BLOCK
    padded = functional.pad(pictures, (0, missing, 0, missing), mode="replicate")
    matrix, transform, steps = (part.to(pictures) for part in _jpeg_constants())
    coloured = torch.einsum("ij,njhw->nihw", matrix, padded) * _BRIGHTEST
    count, channels, whole, _ = coloured.shape
    blocks = coloured.reshape(count, channels, whole // _BLOCK, _BLOCK, whole // _BLOCK, _BLOCK)
    blocks = blocks.transpose(3, 4)
    # libjpeg's rule: quality 50 is the table itself, 100 a step of one.
    worse = _FULL_TABLE_QUALITY / quality
    better = 2.0 - quality / _FULL_TABLE_QUALITY
    factor = torch.where(quality < _FULL_TABLE_QUALITY, worse, better)
    step = (steps[None] * factor[:, None, None, None]).clamp(min=1.0)[:, :, None, None]
    found = transform @ blocks @ transform.T
    kept = transform.T @ (torch.round(found / step) * step) @ transform
    shown = kept.transpose(3, 4).reshape(coloured.shape) / _BRIGHTEST
    return torch.einsum("ij,njhw->nihw", torch.linalg.inv(matrix), shown)[..., :side, :side]


@cache
def _jpeg_constants() -> tuple[Tensor, Tensor, Tensor]:
    """RGB to YCbCr (3, 3), the cosine transform (8, 8), steps (3, 8, 8)."""
    frequency = torch.arange(_BLOCK, dtype=torch.float64)[:, None]
    position = torch.arange(_BLOCK, dtype=torch.float64)[None]
    transform = torch.cos((2.0 * position + 1.0) * frequency * math.pi / (2.0 * _BLOCK)) / 2.0
    transform[0] /= math.sqrt(2.0)
    tables = [torch.tensor(t).reshape(_BLOCK, _BLOCK) for t in (_LUMINANCE, _CHROMINANCE)]
    steps = torch.stack([tables[0], tables[1], tables[1]]).float()
    return torch.tensor(_TO_YCC), transform.float(), steps


def cut_out(pictures: Tensor, *, side: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """A square of each picture filled with the picture's mean (DeVries & Taylor 2017).

    Args:
        pictures: (N, 3, s, s).
        side: of the square, as a share of the picture's.
        row: its centre, 0..1 from the top.
        column: its centre, 0..1 from the left.
    """
    pixels = pictures.shape[-1]
    at = (torch.arange(pixels, device=pictures.device, dtype=side.dtype) + 0.5) / pixels
    within_row = (at[None] - row[:, None]).abs() < side[:, None] / 2.0
    within_column = (at[None] - column[:, None]).abs() < side[:, None] / 2.0
    covered = (within_row[:, :, None] & within_column[:, None, :])[:, None]
    return torch.where(covered, pictures.mean(dim=(2, 3), keepdim=True), pictures)
