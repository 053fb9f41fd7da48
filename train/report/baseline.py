"""What one scores without looking at a face."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from train.metrics import Evaluation, Predictions, evaluate
from train.metrics.predictions import class_count
from train.metrics.scored import nearest_whole
from train.objectives.task import Task

_OF_CLASSES: Final = ("accuracy", "precision", "recall", "f1", "ece")


def judged_without_looking(predictions: Predictions) -> Evaluation:
    """Figures of who never looks: the median level has the least error, the commonest is called.

    One constant cannot be best at both, so errors are of the median, and classes are the most
    frequent level of the other folds.
    """
    figures = {
        (figure.metric, figure.subset): figure
        for calling in (False, True)
        for figure in evaluate(without_looking(predictions, calling=calling)).figures
        if not calling or figure.metric.startswith(_OF_CLASSES)
    }
    return Evaluation(figures=tuple(figures.values()), gaps=())


def without_looking(predictions: Predictions, *, calling: bool = False) -> Predictions:
    """The same faces, each given one level of the other folds: their median, or their commonest.

    Probabilities are how often each level occurs in the other folds; in the binary task the level
    is the share of pain. Every run must beat it; how far it is from perfect says how hard the data
    are.

    Args:
        predictions: at least two folds.
        calling: give the commonest class, not the median level.
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
        if binary:
            predicted[here] = shares[1]
        else:
            predicted[here] = shares.argmax() if calling else np.median(predictions.truth[~here])
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
