"""Groups of people and of views in which a network must be as good as elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from train.metrics.predictions import Floats, Predictions, Words
from train.metrics.scored import Mask

YAW_BORDERS_DEG: Final = (15.0, 30.0, 45.0)
SMALL_PX: Final = 80.0
LARGE_PX: Final = 130.0
"""A face at 3 m from a 70-degree 1080p camera is about 90 px high."""

HEIGHT_BORDERS_PX: Final = (SMALL_PX, LARGE_PX)


def subgroups(predictions: Predictions) -> dict[str, dict[str, Mask]]:
    """Which faces belong to each group, bool (N,), by dimension and group.

    Dimensions are ``age_band``, ``sex``, ``ancestry``, ``skin_tone``, ``yaw`` (bands of |yaw|) and
    ``height`` (bands of the face's height); faces of which it is not known belong to no group, and
    a dimension of which nothing is known is left out.
    """
    found: dict[str, Mapping[str, Mask]] = {
        "age_band": _by_word(predictions.age_band),
        "sex": _by_word(predictions.sex),
        "ancestry": _by_word(predictions.ancestry),
        "skin_tone": _by_word(predictions.skin_tone),
        "yaw": _by_band(np.abs(predictions.yaw_deg), YAW_BORDERS_DEG, "deg"),
        "height": _by_band(predictions.height_px, HEIGHT_BORDERS_PX, "px"),
    }
    present = {
        dimension: {group: faces for group, faces in groups.items() if faces.any()}
        for dimension, groups in found.items()
    }
    return {dimension: groups for dimension, groups in present.items() if groups}


def _by_word(words: Words) -> dict[str, Mask]:
    return {str(word): words == word for word in np.unique(words) if word}


def _by_band(values: Floats, borders: tuple[float, ...], unit: str) -> dict[str, Mask]:
    """Bands ``below_15_deg``, ``15_to_30_deg``, ..., ``from_45_deg``; NaN belongs to none."""
    middle = {
        f"{low:.0f}_to_{high:.0f}_{unit}": (values >= low) & (values < high)
        for low, high in pairwise(borders)
    }
    return {
        f"below_{borders[0]:.0f}_{unit}": values < borders[0],
        **middle,
        f"from_{borders[-1]:.0f}_{unit}": values >= borders[-1],
    }
