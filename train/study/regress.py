"""Ridge regression in which nobody is scored by a model that has seen the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from pain.errors import DataError
from train.study.estimate import Floats, People, Rows

FOLDS: Final = 5
ALPHAS: Final = tuple(float(alpha) for alpha in np.logspace(-1, 5, 13))
"""Ridge penalties that are tried, per target."""


def folds_by_person(person: People, folds: int = FOLDS) -> list[tuple[Rows, Rows]]:
    """Rows to train on and rows to test on, ``folds`` times; each person is tested once.

    Raises:
        DataError: fewer people than folds.
    """
    people = len(np.unique(person))
    if people < folds:
        raise DataError(
            f"{people} people with faces are too few for {folds} folds by person; make a larger set"
        )
    return list(GroupKFold(folds).split(person, groups=person))


def held_out(
    features: Floats, targets: Floats, person: People, *, components: int | None = None
) -> Floats:
    """Predict every row with a model of the people in the other folds.

    Scaling, principal axes and penalties come from the training people of each fold alone; the
    penalty of each target is the best in inner folds by person.

    Args:
        features: (n, d).
        targets: (n, t).
        person: str (n,).
        components: principal axes to keep; all features, standardised, when None.

    Returns:
        float64 (n, t), not bounded to any scale.

    Raises:
        DataError: fewer people than folds.
    """
    predicted = np.empty(targets.shape, np.float64)
    for train, test in folds_by_person(person):
        scale = _scaling(components, features[train].shape)
        x, y = scale.fit_transform(features[train]), targets[train]
        predict = _fitted(x, y, _penalties(x, y, person[train]))
        predicted[test] = predict(scale.transform(features[test]))
    return predicted


def held_out_mean(targets: Floats, person: People) -> Floats:
    """The mean of the other folds' people for everybody, (n, t): what knowing nothing gives."""
    predicted = np.empty(targets.shape, np.float64)
    for train, test in folds_by_person(person):
        predicted[test] = targets[train].mean(axis=0)
    return predicted


def _scaling(components: int | None, shape: tuple[int, ...]) -> Pipeline:
    if components is None:
        return make_pipeline(StandardScaler())
    rows, columns = shape
    # Both solvers are exact and give the same axes on every run; the cheaper one is taken.
    solver = "full" if rows < columns else "covariance_eigh"
    return make_pipeline(PCA(min(components, *shape), whiten=True, svd_solver=solver))


def _penalties(x: Floats, y: Floats, person: People) -> Floats:
    """The penalty of least squared error for each target, (t,)."""
    unseen = np.empty((len(ALPHAS), *y.shape))
    for train, test in folds_by_person(person, min(FOLDS, len(np.unique(person)))):
        for at, alpha in enumerate(ALPHAS):
            unseen[at, test] = _fitted(x[train], y[train], alpha)(x[test])
    best: Floats = np.array(ALPHAS)[((unseen - y) ** 2).mean(axis=1).argmin(axis=0)]
    return best


def _fitted(x: Floats, y: Floats, alpha: float | Floats) -> Callable[[Floats], Floats]:
    """Ridge regression (k, d) -> (k, t), also where scikit-learn drops a single target's axis."""
    ridge = Ridge(alpha=alpha).fit(x, y)
    return lambda unseen: np.asarray(ridge.predict(unseen)).reshape(len(unseen), y.shape[1])
