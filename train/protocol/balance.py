"""SMOTE: rare classes are filled up with faces that lie between neighbours in feature space.

Chawla, Bowyer, Hall & Kegelmeyer (2002), SMOTE: Synthetic Minority Over-sampling Technique, JAIR
16:321-357. Only ever given the training part of a fold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from imblearn.over_sampling import SMOTE

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """Features with the added ones at the end.

    Attributes:
        features: float32 (m, W), the given rows first.
        levels: float32 (m,); an added face has the mean level of its class.
        notes: what could not be done as asked; for people.
    """

    features: Floats
    levels: Floats
    notes: tuple[str, ...]


def balance(
    features: Floats,
    levels: Floats,
    classes: npt.NDArray[np.intp],
    *,
    neighbours: int,
    seed: int,
) -> Balanced:
    """Bring every class to the size of the largest.

    A class with fewer than ``neighbours`` + 1 faces draws between as many as it has; one with a
    single face stays as it is, for it has nothing to draw between.

    Args:
        features: float32 (n, W), training faces only.
        levels: float32 (n,).
        classes: (n,) class of each face.
        neighbours: SMOTE's k.
        seed: of the drawing.
    """
    names, counts = np.unique(classes, return_counts=True)
    largest = names[counts.argmax()]
    added, added_levels, notes = [features], [levels], []
    for name, count in zip(names.tolist(), counts.tolist(), strict=True):
        missing = int(counts.max()) - count
        if not missing:
            continue
        if count == 1:
            notes.append(f"SMOTE: class {name} has a single face and stays as it is")
            continue
        if count <= neighbours:
            notes.append(f"SMOTE: class {name} has {count} faces, so {count - 1} neighbours")
        # One class at a time, so that a tiny one does not take the others' neighbours.
        both = (classes == name) | (classes == largest)
        sampler = SMOTE(
            sampling_strategy={name: int(counts.max())},
            k_neighbors=min(neighbours, count - 1),
            random_state=seed,
        )
        grown, _ = sampler.fit_resample(features[both], classes[both])
        added.append(np.asarray(grown[-missing:], np.float32))
        mean = levels[classes == name].mean(dtype=np.float64)
        added_levels.append(np.full(missing, mean, np.float32))
    return Balanced(
        features=np.concatenate(added),
        levels=np.concatenate(added_levels),
        notes=tuple(notes),
    )
