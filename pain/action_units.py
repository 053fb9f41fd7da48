"""Facial action units, the 52 blendshapes, and the textbook mapping between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

AU_MAX: Final = 5.0
"""FACS intensity A..E as 1..5; 0 is absent (Ekman, Friesen & Hager 2002)."""


class ActionUnit(StrEnum):
    """Action units that pain research reports (FACS numbering)."""

    AU4 = "AU4"
    AU6 = "AU6"
    AU7 = "AU7"
    AU9 = "AU9"
    AU10 = "AU10"
    AU12 = "AU12"
    AU20 = "AU20"
    AU25 = "AU25"
    AU26 = "AU26"
    AU27 = "AU27"
    AU43 = "AU43"


AU_WORDS: Final[Mapping[ActionUnit, str]] = {
    ActionUnit.AU4: "brow lowered",
    ActionUnit.AU6: "cheeks raised",
    ActionUnit.AU7: "eyes tight",
    ActionUnit.AU9: "nose wrinkled",
    ActionUnit.AU10: "upper lip raised",
    ActionUnit.AU12: "lip corners pulled",
    ActionUnit.AU20: "lips stretched",
    ActionUnit.AU25: "lips parted",
    ActionUnit.AU26: "jaw dropped",
    ActionUnit.AU27: "mouth stretched open",
    ActionUnit.AU43: "eyes closed",
}
"""Plain words for people who do not read FACS numbers."""

BLENDSHAPES: Final[tuple[str, ...]] = (
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
)
"""Names and order of MediaPipe's face blendshapes (ARKit names plus ``_neutral``)."""

_INDEX: Final = {name: i for i, name in enumerate(BLENDSHAPES)}

_SOURCES: Final[Mapping[ActionUnit, tuple[str, ...]]] = {
    ActionUnit.AU4: ("browDownLeft", "browDownRight"),
    ActionUnit.AU6: ("cheekSquintLeft", "cheekSquintRight"),
    ActionUnit.AU7: ("eyeSquintLeft", "eyeSquintRight"),
    ActionUnit.AU9: ("noseSneerLeft", "noseSneerRight"),
    ActionUnit.AU10: ("mouthUpperUpLeft", "mouthUpperUpRight"),
    ActionUnit.AU12: ("mouthSmileLeft", "mouthSmileRight"),
    ActionUnit.AU20: ("mouthStretchLeft", "mouthStretchRight"),
    ActionUnit.AU26: ("jawOpen",),
    ActionUnit.AU43: ("eyeBlinkLeft", "eyeBlinkRight"),
}


def action_units_from_blendshapes(scores: npt.NDArray[np.float32]) -> dict[ActionUnit, float]:
    """Map blendshape scores to AU intensities by the textbook formula.

    Left and right are combined by the maximum and 0..1 is stretched to 0..5. MediaPipe's
    cheekSquint and noseSneer stay at 0.000 at any true intensity and eyeSquint reads about 0.48 on
    relaxed old eyes, so AU6, AU7 and AU9 from here are for comparison, never for alarms.

    Args:
        scores: float32 (52,) in 0..1, in the order of ``BLENDSHAPES``.

    Returns:
        Intensity 0..5 per AU; AU43 is 0 or 5 at a blink score of 0.5.

    Raises:
        ValueError: ``scores`` is not of shape (52,).
    """
    if scores.shape != (len(BLENDSHAPES),):
        raise ValueError(f"expected 52 blendshape scores, got shape {scores.shape}")
    units = {
        unit: float(np.clip(max(scores[_INDEX[name]] for name in names), 0.0, 1.0)) * AU_MAX
        for unit, names in _SOURCES.items()
    }
    units[ActionUnit.AU43] = AU_MAX if units[ActionUnit.AU43] >= AU_MAX / 2 else 0.0
    return units
