"""Cross-validation by person: every face is scored by a model that never saw its person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from sklearn.model_selection import GroupKFold

from train.landmarks.faces import FaceTable
from train.landmarks.fit import FitSettings, fit
from train.landmarks.model import Prediction

FOLDS: Final = 5


def cross_validate(
    faces: FaceTable,
    settings: FitSettings,
    *,
    folds: int = FOLDS,
    on_fold: Callable[[int], None] = lambda _done: None,
) -> Prediction:
    """Predict every face with the model of the fold that its person is held out of.

    Args:
        faces: the whole data set.
        settings: how to fit each fold's model, calibration included.
        folds: number of folds.
        on_fold: told how many folds are done.

    Returns:
        Predictions in the order of ``faces``.

    Raises:
        ValueError: fewer people than folds.
    """
    if faces.people < folds:
        raise ValueError(f"{faces.people} people are too few for {folds} folds by person")
    parts: dict[str, list[np.ndarray]] = {name: [] for name in Prediction.__dataclass_fields__}
    order = []
    splits = GroupKFold(folds).split(faces.level, groups=faces.person)
    for done, (train, test) in enumerate(splits, start=1):
        predicted = fit(faces.take(train), settings).predict(faces.landmarks[test])
        for name, values in parts.items():
            values.append(getattr(predicted, name))
        order.append(test)
        on_fold(done)
    back = np.argsort(np.concatenate(order))
    return Prediction(**{name: np.concatenate(values)[back] for name, values in parts.items()})
