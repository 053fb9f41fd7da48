"""What one scores without looking at a face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from train.metrics import Predictions
from train.metrics.predictions import class_count
from train.metrics.scored import nearest_whole
from train.objectives.task import Task


def without_looking(predictions: Predictions) -> Predictions:
    """The same faces, each given the median level of the other folds.

    Probabilities are how often each level occurs in the other folds; in the binary task the level
    is the share of pain. Every run must beat it; how far it is from perfect says how hard the data
    are.

    Args:
        predictions: at least two folds.
    """
    level = nearest_whole(predictions.truth)
    binary = predictions.task is Task.BINARY
    classes = np.minimum(level, 1) if binary else level
    predicted = np.empty(len(predictions))
    probabilities = np.empty((len(predictions), class_count(predictions.task)))
    for fold in np.unique(predictions.fold):
        here = predictions.fold == fold
        shares = np.bincount(classes[~here], minlength=probabilities.shape[1]) / (~here).sum()
        probabilities[here] = shares
        predicted[here] = shares[1] if binary else np.median(predictions.truth[~here])
    # Groups are all alike to one who does not look.
    unknown, nobody = np.full(len(predictions), np.nan), np.full(len(predictions), "")
    return replace(
        predictions,
        run="without looking",
        predicted=predicted,
        probabilities=probabilities,
        raw_level=unknown,
        age_band=nobody,
        sex=nobody,
        ancestry=nobody,
        skin_tone=nobody,
        yaw_deg=unknown,
        height_px=unknown,
    )
