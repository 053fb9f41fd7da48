"""A table of tracked faces with their truth: what the model learns from and is judged on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from pain.action_units import ActionUnit
from pain.align import LANDMARK_COUNT

UNITS: Final[tuple[ActionUnit, ...]] = tuple(ActionUnit)
"""Columns of every table of action units here, in FACS order."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceTable:
    """Tracked faces, one row each.

    Attributes:
        landmarks: float32 (N, 478, 3), as ``pain.align.pose_normalise`` returns them.
        units: float64 (N, len(UNITS)), true AU intensities 0..5.
        pspi: float64 (N,), true PSPI 0..16.
        level: float64 (N,), true pain level 0..6.
        person: str (N,), whose face it is; a person never crosses a split.
        expression: str (N,), e.g. ``pain``, ``neutral``, ``smile``.
        kind: str (N,), ``neutral``, ``pain`` or ``other``.
        height_px: float64 (N,), height of the tracked face.
    """

    landmarks: npt.NDArray[np.float32]
    units: Floats
    pspi: Floats
    level: Floats
    person: npt.NDArray[np.str_]
    expression: npt.NDArray[np.str_]
    kind: npt.NDArray[np.str_]
    height_px: Floats

    def __post_init__(self) -> None:
        """Refuse columns of different length or of a wrong shape."""
        rows = len(self.landmarks)
        expected: dict[str, tuple[int, ...]] = dict.fromkeys(_COLUMNS, (rows,))
        expected["landmarks"] = (rows, LANDMARK_COUNT, 3)
        expected["units"] = (rows, len(UNITS))
        for name, shape in expected.items():
            found = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"{name} has shape {found}, expected {shape}")

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.landmarks)

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """The rows given by index or by mask."""
        return type(self)(**{name: getattr(self, name)[rows] for name in _COLUMNS})

    @property
    def people(self) -> int:
        """Number of different people."""
        return len(np.unique(self.person))


_COLUMNS: Final = tuple(FaceTable.__dataclass_fields__)
