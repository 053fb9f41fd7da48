"""From a tracked face to what the graphs of bundles take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.align import pose_normalise
from pain.bundle import InputName
from pain.errors import ScoringError
from pain.values import Face


def feeds(face: Face, names: Sequence[InputName]) -> dict[str, npt.NDArray[Any]]:
    """Inputs of one face.

    Args:
        face: as tracked; with a crop if ``face`` is asked for.
        names: of the inputs.

    Returns:
        By name, each with a leading axis of 1.

    Raises:
        ScoringError: the face lacks one of them.
    """
    return {str(name): _FEEDS[name](face)[None] for name in names}


def _crop(face: Face) -> npt.NDArray[Any]:
    if face.crop is None:
        raise ScoringError("the bundle needs the aligned crop, but the tracker cut none")
    return face.crop


def _landmarks(face: Face) -> npt.NDArray[Any]:
    try:
        return pose_normalise(face.landmarks, face.pose)
    except ValueError as error:
        raise ScoringError(f"the landmarks cannot be normalised: {error}") from error


def _blendshapes(face: Face) -> npt.NDArray[Any]:
    return face.blendshapes.astype(np.float32, copy=False)


_FEEDS: Final[Mapping[InputName, Callable[[Face], npt.NDArray[Any]]]] = {
    "face": _crop,
    "landmarks": _landmarks,
    "blendshapes": _blendshapes,
}
