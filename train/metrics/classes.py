"""Agreement of two classes: accuracy, precision, recall, F1, weighted kappa, confusion matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from train.metrics.predictions import Floats, Predictions
from train.metrics.resample import ratio, weighted_sums
from train.metrics.scored import Scored, scored

_KINDS = ("precision", "recall", "f1")
_AVERAGES = ("micro", "macro", "weighted")


def confusion_matrix(predictions: Predictions) -> npt.NDArray[np.int64]:
    """How often each true class (row) was called each class (column), int64 (C, C)."""
    return _confusion(scored(predictions))


def values(faces: Scored) -> dict[str, float]:
    """Figures of the classes; NaN where not defined.

    ``accuracy``; ``precision_3`` and so on for each class: precision is not defined for a class
    that was never called, recall for one that never was true; ``f1_macro`` and so on: a mean over
    the classes that were true or called, in which the undefined count as 0; ``quadratic_kappa``
    (Cohen 1968), not defined when there is one class alone.
    """
    from sklearn.metrics import accuracy_score, cohen_kappa_score, precision_recall_fscore_support

    truth, called, labels = faces.truth_class, faces.predicted_class, np.arange(faces.classes)
    one_class = len(np.union1d(truth, called)) == 1
    found = {
        "accuracy": float(accuracy_score(truth, called)),
        "quadratic_kappa": float("nan")
        if one_class
        else float(cohen_kappa_score(truth, called, labels=labels, weights="quadratic")),
    }
    by_class = precision_recall_fscore_support(truth, called, labels=labels, zero_division=np.nan)
    for kind, row in zip(_KINDS, by_class, strict=False):
        found |= {f"{kind}_{k}": float(value) for k, value in enumerate(row)}
    for average in _AVERAGES:
        means = precision_recall_fscore_support(truth, called, average=average, zero_division=0.0)
        found |= {
            f"{kind}_{average}": float(mean) for kind, mean in zip(_KINDS, means, strict=False)
        }
    return found


def resampled(faces: Scored, weights: Floats) -> dict[str, Floats]:
    """The same figures of every resample; weights (resamples, people)."""
    classes = faces.classes
    cell = faces.truth_class * classes + faces.predicted_class
    counts = weighted_sums(np.eye(classes * classes)[cell], faces.person, weights)
    matrix = counts.reshape(-1, classes, classes)
    hits, true, called = matrix.diagonal(axis1=1, axis2=2), matrix.sum(axis=2), matrix.sum(axis=1)
    total = matrix.sum(axis=(1, 2))
    accuracy = ratio(hits.sum(axis=1), total)
    found = {"accuracy": accuracy, "quadratic_kappa": _quadratic_kappa(matrix)}
    occurs = (true + called) > 0.0
    by_class = (ratio(hits, called), ratio(hits, true), ratio(2.0 * hits, true + called))
    for kind, of_class in zip(_KINDS, by_class, strict=True):
        found |= {f"{kind}_{k}": column for k, column in enumerate(of_class.T)}
        counted = np.nan_to_num(of_class)
        found[f"{kind}_micro"] = accuracy  # one class per face: every false alarm is also a miss
        found[f"{kind}_macro"] = ratio(counted.sum(axis=1), occurs.sum(axis=1))
        found[f"{kind}_weighted"] = ratio((counted * true).sum(axis=1), total)
    return found


def _quadratic_kappa(matrix: Floats) -> Floats:
    """1 - sum(w O) / sum(w E), w the squared distance of the classes, E from the margins."""
    k = np.arange(matrix.shape[1])
    distance = (k[:, None] - k) ** 2
    observed = (matrix * distance).sum(axis=(1, 2))
    true, called = matrix.sum(axis=2), matrix.sum(axis=1)
    expected = ratio(
        np.einsum("ri,rj,ij->r", true, called, distance.astype(np.float64)), true.sum(axis=1)
    )
    return 1.0 - ratio(observed, expected)


def _confusion(faces: Scored) -> npt.NDArray[np.int64]:
    from sklearn.metrics import confusion_matrix as confusion

    return np.asarray(
        confusion(faces.truth_class, faces.predicted_class, labels=np.arange(faces.classes)),
        np.int64,
    )
