"""Whether a network is as sure as it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from train.metrics.predictions import Floats, Predictions
from train.metrics.resample import ratio, weighted_sums
from train.metrics.scored import Integers, Mask, Scored, scored

BINS: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reliability:
    """The points of a reliability diagram, one per bin that is not empty.

    Attributes:
        confidence: float64 (B,), mean probability of the class that the faces were called.
        accuracy: float64 (B,), how often that class was true.
        samples: int64 (B,).
    """

    confidence: Floats
    accuracy: Floats
    samples: Integers


def reliability(predictions: Predictions) -> Reliability:
    """Accuracy against confidence in bins of equal width."""
    terms = _terms(scored(predictions)).reshape(-1, 3, BINS + 1).sum(axis=0)
    filled = terms[0] > 0.0
    samples, right, confidence = terms[:, filled]
    return Reliability(
        confidence=confidence / samples,
        accuracy=right / samples,
        samples=samples.astype(np.int64),
    )


def values(faces: Scored) -> dict[str, float]:
    """``ece``: expected calibration error of the class that is called (Guo et al. 2017, ICML).

    Mean over the faces of |accuracy - confidence| in 15 bins of equal width. The class is that of
    every other figure, the rounded level, so that its accuracy is theirs; it need not be the
    likeliest.
    """
    import torch
    from torchmetrics.functional.classification import binary_calibration_error

    confidence, right = _called(faces)
    error = binary_calibration_error(
        torch.from_numpy(confidence), torch.from_numpy(right.astype(np.int64)), n_bins=BINS
    )
    return {"ece": float(error)}


def resampled(faces: Scored, weights: Floats) -> dict[str, Floats]:
    """The same figure of every resample; weights (resamples, people)."""
    sums = weighted_sums(_terms(faces), faces.person, weights).reshape(-1, 3, BINS + 1)
    samples, right, confidence = sums.transpose(1, 0, 2)
    return {"ece": ratio(np.abs(right - confidence).sum(axis=1), samples.sum(axis=1))}


def _terms(faces: Scored) -> Floats:
    """Of each face and bin: whether it is in it, whether it is right, its confidence.

    Shape (N, 3 * (BINS + 1)); a confidence of exactly 1 has a bin of its own, as in torchmetrics.
    """
    confidence, right = _called(faces)
    borders = np.linspace(0.0, 1.0, BINS + 1, dtype=np.float32)
    bin_of = np.searchsorted(borders, confidence.astype(np.float32), side="right") - 1
    inside = np.eye(BINS + 1)[bin_of]
    return np.hstack([inside, inside * right[:, None], inside * confidence[:, None]])


def _called(faces: Scored) -> tuple[Floats, Mask]:
    """Probability of the class that each face was called, and whether it is the true one."""
    rows = np.arange(len(faces))
    confidence = faces.probabilities[rows, faces.predicted_class].clip(0.0, 1.0)
    return confidence, faces.predicted_class == faces.truth_class
