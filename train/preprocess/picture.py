"""The thesis's own view: the whole picture, not the tracked face."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from pain.align import CROP_SIZE

_RGB_NDIM: Final = 3


def thesis_picture(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Resize the short side to 256 px and cut out the centre square.

    Pillow's bicubic filter widens with the reduction, so it antialiases, as torchvision's
    ``Resize(256, BICUBIC)`` does on Pillow pictures; the pixels are the same. (On tensors,
    ``antialias=False`` gives others.) The thesis's centre crop of 224 px follows in ``Preprocess``.

    The aligned variant needs no such function: it is ``pain.crop.aligned_crop`` of the tracked
    face, which ``painwatch train track`` keeps and the daemon makes.

    Args:
        rgb: uint8 (H, W, 3); smaller pictures are enlarged.

    Returns:
        uint8 (256, 256, 3).

    Raises:
        ValueError: not an RGB picture of at least one pixel.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != _RGB_NDIM or rgb.shape[2] != _RGB_NDIM or not rgb.size:
        raise ValueError(f"expected uint8 (H, W, 3), got {rgb.dtype} {rgb.shape}")
    height, width = rgb.shape[:2]
    short = min(height, width)
    size = (int(CROP_SIZE * width / short), int(CROP_SIZE * height / short))
    resized = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC))
    # Halves are rounded to even, as torchvision's CenterCrop does.
    top = round((size[1] - CROP_SIZE) / 2)
    left = round((size[0] - CROP_SIZE) / 2)
    return resized[top : top + CROP_SIZE, left : left + CROP_SIZE].copy()
