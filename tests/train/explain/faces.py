"""A face drawn by numbers: landmarks where a frontal face has them, good enough to draw masks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from train.explain.regions import FACE_OVAL, REGION_LANDMARKS, FaceRegion

_PLACES = {
    FaceRegion.BROWS: ((88, 84), (168, 84)),
    FaceRegion.EYES: ((88, 104), (168, 104)),
    FaceRegion.NOSE: ((128, 140),),
    FaceRegion.MOUTH: ((128, 188),),
    FaceRegion.ELSEWHERE: ((128, 60),),
}
_SPREAD = (14.0, 5.0)


def drawn_landmarks() -> npt.NDArray[np.float32]:
    """(478, 3), pixels of a 256 px crop."""
    rng = np.random.default_rng(5)
    points = np.zeros((478, 3), np.float32)
    for region, places in _PLACES.items():
        for index in REGION_LANDMARKS[region]:
            # MediaPipe's own left and right: below 248 and 468..472 lie on the picture's left.
            side = 0 if len(places) == 1 or index < 248 or 468 <= index < 473 else 1
            points[index, :2] = places[side] + rng.uniform(-1, 1, 2) * _SPREAD
    turn = np.linspace(0, 2 * np.pi, len(FACE_OVAL), endpoint=False)
    outline = np.stack([128 + 85 * np.sin(turn), 130 - 105 * np.cos(turn)], axis=1)
    points[list(FACE_OVAL), :2] = outline
    return points
