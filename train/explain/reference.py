"""Faces of a data set that a landmark model is explained against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.action_units import BLENDSHAPES
from pain.align import LANDMARK_COUNT
from pain.errors import DataError
from train.backbones import Sees
from train.experiment.schema import Experiment
from train.explain.regions import REGION_LANDMARKS, FaceRegion
from train.features.examples import load_examples
from train.features.inputs import LandmarkInputs
from train.protocol.calibrate import classes_of
from train.residents.expression import Kind

Floats = npt.NDArray[np.float32]

_COORDINATES: Final = 3
_PREFIXES: Final = {
    "brow": FaceRegion.BROWS,
    "eye": FaceRegion.EYES,
    "nose": FaceRegion.NOSE,
    "mouth": FaceRegion.MOUTH,
    "jaw": FaceRegion.MOUTH,
}


def blendshape_region(name: str) -> FaceRegion:
    """Part of the face that a blendshape moves."""
    found = (region for prefix, region in _PREFIXES.items() if name.startswith(prefix))
    return next(found, FaceRegion.ELSEWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFaces:
    """N labelled faces as a landmark model takes them.

    Attributes:
        arrays: float32 (N, 478, 3) landmarks and, where the model takes them, (N, 52) blendshapes.
        levels: float32 (N,), 0..6.
        painless: bool (N,), neutral faces where the set names them, else faces of level 0.
        words: name of the set, whose faces, how many.
    """

    arrays: tuple[Floats, ...]
    levels: Floats
    painless: npt.NDArray[np.bool_]
    words: str

    def mean_painless(self) -> list[Floats]:
        """The mean face without pain, one array per input."""
        return [array[self.painless].mean(axis=0) for array in self.arrays]

    def truth(self, *, binary: bool) -> npt.NDArray[np.float64]:
        """What the model's level should be, (N,)."""
        return (
            classes_of(self.levels, binary=True).astype(np.float64)
            if binary
            else self.levels.astype(np.float64)
        )

    def flat(self) -> Floats:
        """All numbers of a face side by side, (N, 1434) or (N, 1486)."""
        return np.concatenate([array.reshape(len(array), -1) for array in self.arrays], axis=1)

    def unflat(self, flat: Floats) -> tuple[Floats, ...]:
        """Inverse of ``flat``."""
        end = LANDMARK_COUNT * _COORDINATES
        landmarks = flat[:, :end].reshape(-1, LANDMARK_COUNT, _COORDINATES)
        return (landmarks, flat[:, end:])[: len(self.arrays)]

    def parts(self) -> Mapping[str, tuple[int, ...]]:
        """Columns of ``flat`` by region, and by kind of input where there are two."""
        end = LANDMARK_COUNT * _COORDINATES
        parts: dict[str, tuple[int, ...]] = {}
        for region, indices in REGION_LANDMARKS.items():
            columns = [_COORDINATES * i + axis for i in indices for axis in range(_COORDINATES)]
            if len(self.arrays) > 1:
                columns += [
                    end + k
                    for k, name in enumerate(BLENDSHAPES)
                    if blendshape_region(name) is region
                ]
            parts[str(region)] = tuple(columns)
        if len(self.arrays) > 1:
            parts["all landmarks"] = tuple(range(end))
            parts["all blendshapes"] = tuple(range(end, end + len(BLENDSHAPES)))
        return parts


def load_reference(experiment: Experiment, *, data: Path, cache: Path) -> ReferenceFaces:
    """Load a tracked data set for a landmark model.

    Args:
        experiment: of the model; says how the set's labels are read.
        data: folder of the set.
        cache: folder that ``painwatch train track`` filled.

    Raises:
        DataError: the set cannot be used, or shows nobody without pain.
    """
    section = experiment.data.model_copy(update={"folder": data, "cache": cache})
    examples = load_examples(experiment.model_copy(update={"data": section}))
    inputs = examples.inputs
    if not isinstance(inputs, LandmarkInputs):
        raise DataError("a picture model is explained by its pictures alone; leave --data out")
    arrays: tuple[Floats, ...] = (inputs.landmarks,)
    if (
        experiment.backbone.name.sees is Sees.LANDMARKS_BLENDSHAPES
        and inputs.blendshapes is not None
    ):
        arrays = (inputs.landmarks, inputs.blendshapes)
    painless = classes_of(examples.levels, binary=True) == 0
    neutral = np.array([sample.kind is Kind.NEUTRAL for sample in examples.samples])
    if (painless & neutral).any():
        painless &= neutral
    if not painless.any():
        raise DataError(
            f"{examples.dataset.name} has no face of level 0, and contributions are counted from "
            "the mean painless face; give another --data"
        )
    people = len(set(examples.subjects.tolist()))
    return ReferenceFaces(
        arrays=arrays,
        levels=examples.levels,
        painless=painless,
        words=(
            f"{examples.dataset.name}, {examples.origin}, {len(examples):,} faces of {people:,} "
            "people"
        ),
    )
