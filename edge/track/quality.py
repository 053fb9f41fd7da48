"""The quality gate: whether a face may be scored, and if not, why.

What the default limits rest on: a portrait, eight frames of a woman in distress and smiling and
fifteen synthetic residents, shrunk to faces of 40 to 240 px with sensor noise of 3 grey levels.
The landmark error is against the untouched picture, in percent of the face height; normal tracking
has 0.5 to 1.3.

Blur of (share of the face height)   none      1 %       2 %       3 %       4.5 %     6 %
sharpness                            .47-.80   .41-.53   .27-.31   .18-.26   .12-.25   .09-.22
landmark error                       0.4-1.3   0.7-1.2   1.2-1.8   2.3-3.4   4.2-7.1   5.8-11

Mean luma of the face                120+      60-80     36-47     24-32     16-24     8-14
landmark error                       0.5-0.7   0.5-0.8   0.5-0.9   0.6-1.3   0.6-2.0   1.6-5.8

So 0.22 parts what can be read from what cannot, at every size, and faces down to a luma of 15 are
as good as bright ones: a higher limit would refuse dark skin in a dim room for nothing.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.config.quality import QualityConfig
from pain.values import Box, HeadPose, Reason

SAMPLE_PX: Final = 48
"""Side of the resample on which sharpness is measured. Larger faces are averaged down to it, so
that the figure speaks of blur relative to the face, not of how near the camera is."""


def measure(image: npt.NDArray[np.uint8], box: Box) -> tuple[float, float]:
    """Measure a face's pixels on a small resample.

    Args:
        image: uint8 (H, W, 3) RGB.
        box: of the face, px of ``image``; may reach outside.

    Returns:
        Sharpness (standard deviation of the Laplacian over that of the luma, 0 for a flat or
        invisible face) and brightness (mean luma, 0..255).
    """
    height, width = image.shape[:2]
    left, top = max(int(box.x), 0), max(int(box.y), 0)
    right, bottom = min(int(box.x + box.width) + 1, width), min(int(box.y + box.height) + 1, height)
    if right <= left or bottom <= top:
        return 0.0, 0.0
    sample = cv2.resize(
        image[top:bottom, left:right], (SAMPLE_PX, SAMPLE_PX), interpolation=cv2.INTER_AREA
    )
    luma = cv2.cvtColor(sample, cv2.COLOR_RGB2GRAY)
    mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(luma))
    if deviation == 0.0:
        return 0.0, mean
    _, edges = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_32F))
    return float(edges[0, 0]) / deviation, mean


def refusal(
    *,
    height_px: float,
    pose: HeadPose,
    sharpness: float,
    brightness: float,
    upright: bool,
    limits: QualityConfig,
) -> Reason | None:
    """Name the first reason not to score a face, or None.

    Whether it is covered is another question (``edge.track.covered``): MediaPipe draws a whole mesh
    over a hand or a blanket and gives no visibility per landmark.
    """
    if height_px < limits.min_face_height_px:
        return Reason.TOO_SMALL
    if not upright:
        return Reason.TURNED_AWAY
    if abs(pose.yaw_deg) > limits.max_yaw_deg or abs(pose.pitch_deg) > limits.max_pitch_deg:
        return Reason.TURNED_AWAY
    if brightness < limits.min_brightness:
        return Reason.TOO_DARK
    if sharpness < limits.min_sharpness:
        return Reason.BLURRED
    return None
