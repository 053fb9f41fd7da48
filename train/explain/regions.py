"""Parts of the face by landmark index."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter
from scipy.spatial import ConvexHull

from pain.align import LANDMARK_COUNT


class FaceRegion(StrEnum):
    """Parts that pain shows in, and all the rest."""

    BROWS = "brows"
    EYES = "eyes"
    NOSE = "nose"
    MOUTH = "mouth"
    ELSEWHERE = "elsewhere"


# fmt: off
_NEAR: Final[Mapping[FaceRegion, tuple[int, ...]]] = {
    FaceRegion.BROWS: (
        9, 46, 52, 53, 55, 63, 65, 66, 68, 69, 70, 71, 104, 105, 107, 108, 113, 124, 139,
        156, 189, 221, 222, 223, 224, 225, 276, 282, 283, 285, 293, 295, 296, 298, 299,
        300, 301, 333, 334, 336, 337, 342, 353, 368, 383, 413, 441, 442, 443, 444, 445,
    ),
    FaceRegion.EYES: (
        7, 22, 23, 24, 25, 26, 27, 28, 29, 30, 33, 56, 110, 112, 130, 133, 144, 145, 153,
        154, 155, 157, 158, 159, 160, 161, 163, 173, 190, 243, 246, 247, 249, 252, 253,
        254, 255, 256, 257, 258, 259, 260, 263, 286, 339, 341, 359, 362, 373, 374, 380,
        381, 382, 384, 385, 386, 387, 388, 390, 398, 414, 463, 466, 467, 468, 469, 470,
        471, 472, 473, 474, 475, 476, 477,
    ),
    FaceRegion.NOSE: (
        1, 2, 3, 4, 5, 6, 8, 19, 44, 45, 48, 49, 51, 64, 94, 97, 98, 99, 102, 115, 122,
        125, 129, 131, 134, 141, 168, 193, 195, 196, 197, 203, 218, 219, 220, 235, 237,
        240, 242, 248, 274, 275, 278, 279, 281, 294, 326, 327, 328, 331, 344, 351, 354,
        358, 360, 363, 370, 417, 419, 423, 438, 439, 440, 455, 457, 460, 462,
    ),
    FaceRegion.MOUTH: (
        0, 11, 12, 13, 14, 15, 16, 17, 18, 37, 38, 39, 40, 41, 42, 43, 57, 61, 62, 72, 73,
        74, 76, 77, 78, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 95, 96, 106,
        146, 164, 165, 167, 178, 179, 180, 181, 182, 183, 184, 185, 186, 191, 267, 268,
        269, 270, 271, 272, 273, 287, 291, 292, 302, 303, 304, 306, 307, 308, 310, 311,
        312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 322, 324, 325, 335, 375, 391,
        393, 402, 403, 404, 405, 406, 407, 408, 409, 410, 415,
    ),
}
# fmt: on

REGION_LANDMARKS: Final[Mapping[FaceRegion, tuple[int, ...]]] = {
    **_NEAR,
    FaceRegion.ELSEWHERE: tuple(
        sorted(set(range(LANDMARK_COUNT)) - {index for part in _NEAR.values() for index in part})
    ),
}
"""Every landmark once: MediaPipe's contours of brows, eyes, nose and lips with their neighbours in
its mesh (where two parts meet: eyes, mouth, nose, brows, in this order); cheeks, forehead and
outline are elsewhere. The irises belong to the eyes."""

_RIGHT_BROW: Final = (46, 52, 53, 55, 63, 65, 66, 70, 105, 107)
_LEFT_BROW: Final = (276, 282, 283, 285, 293, 295, 296, 300, 334, 336)
_RIGHT_EYE: Final = (7, 33, 133, 144, 145, 153, 154, 157, 158, 159, 160, 161, 163, 173, 246)
_LEFT_EYE: Final = (249, 263, 362, 373, 374, 380, 381, 384, 385, 386, 387, 388, 390, 398, 466)
_NOSE: Final = (2, 48, 64, 97, 98, 122, 129, 131, 168, 278, 294, 326, 327, 351, 358, 360)
_LIPS: Final = (
    61,
    146,
    91,
    181,
    84,
    17,
    314,
    405,
    321,
    375,
    291,
    409,
    270,
    269,
    267,
    0,
    37,
    39,
    40,
)

_OUTLINES: Final[Mapping[FaceRegion, tuple[tuple[int, ...], ...]]] = {
    FaceRegion.BROWS: (_RIGHT_BROW, _LEFT_BROW),
    FaceRegion.EYES: (_RIGHT_EYE, _LEFT_EYE),
    FaceRegion.NOSE: (_NOSE,),
    FaceRegion.MOUTH: (_LIPS,),
}
FACE_OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Outline of the face, forehead to chin and back."""

COVERED: Final = tuple(_OUTLINES)
"""Regions that can be blacked out of a picture."""

_MARGIN: Final = 0.03
"""How far a mask reaches beyond the landmarks, as a share of the face height: skin that the muscle
moves lies beside the contour."""


def region_mask(
    region: FaceRegion, points: npt.NDArray[np.floating], *, size: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Pixels of a part of the face: the hull of its landmarks, each side by itself, and a margin.

    Args:
        region: one of ``COVERED``.
        points: (478, 2 or 3), pixels of the picture.
        size: height and width of the picture.

    Returns:
        bool (height, width).
    """
    face_height = float(np.ptp(points[list(FACE_OVAL), 1]))
    canvas = _filled(points, _OUTLINES[region], size=size)
    reach = 2 * max(1, round(_MARGIN * face_height)) + 1
    return np.asarray(canvas.filter(ImageFilter.MaxFilter(reach)), bool)


def face_mask(points: npt.NDArray[np.floating], *, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Pixels of the whole face, bool (height, width)."""
    return np.asarray(_filled(points, (FACE_OVAL,), size=size), bool)


def _filled(
    points: npt.NDArray[np.floating],
    outlines: tuple[tuple[int, ...], ...],
    *,
    size: tuple[int, int],
) -> Image.Image:
    height, width = size
    canvas = Image.new("L", (width, height))
    draw = ImageDraw.Draw(canvas)
    for outline in outlines:
        corners = np.asarray(points[list(outline), :2], np.float64)
        hull = corners[ConvexHull(corners).vertices]
        draw.polygon([(float(x), float(y)) for x, y in hull], fill=255)
    return canvas
