"""The one code that cuts a face out, for training and for the daemon.

OpenCV samples where it places samples finely enough. Releases before 5 round every place to a 32nd
of a pixel, which is wrong by up to 7 grey levels in noise and by 3 on soft pictures (4.11, which
aarch64 gets, measured 2026-12-01); there ``pain.gather`` samples, slower. So one crop is the same
to a grey level on every machine.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pain.align import CROP_SIZE, crop_matrix
from pain.gather import Axis, gathered_crop, shrinking

Image = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]


def aligned_crop(image: Image, landmarks: npt.NDArray[np.float32]) -> Image:
    """Cut the face out, upright and at fixed scale, with bilinear sampling.

    Pixels outside the picture are black. A face larger than the crop is averaged down by whole
    factors first, so that fine wrinkles do not alias.

    Args:
        image: uint8 (H, W, 3) RGB.
        landmarks: float32 (478, 3), pixels of ``image``.

    Returns:
        uint8 (256, 256, 3) RGB, within one grey level of ``pain.gather.gathered_crop``.
    """
    inverse = np.linalg.inv(np.vstack([crop_matrix(landmarks), [0.0, 0.0, 1.0]]))[:2]
    return warped_crop(image, inverse) if PLACES_FINELY else gathered_crop(image, inverse)


def warped_crop(image: Image, inverse: Doubles) -> Image:
    """The crop as OpenCV samples it.

    Args:
        image: uint8 (H, W, 3) RGB.
        inverse: float64 (2, 3), from pixels of the crop to pixels of ``image``.

    Returns:
        uint8 (256, 256, 3) RGB.
    """
    factor = shrinking(inverse)
    place = inverse.copy()
    if factor > 1:
        height, width = image.shape[:2]
        left, right = Axis.of_row(inverse[0]).span(factor, width)
        top, bottom = Axis.of_row(inverse[1]).span(factor, height)
        image = _averaged_down(image[top:bottom, left:right], factor)
        place[:, 2] -= (left, top)
        place[:, 2] -= (factor - 1) / 2
        place /= factor
    return _warped(image, place, CROP_SIZE)


def _warped(image: Image, inverse: Doubles, side: int) -> Image:
    warped = cv2.warpAffine(
        image,
        inverse,
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(warped, np.uint8)


def _averaged_down(image: Image, factor: int) -> Image:
    """Means of blocks; pixels of the far edges fill up the last blocks."""
    height, width = image.shape[:2]
    pad_y, pad_x = -height % factor, -width % factor
    padded = cv2.copyMakeBorder(image, 0, pad_y, 0, pad_x, cv2.BORDER_REPLICATE)
    size = ((width + pad_x) // factor, (height + pad_y) // factor)
    return np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.uint8)


def _places_finely() -> bool:
    """Whether this OpenCV tells a shift of an 80th of a pixel from none, on a slope of 240."""
    slope = np.zeros((2, 2, 3), np.uint8)
    slope[:, 1] = 240
    shifted = np.array([[0.0, 0.0, 1 / 80], [0.0, 0.0, 0.0]])
    return bool((_warped(slope, shifted, 16) == 3).all())  # noqa: PLR2004


PLACES_FINELY: Final = _places_finely()
"""Whether OpenCV samples here."""
