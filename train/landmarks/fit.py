"""Fits the landmark model; every choice is made on the faces it is given, by person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize_scalar
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold

from pain.scales import LEVEL_COUNT
from train.landmarks.evaluate import SEVERE
from train.landmarks.faces import FaceTable, Floats
from train.landmarks.mirror import mirror_order, symmetric
from train.landmarks.model import FEATURES, LandmarkModel, OrdinalLink

ALPHAS: Final = tuple(float(alpha) for alpha in np.logspace(0, 4, 9))
"""Ridge penalties that are tried, per target."""

_MIDDLE: Final = 3.0
"""Middle of the scale and the moderate limit: the link leaves it where it is at any spread."""

_SPREADS: Final = (0.1, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """How to fit.

    Attributes:
        components: principal axes to keep.
        inner_folds: folds by person in which penalty and calibration are chosen.
    """

    components: int = 200
    inner_folds: int = 5


def fit(faces: FaceTable, settings: FitSettings) -> LandmarkModel:
    """Fit PCA, ridge and the ordinal link.

    Penalties and link are chosen on predictions for people that the inner model has not seen.

    Raises:
        ValueError: fewer people than inner folds.
    """
    if faces.people < settings.inner_folds:
        raise ValueError(
            f"{faces.people} people are too few for {settings.inner_folds} folds by person"
        )
    targets = targets_of(faces)
    unseen = np.zeros((len(ALPHAS), *targets.shape))
    folds = GroupKFold(settings.inner_folds)
    for train, test in folds.split(targets, groups=faces.person):
        basis = _Basis.of(faces.take(train), settings.components)
        x, x_test = basis.scores(faces.take(train)), basis.scores(faces.take(test))
        for i, alpha in enumerate(ALPHAS):
            unseen[i, test] = Ridge(alpha=alpha).fit(x, targets[train]).predict(x_test)
    best = ((unseen - targets) ** 2).mean(axis=1).argmin(axis=0)
    basis = _Basis.of(faces, settings.components)
    ridge = Ridge(alpha=np.array(ALPHAS)[best]).fit(basis.scores(faces), targets)
    return LandmarkModel(
        mirror=basis.mirror,
        mean=basis.mean,
        components=basis.components,
        scale=basis.scale,
        weights=np.asarray(ridge.coef_, np.float64).T,
        intercept=np.asarray(ridge.intercept_, np.float64),
        link=fit_link(unseen[best[0], :, 0], faces),
    )


def targets_of(faces: FaceTable) -> Floats:
    """What is regressed, (N, TARGETS): level, PSPI, AUs."""
    return np.column_stack([faces.level, faces.pspi, faces.units])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    mirror: npt.NDArray[np.intp]
    mean: Floats
    components: Floats
    scale: Floats

    @classmethod
    def of(cls, faces: FaceTable, components: int) -> _Basis:
        mirror = mirror_order(faces.landmarks.mean(axis=0, dtype=np.float64))
        flat = _flat(faces, mirror)
        # Both solvers are exact and give the same basis on every run; the cheaper one is taken.
        solver = "full" if len(flat) < FEATURES else "covariance_eigh"
        pca = PCA(min(components, *flat.shape), svd_solver=solver).fit(flat)
        return cls(
            mirror=mirror,
            mean=pca.mean_,
            components=pca.components_,
            scale=np.sqrt(np.maximum(pca.explained_variance_, np.finfo(np.float64).tiny)),
        )

    def scores(self, faces: FaceTable) -> Floats:
        return np.asarray((_flat(faces, self.mirror) - self.mean) @ self.components.T / self.scale)


def _flat(faces: FaceTable, mirror: npt.NDArray[np.intp]) -> Floats:
    return symmetric(faces.landmarks, mirror).reshape(len(faces), FEATURES)


def fit_link(unseen: Floats, faces: FaceTable) -> OrdinalLink:
    """Calibrate the level on predictions for people that the model has not seen.

    Ridge regression draws every face towards the mean, so a true 6 reads far below 5 and no severe
    alarm would ever come. The line regressed = a + b * level is therefore inverted: for any spread,
    slope and offset are those with which a face that regresses as the average face of true level 3
    (or 5) does reads level 3 (or 5). The spread is then the one of highest likelihood, which also
    makes the stated confidence the true share of faces within one level.

    Args:
        unseen: (N,) regressed level of each face by a model without its person.
        faces: the truth.

    Raises:
        ValueError: the regression does not rise with the truth.
    """
    centred = faces.level - faces.level.mean()
    response = float((centred * unseen).sum() / (centred**2).sum())
    if response <= 0.0:
        raise ValueError("the regressed level does not rise with the true level")
    at_middle = float(unseen.mean() + response * (_MIDDLE - faces.level.mean()))
    rounded = np.clip(np.rint(faces.level), 0, LEVEL_COUNT - 1).astype(np.intp)

    def link_of(spread: float) -> OrdinalLink:
        slope = (_latent_of(SEVERE, spread) - _MIDDLE) / (response * (SEVERE - _MIDDLE))
        return OrdinalLink(slope=slope, offset=_MIDDLE - slope * at_middle, spread=spread)

    def negative_log_likelihood(spread: float) -> float:
        mass = link_of(spread).probabilities(unseen)
        return -float(np.log(np.maximum(mass[np.arange(len(unseen)), rounded], 1e-12)).mean())

    best = minimize_scalar(negative_log_likelihood, bounds=_SPREADS, method="bounded").x
    return link_of(float(best))


def _latent_of(level: float, spread: float) -> float:
    """Latent value whose expected level is ``level``."""
    plain = OrdinalLink(slope=1.0, offset=0.0, spread=spread)

    def excess(latent: float) -> float:
        return float(plain.at_least(np.array([latent])).sum()) - level

    return float(brentq(excess, -100.0, 100.0))
