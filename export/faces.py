"""Real tracked faces to hold an exported graph against its checkpoint, or to calibrate it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.bundle import InputName
from pain.errors import DataError
from train.data.choices import AS_IT_SAYS, Choices
from train.data.sample import Sample
from train.track.tracked import TrackedSet, load_tracked

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

EVERY_INPUT: Final[tuple[InputName, ...]] = ("face", "landmarks", "blendshapes")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Faces:
    """N tracked faces with what is known of them.

    Attributes:
        inputs: by name; face uint8 (N, 256, 256, 3), landmarks float32 (N, 478, 3)
            pose-normalised, blendshapes float32 (N, 52).
        levels: float32 (N,), NaN where not known.
        pspi: float32 (N,), NaN where not known.
        units: float32 (N, len(UNITS)), NaN where not coded.
        samples: N samples.
        data: name of the set, for people.
    """

    inputs: Mapping[InputName, npt.NDArray[Any]]
    levels: Floats
    pspi: Floats
    units: Floats
    samples: tuple[Sample, ...]
    data: str

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.samples)

    def of(self, names: Sequence[InputName]) -> dict[InputName, npt.NDArray[Any]]:
        """Arrays of these inputs.

        Raises:
            DataError: the tracker kept no crops, and they are asked for.
        """
        if "face" in names and "face" not in self.inputs:
            raise DataError(
                f"{self.data}: the tracker kept no crops; run 'painwatch train track' with --crops"
            )
        return {name: self.inputs[name] for name in names}

    def take(self, rows: Rows) -> Faces:
        """Some of them, in the order of ``rows``."""
        return Faces(
            inputs={name: values[rows] for name, values in self.inputs.items()},
            levels=self.levels[rows],
            pspi=self.pspi[rows],
            units=self.units[rows],
            samples=tuple(self.samples[row] for row in rows.tolist()),
            data=self.data,
        )


def load_faces(
    data: Path,
    cache: Path,
    *,
    limit: int | None,
    seed: int = 0,
    needs: Sequence[InputName] = EVERY_INPUT,
    choices: Choices = AS_IT_SAYS,
) -> Faces:
    """Load faces of a set as the tracker saw them.

    Args:
        data: folder of the set.
        cache: folder that ``painwatch train track`` filled.
        limit: at most so many, evenly over levels and, within a level, over people.
        seed: of the choice.
        needs: inputs to load; crops that nobody needs stay on the disk.
        choices: what the set does not say itself.

    Raises:
        DataError: the set cannot be read, answers are missing, or there is no face.
    """
    tracked = load_tracked(choices.open(data), cache=cache)
    if not len(tracked):
        raise DataError(f"the tracker found no face in {data}; give another set with --data")
    rows = np.arange(len(tracked), dtype=np.intp)
    if limit is not None and limit < len(tracked):
        rows = choose_evenly(tracked.levels, tracked.subjects, count=limit, seed=seed)
    return Faces(
        inputs=_inputs(tracked, rows, needs),
        levels=tracked.levels[rows],
        pspi=tracked.pspi[rows],
        units=tracked.units[rows],
        samples=tuple(tracked.samples[row] for row in rows.tolist()),
        data=tracked.dataset.name,
    )


def choose_evenly(
    levels: Floats, subjects: npt.NDArray[np.str_], *, count: int, seed: int = 0
) -> Rows:
    """Choose faces so that no level and no person has many more than another.

    Args:
        levels: (n,), NaN where not known; those are one level of their own.
        subjects: (n,) whose face.
        count: how many, at most n.
        seed: of the choice.

    Returns:
        Rows (count,), ascending.
    """
    shuffled = np.random.default_rng(seed).permutation(len(levels))
    nearest = np.where(np.isnan(levels), -1, np.floor(np.nan_to_num(levels) + 0.5))[shuffled]
    people = np.unique(subjects, return_inverse=True)[1][shuffled]
    # Nobody's second face of a level comes before everybody's first, and no level's second face
    # before every level's first.
    turn = _turns(np.stack([nearest, people], axis=1))
    within = np.lexsort((turn, nearest))
    rank = np.empty(len(levels), np.intp)
    rank[within] = _turns(nearest[within][:, None])
    order = np.argsort(rank, kind="stable")
    return np.sort(shuffled[order[:count]])


def _turns(keys: npt.NDArray[Any]) -> Rows:
    """How many earlier rows have the same key, (n,)."""
    inverse = np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], inverse[order], side="left")
    turns = np.empty(len(keys), np.intp)
    turns[order] = np.arange(len(keys)) - starts
    return turns


def _inputs(
    tracked: TrackedSet, rows: Rows, needs: Sequence[InputName]
) -> dict[InputName, npt.NDArray[Any]]:
    inputs: dict[InputName, npt.NDArray[Any]] = {}
    if "face" in needs and tracked.crops is not None:
        inputs["face"] = tracked.crops.stack(rows.tolist())
    if "landmarks" in needs:
        inputs["landmarks"] = tracked.normalised_landmarks()[rows]
    if "blendshapes" in needs:
        inputs["blendshapes"] = tracked.blendshapes[rows]
    return inputs
