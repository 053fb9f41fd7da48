"""Bootstrap over people: the same draws for every figure, as weights."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from train.metrics.predictions import Floats

RESAMPLES: Final = 1000

_INTERVAL: Final = (2.5, 97.5)
_LEAST_DEFINED: Final = 0.5


def draw_people(people: int, *, resamples: int, seed: int) -> Floats:
    """How often each person is drawn, float64 (resamples, people).

    As many people as there are, with replacement; all faces of a person come along (cluster
    bootstrap, Davison & Hinkley 1997, section 3.8), since faces of one person are alike.
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(people, np.full(people, 1.0 / people), size=resamples).astype(np.float64)


def weighted_sums(terms: Floats, person: npt.NDArray[np.intp], weights: Floats) -> Floats:
    """Sums of each resample, (resamples, M), of terms (N, M) of faces.

    Summed per person first, so that a resample is one row of a small matrix product.
    """
    per_person = np.zeros((weights.shape[1], terms.shape[1]))
    np.add.at(per_person, person, terms)
    return np.asarray(weights @ per_person)


def ratio(above: Floats, below: Floats) -> Floats:
    """Quotient of two arrays; NaN, without a warning, where the divisor is 0."""
    above, below = np.broadcast_arrays(above, below)
    unknown = np.full(below.shape, np.nan)
    return np.asarray(np.divide(above, below, out=unknown, where=below != 0.0))


def interval(draws: Floats) -> tuple[float, float]:
    """Percentile interval of 95 % (Efron & Tibshirani 1993), of the resamples that define one.

    NaN when fewer than half of them do: such an interval would speak of a selection.
    """
    defined = draws[np.isfinite(draws)]
    if len(defined) < _LEAST_DEFINED * len(draws):
        return float("nan"), float("nan")
    low, high = np.percentile(defined, _INTERVAL)
    return float(low), float(high)
