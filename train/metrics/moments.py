"""Errors and agreement of two numbers: MSE, MAE, Pearson's r, ICC(3,1)."""

from __future__ import annotations

from typing import Final

import numpy as np

from train.metrics.predictions import Floats
from train.metrics.resample import ratio, weighted_sums
from train.metrics.scored import Scored

_CONSTANT: Final = 1e-12
"""Variance, in squared levels, below which a number does not vary but for rounding."""


def values(faces: Scored) -> dict[str, float]:
    """``mse``, ``mae``, ``pcc`` and ``icc_3_1``; NaN where not defined."""
    from scipy.stats import pearsonr
    from sklearn.metrics import mean_absolute_error, mean_squared_error

    truth, predicted = faces.truth, faces.predicted
    varies = min(truth.var(), predicted.var()) > _CONSTANT
    return {
        "mse": float(mean_squared_error(truth, predicted)),
        "mae": float(mean_absolute_error(truth, predicted)),
        "pcc": float(pearsonr(truth, predicted).statistic) if varies else float("nan"),
        "icc_3_1": icc_3_1(np.column_stack([truth, predicted])),
    }


def resampled(faces: Scored, weights: Floats) -> dict[str, Floats]:
    """The same figures of every resample; weights (resamples, people)."""
    # Sums of squares about a point near the mean keep their digits.
    t, p = faces.truth - faces.truth.mean(), faces.predicted - faces.truth.mean()
    error = faces.predicted - faces.truth
    terms = np.column_stack([np.ones_like(t), t, p, t * t, p * p, t * p, error**2, np.abs(error)])
    sums = weighted_sums(terms, faces.person, weights)
    mean = ratio(sums, sums[:, :1])
    _, mean_t, mean_p, mean_tt, mean_pp, mean_tp, mse, mae = mean.T
    var_t, var_p = _variance(mean_tt, mean_t), _variance(mean_pp, mean_p)
    covariance = mean_tp - mean_t * mean_p
    return {
        "mse": mse,
        "mae": mae,
        "pcc": ratio(covariance, np.sqrt(var_t * var_p)),
        # ICC(3,1) of two raters: MSR = s_m + c and MSE = s_m - c, s_m their mean variance, c their
        # covariance.
        "icc_3_1": ratio(covariance, (var_t + var_p) / 2.0),
    }


def icc_3_1(ratings: Floats) -> float:
    """Intraclass correlation ICC(3,1): two-way mixed effects, one rating, consistency.

    (MSR - MSE) / (MSR + (k - 1) MSE), MSR between the rows and MSE residual (Shrout & Fleiss 1979,
    Psychological Bulletin 86:420-428). A rater's constant offset costs nothing.

    Args:
        ratings: float64 (N, k), one row per face, one column per rater.

    Returns:
        -1..1 (with two raters); NaN when there is one face or nothing varies.
    """
    rows, raters = ratings.shape
    if rows < 2:  # noqa: PLR2004  (nothing lies between the rows)
        return float("nan")
    grand = ratings.mean()
    of_row = ratings.mean(axis=1, keepdims=True)
    of_rater = ratings.mean(axis=0, keepdims=True)
    between = raters * ((of_row - grand) ** 2).sum() / (rows - 1)
    residual = ((ratings - of_row - of_rater + grand) ** 2).sum() / ((rows - 1) * (raters - 1))
    total = between + (raters - 1) * residual
    return float((between - residual) / total) if total > _CONSTANT else float("nan")


def _variance(mean_of_squares: Floats, mean: Floats) -> Floats:
    """Variance; 0 where the number does not vary but for rounding."""
    found = mean_of_squares - mean**2
    return np.where(found > _CONSTANT, found, 0.0)
