"""Faces of several sets as one, with all that any network could look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pain.errors import DataError
from train.data.choices import AS_IT_SAYS, Choices
from train.data.sample import Sample
from train.track.tracked import Crops, TrackedSet, load_tracked

Rows = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]

FOR_TESTS_ALONE: Final = "residents-unseen"
"""Names of sets that exist to be judged on begin so."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Faces:
    """N tracked faces, sets one after the other.

    Attributes:
        sets: name of each set.
        licences: of each set.
        samples: N samples; those without labels are welcome.
        crops: crops of each set, and position in them of every face.
        places: (N, 2), number of the set and position in its crops.
        landmarks: float32 (N, 478, 3), pose-normalised.
        blendshapes: float32 (N, 52).
        levels: float32 (N,), NaN where not known.
        pspi: float32 (N,), NaN where not known.
        units: float32 (N, len(UNITS)), NaN where not coded.
        pose_deg: float32 (N, 3).
        height_px: float32 (N,).
        missed: pictures in which the tracker found no face.
    """

    sets: tuple[str, ...]
    licences: tuple[str, ...]
    samples: tuple[Sample, ...]
    crops: tuple[Crops, ...]
    places: Rows
    landmarks: Floats
    blendshapes: Floats
    levels: Floats
    pspi: Floats
    units: Floats
    pose_deg: Floats
    height_px: Floats
    missed: int

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.samples)

    @property
    def subjects(self) -> npt.NDArray[np.str_]:
        """Whose face, str (N,); people of different sets are different people."""
        return np.array([f"{sample.source}/{sample.subject}" for sample in self.samples], np.str_)

    def batch(self, inputs: Sequence[str], rows: Rows) -> tuple[Tensor, ...]:
        """Tensors of these bundle inputs for these rows, on the CPU."""
        return tuple(self._input(name, rows) for name in inputs)

    def _input(self, name: str, rows: Rows) -> Tensor:
        if name == "landmarks":
            return torch.from_numpy(self.landmarks[rows])
        if name == "blendshapes":
            return torch.from_numpy(self.blendshapes[rows])
        if not self.crops:
            raise DataError("the tracker kept no crops; run 'painwatch train track' with --crops")
        found = [self.crops[number][at] for number, at in self.places[rows].tolist()]
        return torch.from_numpy(np.stack(found))


def load_faces(
    folders: Sequence[Path], *, cache: Path, to_learn: bool, choices: Choices = AS_IT_SAYS
) -> Faces:
    """Load the tracker's answers to several sets.

    Args:
        folders: of the sets, at least one.
        cache: folder that ``painwatch train track`` filled for all of them.
        to_learn: whether weights will see these faces.
        choices: what the sets do not say themselves.

    Raises:
        DataError: a set cannot be read, answers are missing, there is no face, or a set that is
            made for tests alone is to be learnt from.
    """
    tracked = [load_tracked(choices.open(folder), cache=cache) for folder in folders]
    for part in tracked:
        if to_learn and part.dataset.name.startswith(FOR_TESTS_ALONE):
            raise DataError(
                f"{part.dataset.root} ({part.dataset.name}) shows what no training may have seen; "
                "give it as --test instead of --data"
            )
    if not any(len(part) for part in tracked):
        raise DataError(f"the tracker found no face in {', '.join(map(str, folders))}")
    return _joined(tracked)


def refuse_shared_people(training: Faces, test: Faces) -> None:
    """Make sure that nobody is both learnt from and tested on.

    Raises:
        DataError: somebody is.
    """
    shared = sorted(set(training.subjects.tolist()) & set(test.subjects.tolist()))
    if shared:
        raise DataError(
            f"{len(shared)} people of {', '.join(test.sets)} are also in the training sets, e.g. "
            f"{shared[0]}; a test needs people of its own (another --seed)"
        )


def _joined(parts: Sequence[TrackedSet]) -> Faces:
    places = [
        np.stack([np.full(len(part), number, np.intp), np.arange(len(part), dtype=np.intp)], axis=1)
        for number, part in enumerate(parts)
    ]
    crops = tuple(part.crops for part in parts if part.crops is not None)
    return Faces(
        sets=tuple(part.dataset.name for part in parts),
        licences=tuple(part.dataset.licence for part in parts),
        samples=tuple(sample for part in parts for sample in part.samples),
        crops=crops if len(crops) == len(parts) else (),
        places=np.concatenate(places),
        landmarks=np.concatenate([part.normalised_landmarks() for part in parts]),
        blendshapes=np.concatenate([part.blendshapes for part in parts]),
        levels=np.concatenate([part.levels for part in parts]),
        pspi=np.concatenate([part.pspi for part in parts]),
        units=np.concatenate([part.units for part in parts]),
        pose_deg=np.concatenate([part.pose_deg for part in parts]),
        height_px=np.concatenate([part.height_px for part in parts]),
        missed=sum(len(part.missed) for part in parts),
    )
