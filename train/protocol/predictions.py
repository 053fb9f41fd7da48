"""Scores of all folds beside the truth, every face once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from train.experiment.schema import Experiment
from train.features.examples import Examples
from train.metrics import Predictions, Split
from train.protocol.fold import Scores
from train.protocol.folds import Fold


def out_of_fold(
    experiment: Experiment, examples: Examples, folds: Sequence[Fold], scores: Sequence[Scores]
) -> Predictions:
    """Put the folds' scores in the order of the examples.

    Args:
        experiment: what was asked.
        examples: n faces, each in the test part of one fold.
        folds: all of them.
        scores: of each fold's test part.
    """
    rows = np.concatenate([fold.test for fold in folds])
    back = np.argsort(rows)
    number = np.concatenate([np.full(len(fold.test), fold.number) for fold in folds])
    return Predictions.of_samples(
        examples.samples,
        task=experiment.task,
        run=str(experiment.name),
        split=Split(experiment.split.by.value),
        fold=number[back],
        predicted=np.concatenate([part.level for part in scores])[back],
        probabilities=np.concatenate([part.probabilities for part in scores])[back],
        raw_level=np.concatenate([part.raw_level for part in scores])[back],
        pose_deg=examples.pose_deg,
        height_px=examples.height_px,
    )
