"""Whether faces in pain rank above others: areas under the ROC curve."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from train.metrics.predictions import Floats
from train.metrics.resample import ratio
from train.metrics.scored import Mask, Scored

_CHUNK: Final = 250
"""Resamples at a time; bounds memory to 250 numbers per face."""


def values(faces: Scored) -> dict[str, float]:
    """Areas under the ROC curve of the predicted level; NaN when one side has no face.

    ``auroc_any_pain_vs_no_pain``, ``auroc_any_pain_vs_hard_negatives``,
    ``auroc_moderate_pain_vs_no_pain``, ``auroc_moderate_pain_vs_hard_negatives``. Any pain is a
    level whose nearest whole one is 1 or more, moderate pain is level 3 or more, no pain is nearest
    to 0 whatever the face does; hard negatives are expressions that may be mistaken for pain. Faces
    of neither side are left out.
    """
    from sklearn.metrics import roc_auc_score

    return {
        name: float(roc_auc_score(positive[chosen], faces.predicted[chosen]))
        if _both(positive[chosen])
        else float("nan")
        for name, chosen, positive in _questions(faces)
    }


def resampled(faces: Scored, weights: Floats) -> dict[str, Floats]:
    """The same figures of every resample; weights (resamples, people)."""
    return {
        name: _areas(faces.predicted[chosen], positive[chosen], faces.person[chosen], weights)
        if _both(positive[chosen])
        else np.full(len(weights), np.nan)
        for name, chosen, positive in _questions(faces)
    }


def _questions(faces: Scored) -> list[tuple[str, Mask, Mask]]:
    """Name, faces that take part, and which of all faces are positive."""
    pains = {"any_pain": faces.any_pain, "moderate_pain": faces.moderate_pain}
    others = {"no_pain": faces.no_pain, "hard_negatives": faces.hard_negative}
    return [
        (f"auroc_{pain}_vs_{other}", positive | negative, positive)
        for pain, positive in pains.items()
        for other, negative in others.items()
    ]


def _both(positive: Mask) -> bool:
    return bool(positive.any() and not positive.all())


def _areas(score: Floats, positive: Mask, person: npt.NDArray[np.intp], weights: Floats) -> Floats:
    """Weighted Mann-Whitney statistics, (resamples,); ties count half (Hanley & McNeil 1982)."""
    order = np.argsort(score, kind="stable")
    _, starts = np.unique(score[order], return_index=True)
    person, positive = person[order], positive[order]
    areas = []
    for some in np.array_split(weights, -(-len(weights) // _CHUNK)):
        of_face = some[:, person]
        above = np.add.reduceat(of_face * positive, starts, axis=1)
        below = np.add.reduceat(of_face * ~positive, starts, axis=1)
        won = (above * (below.cumsum(axis=1) - 0.5 * below)).sum(axis=1)
        areas.append(ratio(won, above.sum(axis=1) * below.sum(axis=1)))
    return np.concatenate(areas)
