"""The landmark model in plain numpy: what is trained, saved, evaluated and exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.action_units import AU_MAX
from pain.align import LANDMARK_COUNT
from pain.scales import LEVEL_COUNT, PSPI_MAX
from train.landmarks.faces import UNITS, Floats
from train.landmarks.mirror import symmetric

FEATURES: Final = LANDMARK_COUNT * 3
TARGETS: Final = 2 + len(UNITS)
"""Columns of the regression: level, PSPI, then one per AU."""

LEVEL_BORDERS: Final = np.arange(1, LEVEL_COUNT) - 0.5
"""Half-way points between neighbouring levels: 0.5 to 5.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalLink:
    """From the regression's level to a distribution over the seven levels.

    Cumulative logit link (McCullagh 1980) with fixed borders b_k = k - 0.5:
    P(level >= k) = sigmoid((slope * x + offset - b_k) / spread), k = 1..6. It rises with x, so the
    order of faces is the regression's own.

    Attributes:
        slope: undoes the shrinkage of ridge regression; above 0.
        offset: levels.
        spread: scale of the logistic noise in levels; above 0.
    """

    slope: float
    offset: float
    spread: float

    def latent(self, regressed: Floats) -> Floats:
        """Stretched level (N,), not yet bounded."""
        return self.slope * regressed + self.offset

    def at_least(self, regressed: Floats) -> Floats:
        """P(level >= k) for k = 1..6, shape (N, 6)."""
        scaled = (self.latent(regressed)[:, None] - LEVEL_BORDERS) / self.spread
        # tanh keeps far values from overflowing, which exp would not.
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)))

    def probabilities(self, regressed: Floats) -> Floats:
        """Probabilities of levels 0 to 6, shape (N, 7)."""
        at_least = self.at_least(regressed)
        ones, zeros = np.ones((len(regressed), 1)), np.zeros((len(regressed), 1))
        return np.hstack([ones, at_least]) - np.hstack([at_least, zeros])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the model says of N faces.

    Attributes:
        level: float64 (N,), expected level 0..6.
        probabilities: float64 (N, 7).
        pspi: float64 (N,), 0..16.
        units: float64 (N, len(UNITS)), 0..5.
    """

    level: Floats
    probabilities: Floats
    pspi: Floats
    units: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkModel:
    """Mirror average, PCA, standardisation, ridge regression and ordinal link.

    Attributes:
        mirror: (478,) each landmark's counterpart on the other side.
        mean: float64 (1434,), mean landmarks of the training faces.
        components: float64 (C, 1434), principal axes.
        scale: float64 (C,), standard deviation along each axis.
        weights: float64 (C, TARGETS), ridge weights on the standardised scores.
        intercept: float64 (TARGETS,).
        link: level to probabilities.
    """

    mirror: npt.NDArray[np.intp]
    mean: Floats
    components: Floats
    scale: Floats
    weights: Floats
    intercept: Floats
    link: OrdinalLink

    def regress(self, landmarks: npt.NDArray[np.float32]) -> Floats:
        """Raw regression (N, TARGETS) of landmarks float32 (N, 478, 3)."""
        flat = symmetric(landmarks, self.mirror).reshape(len(landmarks), FEATURES)
        scores = (flat - self.mean) @ self.components.T / self.scale
        return np.asarray(scores @ self.weights + self.intercept)

    def folded(self) -> Floats:
        """One matrix (1434, TARGETS): regress(x) = (x - mean) @ folded + intercept.

        The mirror average is a symmetric matrix and leaves the mean as it is, so it can be applied
        to the weights instead of to the faces.
        """
        matrix = (self.components.T / self.scale) @ self.weights
        sides = symmetric(matrix.T.reshape(-1, LANDMARK_COUNT, 3), self.mirror)
        return np.asarray(sides.reshape(-1, FEATURES).T)

    def predict(self, landmarks: npt.NDArray[np.float32]) -> Prediction:
        """Score landmarks float32 (N, 478, 3) from ``pain.align.pose_normalise``."""
        return to_prediction(self.regress(landmarks), self.link)


def to_prediction(regressed: Floats, link: OrdinalLink) -> Prediction:
    """Bound the raw regression (N, TARGETS) to the scales."""
    return Prediction(
        level=link.at_least(regressed[:, 0]).sum(axis=1),
        probabilities=link.probabilities(regressed[:, 0]),
        pspi=np.clip(regressed[:, 1], 0.0, PSPI_MAX),
        units=np.clip(regressed[:, 2:], 0.0, AU_MAX),
    )
