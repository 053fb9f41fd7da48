"""A set to judge on: faces with a known level, as the tracker saw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pain.bundle import InputName
from pain.errors import DataError
from pain.values import Reason
from train.data.choices import AS_IT_SAYS, Choices
from train.metrics import DataOrigin
from train.metrics.subgroups import LARGE_PX, SMALL_PX
from train.study.cohort import Cohort, read_details
from train.study.groups import Group, groups_of
from train.track.tracked import Crops, TrackedSet, load_tracked

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOut:
    """M faces of a set.

    Attributes:
        cohort: the M faces, and samples of known level without a face.
        crops: of all faces of the set, those of unknown level too; None when they were not kept.
        rows: (M,), which of these are the cohort's.
    """

    cohort: Cohort
    crops: Crops | None
    rows: Rows

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.rows)

    @property
    def name(self) -> str:
        """Name of the set; synthetic residents' says their seed."""
        return self.cohort.tracked.dataset.name

    @property
    def origin(self) -> DataOrigin:
        """Whether anybody is real."""
        return DataOrigin.of(sample.origin for sample in self.cohort.tracked.samples)

    @property
    def people(self) -> int:
        """Number of people with a face."""
        return len(np.unique(self.cohort.tracked.subjects))

    @property
    def missed(self) -> dict[Reason, int]:
        """Samples of known level that no figure counts, by why there is no face."""
        return self.cohort.tracked.reasons()

    def batches(
        self, names: Sequence[InputName], *, size: int
    ) -> Iterator[dict[InputName, npt.NDArray[Any]]]:
        """Inputs of a bundle, a few faces at a time; crops stay on the disk till then.

        Raises:
            DataError: the tracker kept no crops, and they are asked for.
        """
        if "face" in names and self.crops is None:
            raise DataError(
                f"{self.name}: the tracker kept no crops; run 'painwatch train track' with --crops"
            )
        tracked = self.cohort.tracked
        landmarks = tracked.normalised_landmarks() if "landmarks" in names else None
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            inputs: dict[InputName, npt.NDArray[Any]] = {}
            if "face" in names and self.crops is not None:
                inputs["face"] = self.crops.stack(self.rows[part].tolist())
            if landmarks is not None:
                inputs["landmarks"] = landmarks[part]
            if "blendshapes" in names:
                inputs["blendshapes"] = tracked.blendshapes[part]
            yield inputs

    def groups(self) -> list[Group]:
        """Groups of people and of pictures that may be read worse, and bands of face height."""
        return [*groups_of(self.cohort), *_by_height(self.cohort)]


def open_held_out(data: Path, cache: Path, choices: Choices = AS_IT_SAYS) -> HeldOut:
    """Load the tracker's faces of a set; samples of unknown level take no part.

    Args:
        data: folder of the set.
        cache: folder of the tracker's answers.
        choices: what the set does not say itself.

    Raises:
        DataError: the set cannot be read, answers are missing, or nothing is left.
    """
    tracked = load_tracked(choices.open(data), cache=cache)
    rows = np.flatnonzero(np.isfinite(tracked.levels))
    if not len(rows):
        raise DataError(f"{data}: no face with a known level; give another set with --data")
    return HeldOut(cohort=_cohort(_only(tracked, rows)), crops=tracked.crops, rows=rows)


def _only(tracked: TrackedSet, rows: Rows) -> TrackedSet:
    return replace(
        tracked,
        samples=tuple(tracked.samples[row] for row in rows.tolist()),
        landmarks=tracked.landmarks[rows],
        blendshapes=tracked.blendshapes[rows],
        pose_deg=tracked.pose_deg[rows],
        height_px=tracked.height_px[rows],
        sharpness=tracked.sharpness[rows],
        brightness=tracked.brightness[rows],
        crops=None,
        missed=tuple(pair for pair in tracked.missed if pair[0].level is not None),
    )


def _cohort(tracked: TrackedSet) -> Cohort:
    """Also of sets without PSPI or action units, which ``Cohort.of`` refuses."""
    samples = tuple(sample for sample in tracked.dataset.samples if sample.level is not None)
    faces = {sample.id for sample in tracked.samples}
    by_file = read_details(tracked.dataset.root)
    return Cohort(
        tracked=tracked,
        samples=samples,
        details=tuple(by_file.get(sample.id, {}) for sample in samples),
        found=np.array([sample.id in faces for sample in samples]),
    )


def _by_height(cohort: Cohort) -> list[Group]:
    height = np.full(len(cohort.samples), np.nan)
    height[cohort.found] = cohort.tracked.height_px
    bands = {
        f"below {SMALL_PX:.0f} px": height < SMALL_PX,
        f"{SMALL_PX:.0f}-{LARGE_PX:.0f} px": (height >= SMALL_PX) & (height < LARGE_PX),
        f"from {LARGE_PX:.0f} px": height >= LARGE_PX,
    }
    return [
        Group(trait="face height", name=name, members=members)
        for name, members in bands.items()
        if members.any()
    ]
