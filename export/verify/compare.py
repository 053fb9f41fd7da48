"""How far two ways of computing a model's outputs are apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pain.bundle import OutputName, Parity
from pain.errors import ExportError
from pain.scales import LEVEL_MAX, LEVEL_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed from one way of computing to another, on the same faces.

    Attributes:
        faces: number of faces.
        rated: number of those whose level is known.
        max_level: largest difference of level.
        mean_level: mean difference of level.
        max_difference: largest difference of every output.
        class_agreement: share of faces with the same nearest level.
        mae_before: mean absolute error of the level at first; None when no level is known.
        mae_after: the same afterwards.
    """

    faces: int
    rated: int
    max_level: float
    mean_level: float
    max_difference: Mapping[OutputName, float]
    class_agreement: float
    mae_before: float | None
    mae_after: float | None

    @property
    def worsening(self) -> float | None:
        """By how much the level's error grew; negative when it shrank."""
        if self.mae_before is None or self.mae_after is None:
            return None
        return self.mae_after - self.mae_before

    def as_parity(self, *, kept_float: tuple[str, ...] = ()) -> Parity:
        """As the manifest has it."""
        return Parity(
            inputs=self.faces,
            max_level_difference=self.max_level,
            mean_level_difference=self.mean_level,
            max_difference=dict(self.max_difference),
            class_agreement=self.class_agreement,
            mae_before=self.mae_before,
            mae_after=self.mae_after,
            kept_float=kept_float,
        )


def compare(
    before: Mapping[OutputName, npt.NDArray[Any]],
    after: Mapping[OutputName, npt.NDArray[Any]],
    levels: npt.NDArray[np.float32],
) -> Comparison:
    """Compare outputs on N faces.

    Args:
        before: outputs by name, e.g. of the checkpoint.
        after: the same outputs, e.g. of an exported graph.
        levels: float32 (N,), truth; NaN where not known.

    Raises:
        ExportError: outputs are missing, have other shapes, or a value is no number.
    """
    differences = {name: _differences(name, before, after) for name in before}
    first, second = (said["level"].astype(np.float64) for said in (before, after))
    known = np.isfinite(levels)
    truth = levels[known].astype(np.float64)
    return Comparison(
        faces=len(levels),
        rated=int(known.sum()),
        max_level=float(differences["level"].max()),
        mean_level=float(differences["level"].mean()),
        max_difference={name: float(values.max()) for name, values in differences.items()},
        class_agreement=float((_nearest(first) == _nearest(second)).mean()),
        mae_before=float(np.abs(first[known] - truth).mean()) if known.any() else None,
        mae_after=float(np.abs(second[known] - truth).mean()) if known.any() else None,
    )


def _differences(
    name: OutputName,
    before: Mapping[OutputName, npt.NDArray[Any]],
    after: Mapping[OutputName, npt.NDArray[Any]],
) -> npt.NDArray[np.float64]:
    if name not in after:
        raise ExportError(f"the exported graph has no output {name!r}")
    first, second = (said[name].astype(np.float64) for said in (before, after))
    if first.shape != second.shape or not first.size:
        raise ExportError(
            f"output {name!r} has shape {second.shape} instead of {first.shape} in the graph"
        )
    if not np.isfinite(second).all():
        raise ExportError(f"output {name!r} of the graph holds a value that is no number")
    return np.asarray(np.abs(first - second))


def _nearest(level: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Nearest whole level, halves up."""
    return np.asarray(np.clip(np.floor(level + 0.5), LEVEL_MIN, LEVEL_MAX))
