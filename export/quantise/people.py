"""Who calibrates and who judges: never the same person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from export.faces import Faces
from pain.errors import DataError
from train.distil.faces import FOR_TESTS_ALONE

_FEWEST: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """Faces of two groups of people.

    Attributes:
        calibration: these choose the ranges of activations and tell which layers suffer.
        judging: these decide whether the graph may be written; their levels are known.
    """

    calibration: Faces
    judging: Faces

    def __str__(self) -> str:
        return (
            f"calibrated on {len(self.calibration)} faces of {people_of(self.calibration)} people, "
            f"judged on {len(self.judging)} faces of {people_of(self.judging)} others"
        )


def part_people(faces: Faces, *, calibration: int, seed: int = 0) -> Parted:
    """Part faces by the person they belong to.

    Args:
        faces: of at least two people.
        calibration: faces to calibrate on; the people for it are drawn until they have so many, and
            at least half of all people are left to judge.
        seed: of the draw.

    Raises:
        DataError: a set that is made for tests alone, one person alone, or nobody left to judge
            whose level is known.
    """
    if faces.data.startswith(FOR_TESTS_ALONE):
        raise DataError(
            f"{faces.data}: nothing may be fitted to this set, and INT8 fits its ranges and its "
            "layers; give the set that the bundle learnt from with --data"
        )
    subjects = np.array([sample.subject for sample in faces.samples])
    people = np.random.default_rng(seed).permutation(np.unique(subjects))
    if len(people) < _FEWEST:
        raise DataError(
            f"{faces.data}: {len(people)} person; calibrating and judging need different people, "
            "give a set of more with --data"
        )
    counts = np.array([(subjects == person).sum() for person in people])
    enough = int(np.searchsorted(np.cumsum(counts), calibration)) + 1
    calibrating = people[: min(enough, len(people) // 2)]
    calibrates = np.isin(subjects, calibrating)
    judges = ~calibrates & np.isfinite(faces.levels)
    if not judges.any():
        raise DataError(
            f"{faces.data}: no face of the people who judge has a known level, so nobody can say "
            "what INT8 costs; give a set with levels with --data"
        )
    return Parted(
        calibration=faces.take(np.flatnonzero(calibrates)[:calibration]),
        judging=faces.take(np.flatnonzero(judges)),
    )


def people_of(faces: Faces) -> int:
    """Number of people."""
    return len({sample.subject for sample in faces.samples})
