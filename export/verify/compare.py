"""How far two ways of computing a model's outputs are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.clips.judge import ClipComparison
from export.verify.moved import apart, moved
from pain.bundle import AlarmParity, Difference, OutputName, Parity
from pain.scales import LEVEL_MAX, LEVEL_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed from one way of computing to another, on the same faces.

    Attributes:
        faces: number of faces.
        rated: number of those whose level is known.
        moved: how far each reading moved: ``level``, ``pspi``, every action unit.
        max_difference: largest difference of every output.
        class_agreement: share of faces with the same nearest level.
        mae_before: mean absolute error of the level at first; None when no level is known.
        mae_after: the same afterwards.
        clips: what changed on clips; empty where none was looked at.
    """

    faces: int
    rated: int
    moved: Mapping[str, Difference]
    max_difference: Mapping[OutputName, float]
    class_agreement: float
    mae_before: float | None
    mae_after: float | None
    clips: tuple[ClipComparison, ...] = ()

    @property
    def max_level(self) -> float:
        """Largest difference of level."""
        return self.moved["level"].largest

    @property
    def mean_level(self) -> float:
        """Mean difference of level."""
        return self.moved["level"].mean

    @property
    def worsening(self) -> float | None:
        """By how much the level's error grew; negative when it shrank."""
        if self.mae_before is None or self.mae_after is None:
            return None
        return self.mae_after - self.mae_before

    def as_parity(self, *, kept_float: tuple[str, ...] = ()) -> Parity:
        """As the manifest has it."""
        shifts = [change.onset_shift_s for clip in self.clips for change in clip.alarms]
        return Parity(
            inputs=self.faces,
            max_level_difference=self.max_level,
            mean_level_difference=self.mean_level,
            max_difference=dict(self.max_difference),
            readings=dict(self.moved),
            alarms=AlarmParity(
                clips=tuple(clip.name for clip in self.clips),
                same=sum(shift is not None for shift in shifts),
                differ=sum(shift is None for shift in shifts),
                largest_shift_s=max((abs(shift) for shift in shifts if shift), default=0.0),
            )
            if self.clips
            else None,
            class_agreement=self.class_agreement,
            mae_before=self.mae_before,
            mae_after=self.mae_after,
            kept_float=kept_float,
        )


def compare(
    before: Mapping[OutputName, npt.NDArray[Any]],
    after: Mapping[OutputName, npt.NDArray[Any]],
    levels: npt.NDArray[np.float32],
    *,
    units: Sequence[str] = (),
    clips: tuple[ClipComparison, ...] = (),
) -> Comparison:
    """Compare outputs on N faces.

    Args:
        before: outputs by name, e.g. of the checkpoint.
        after: the same outputs, e.g. of an exported graph.
        levels: float32 (N,), truth; NaN where not known.
        units: names of the columns of ``action_units``.
        clips: what changed on clips.

    Raises:
        ExportError: outputs are missing, have other shapes, or a value is no number.
    """
    largest = {name: float(apart(name, before, after).max()) for name in before}
    first, second = (said["level"].astype(np.float64) for said in (before, after))
    known = np.isfinite(levels)
    truth = levels[known].astype(np.float64)
    return Comparison(
        faces=len(levels),
        rated=int(known.sum()),
        moved=moved(before, after, units),
        max_difference=largest,
        class_agreement=float((_nearest(first) == _nearest(second)).mean()),
        mae_before=float(np.abs(first[known] - truth).mean()) if known.any() else None,
        mae_after=float(np.abs(second[known] - truth).mean()) if known.any() else None,
        clips=clips,
    )


def _nearest(level: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Nearest whole level, halves up."""
    return np.asarray(np.clip(np.floor(level + 0.5), LEVEL_MIN, LEVEL_MAX))
