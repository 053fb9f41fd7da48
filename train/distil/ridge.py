"""A head on features that do not learn: level, PSPI and AUs by ridge regression in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.linalg import solve
from sklearn.model_selection import GroupKFold

from pain.action_units import BLENDSHAPES
from pain.errors import DataError
from pain.scales import LEVEL_COUNT
from train.data.sample import Sample
from train.distil.contrast import Contrasts
from train.distil.losses import Labels
from train.distil.network import PSPI_SCALE
from train.distil.schema import RidgeSection
from train.features.frozen import Features
from train.heads import Contrast, Head
from train.protocol.calibrate import classes_of

Floats = npt.NDArray[np.float64]

TEXTBOOK_SUM: Final = tuple(
    f"{action}{side}"
    for action in ("browDown", "eyeSquint", "mouthUpperUp", "eyeBlink")
    for side in ("Left", "Right")
)
"""Blendshapes that stand for AU4, AU7, AU10 and AU43 of PSPI; MediaPipe's others stay at 0."""

_LEVEL, _PSPI, _PAIN = range(3)
_FIRST_UNIT: Final = 3
"""Columns of what is regressed: level, PSPI, pain or something else, then the AUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen on people that a fit had not seen.

    Attributes:
        penalties: of level, PSPI, pain, then the AUs.
        correlation: of the level that is read with the truth, on those people.
    """

    penalties: tuple[float, ...]
    correlation: float


def fit_ridge(
    head: Head,
    features: Features,
    labels: Labels,
    subjects: npt.NDArray[np.str_],
    section: RidgeSection,
    *,
    blocks: Mapping[str, int] | None = None,
    textbook: slice | None = None,
    samples: Sequence[Sample] = (),
    on_fold: Callable[[int, int], None] = lambda _done, _total: None,
) -> Choice:
    """Fit a head whose last layer alone makes outputs.

    Every face counts with its mirror image. Ridge regression draws every face towards the mean, so
    the line mixture = a + b * level, on people that were not fitted, is inverted. A level x gives
    the logits k x - k^2 / 2 of the levels k: the normal distribution about x with a spread of one
    level, which the temperature makes wider or narrower; both are linear in the features.

    Args:
        head: changed in place.
        features: of n faces, with their mirror images.
        labels: of the same faces; NaN where nothing is known.
        subjects: (n,) whose face.
        section: how.
        blocks: widths of the features that belong together, by name; all of them when None.
        textbook: where the blendshapes lie among the features; None where there are none.
        samples: the faces, with the names of their expressions, for ``section.contrast``.
        on_fold: told how many folds are done, and of how many.

    Raises:
        DataError: too few people, no level, a level that the features know nothing of, a share of
            the textbook where no blendshapes are seen, or a contrast that these faces or features
            do not allow.
    """
    if section.textbook and textbook is None:
        raise DataError("ridge.textbook needs a backbone that sees blendshapes")
    people = len(set(subjects.tolist()))
    if people < section.folds:
        raise DataError(f"{people} people are too few for {section.folds} folds by person")
    assert features.mirrored is not None  # noqa: S101  (asked for by features_at_rest)
    both = np.concatenate([features.plain, features.mirrored])
    head.standardise.fit(torch.from_numpy(both))
    with torch.inference_mode():
        x = head.standardise(torch.from_numpy(both)).numpy()
    targets = np.tile(_targets(labels), (2, 1))
    if not np.isfinite(targets[:, _LEVEL]).any():
        raise DataError("ridge needs levels to learn from, and no face has one")
    fold = np.tile(_folds(subjects, section.folds), 2)
    sums = _Sums.of(
        x,
        targets,
        fold,
        section.folds,
        blocks=tuple(blocks.values()) if section.apart and blocks else (x.shape[1],),
    )
    unseen = sums.unseen(x, section.penalties, on_fold)
    # What is not known adds nothing, and a target that nobody knows takes the first penalty.
    errors = np.nansum((unseen - targets) ** 2, axis=1)
    best = errors.argmin(axis=0)
    columns = np.arange(targets.shape[1])
    predicted = unseen[best, :, columns].T
    weights = sums.fit(section.penalties)[best, :, columns].T
    shares = _shares(section, predicted)
    mixed = weights[:, :_FIRST_UNIT] @ shares
    mixture = predicted[:, :_FIRST_UNIT] @ shares
    if textbook is not None and section.textbook:
        known = _textbook(head, textbook)
        said = _with_one(x) @ known
        mixed += section.textbook / said.std() * known
        mixture += section.textbook / said.std() * said
    parts = np.zeros(0)
    if section.contrast is not None:
        contrasts = Contrasts.of(samples, labels.level.numpy(), section.contrast, blocks or {})
        scores = contrasts.unseen(x, fold)
        parts = contrasts.shares / scores.std(axis=0)
        mixture += scores @ parts
        assert isinstance(head.layers, Contrast)  # noqa: S101  (as the plan's section says)
        contrasts.fit(x).put_into(head.layers)
    slope, offset, correlation = _line(mixture, targets[:, _LEVEL])
    level = slope * mixed
    level[-1] += offset
    _write(head, level, slope * parts, weights)
    return Choice(
        penalties=tuple(section.penalties[index] for index in best.tolist()),
        correlation=correlation,
    )


def _targets(labels: Labels) -> Floats:
    """What is regressed, (n, 3 + AUs)."""
    level = labels.level.double().numpy()
    pain = np.where(np.isfinite(level), classes_of(np.nan_to_num(level), binary=True), np.nan)
    return np.column_stack(
        [level, labels.pspi.double().numpy(), pain, labels.units.double().numpy()]
    )


def _folds(subjects: npt.NDArray[np.str_], count: int) -> npt.NDArray[np.intp]:
    """Fold (n,) of every face; a person is in one of them."""
    fold = np.empty(len(subjects), np.intp)
    splits = GroupKFold(count).split(subjects, groups=subjects)
    for number, (_, test) in enumerate(splits):
        fold[test] = number
    return fold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """Products of features, with a one behind them, and targets: all that ridge needs of faces.

    Those of a fold's complement are those of all faces less its own, so every product is computed
    once. Where a target is not known, its mean stands in: it draws towards the intercept, no more.

    Attributes:
        grams: float64 (folds, W + 1, W + 1).
        products: float64 (folds, W + 1, targets).
        fold: (n,) of every face.
        blocks: widths of the features that are fitted by themselves.
    """

    grams: Floats
    products: Floats
    fold: npt.NDArray[np.intp]
    blocks: tuple[int, ...]

    @classmethod
    def of(
        cls,
        x: npt.NDArray[np.float32],
        targets: Floats,
        fold: npt.NDArray[np.intp],
        count: int,
        *,
        blocks: tuple[int, ...],
    ) -> _Sums:
        filled = np.where(np.isfinite(targets), targets, _means(targets))
        grams, products = [], []
        for number in range(count):
            rows = fold == number
            own = _with_one(x[rows])
            # Single precision is enough for sums of a few thousand standardised features, and twice
            # as fast; what is solved is in double precision.
            grams.append((own.T @ own).astype(np.float64))
            products.append(own.T.astype(np.float64) @ filled[rows])
        return cls(grams=np.stack(grams), products=np.stack(products), fold=fold, blocks=blocks)

    def fit(self, penalties: tuple[float, ...], *, without: int | None = None) -> Floats:
        """Weights (penalties, W + 1, targets) on all faces, or on all but those of a fold."""
        gram, product = self.grams.sum(axis=0), self.products.sum(axis=0)
        if without is not None:
            gram, product = gram - self.grams[without], product - self.products[without]
        block = np.repeat(np.arange(len(self.blocks)), self.blocks)
        together = np.ones_like(gram, dtype=bool)
        together[:-1, :-1] = block[:, None] == block
        # Without the products of one block with another each is solved by itself; features have a
        # mean of 0, so the intercept is the mean of all of them.
        gram = np.where(together, gram, 0.0)
        found = []
        for penalty in penalties:
            regular = np.full(len(gram), penalty)
            regular[-1] = 0.0  # the intercept costs nothing
            found.append(solve(gram + np.diag(regular), product, assume_a="pos"))
        weights = np.stack(found)
        weights[:, :-1] /= len(self.blocks)
        return weights

    def unseen(
        self,
        x: npt.NDArray[np.float32],
        penalties: tuple[float, ...],
        on_fold: Callable[[int, int], None],
    ) -> Floats:
        """Predictions (penalties, n, targets) for people that were not fitted."""
        out = np.empty((len(penalties), len(x), self.products.shape[2]))
        for number in range(len(self.grams)):
            rows = self.fold == number
            out[:, rows] = _with_one(x[rows]) @ self.fit(penalties, without=number)
            on_fold(number + 1, len(self.grams))
        return out


def _means(targets: Floats) -> Floats:
    """Mean (targets,) of what is known; 0 where nothing is."""
    known = np.isfinite(targets)
    return np.asarray(np.where(known, targets, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def _with_one(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.hstack([x, np.ones((len(x), 1), np.float32)])


def _shares(section: RidgeSection, predicted: Floats) -> Floats:
    """Weights (3,) of level, PSPI and pain in the mixture, each by its spread."""
    wanted = np.array([section.level, section.pspi, section.pain])
    spread = predicted[:, :_FIRST_UNIT].std(axis=0)
    return np.asarray(np.divide(wanted, spread, out=np.zeros(3), where=spread > 0.0))


def _textbook(head: Head, where: slice) -> Floats:
    """Weights (W + 1,) that give the textbook's sum of blendshapes from standardised features."""
    summed = np.zeros(len(head.standardise.mean) + 1)
    at = range(*where.indices(len(summed)))
    for name in TEXTBOOK_SUM:
        feature = at[BLENDSHAPES.index(name)]
        summed[feature] = float(head.standardise.scale[feature])
        summed[-1] += float(head.standardise.mean[feature])
    return summed


def _line(mixture: Floats, level: Floats) -> tuple[float, float, float]:
    """Slope and offset from mixture to level, and the correlation of the two."""
    known = np.isfinite(level)
    mixture, truth = mixture[known], level[known]
    centred = truth - truth.mean()
    variation = float((centred**2).sum())
    response = float((centred * mixture).sum() / variation) if variation > 0.0 else 0.0
    if response <= 0.0:
        raise DataError(
            "what the features say of people that were not fitted does not rise with the level; "
            "these faces teach nothing of pain"
        )
    slope = 1.0 / response
    offset = float(truth.mean() - slope * mixture.mean())
    return slope, offset, float(np.corrcoef(mixture, truth)[0, 1])


@torch.no_grad()
def _write(head: Head, level: Floats, parts: Floats, weights: Floats) -> None:
    """Put what was fitted into the last layer.

    Args:
        head: changed in place.
        level: (W + 1,) on features.
        parts: (P,) of the level on what ``Contrast`` appends to the features.
        weights: (W + 1, targets) on features.
    """
    whole = np.arange(LEVEL_COUNT)
    # The intercept stays last.
    level = np.concatenate([level[:-1], parts, level[-1:]])
    weights = np.insert(weights, [len(weights) - 1] * len(parts), 0.0, axis=0)
    logits = np.outer(level, whole)
    logits[-1] -= whole**2 / 2.0
    columns = np.hstack([logits, weights[:, [_PSPI]] / PSPI_SCALE, weights[:, _FIRST_UNIT:]])
    head.last.weight.copy_(torch.from_numpy(columns[:-1].T.copy()))
    head.last.bias.copy_(torch.from_numpy(columns[-1].copy()))
