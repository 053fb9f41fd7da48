"""Pain against each other expression: multinomial logistic regressions on features at rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from pain.errors import DataError
from train.data.sample import Sample
from train.distil.schema import ContrastSection
from train.heads import Contrast
from train.residents.expression import Kind

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]

_PAIN: Final = "pain"
_MILD: Final = "milder pain"
_SELDOM: Final = "what is seldom shown"

_SELDOM_SHARE: Final = 0.004
"""Expressions with a smaller share of the faces make up one class."""

_STEPS: Final = 1000
_TOLERANCE: Final = 1e-3
"""Of the gradient; smaller ones moved no figure on real faces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regressions:
    """A multinomial logistic regression of each part, on standardised features.

    Attributes:
        weights: (classes, W) of each part.
        biases: (classes,) of each part.
        sides: (classes,) of each part: 1 pain, -1 no pain, 0 milder pain.
    """

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    sides: tuple[Tensor, ...]

    def put_into(self, layer: Contrast) -> None:
        """Let a layer of a head compute them."""
        layer.fit(self.weights, self.biases, self.sides)

    def scores(self, x: npt.NDArray[np.float32]) -> Floats:
        """Score (n, parts) of standardised features (n, W)."""
        layer = Contrast(x.shape[1], len(self.weights))
        self.put_into(layer)
        with torch.inference_mode():
            out: Floats = layer(torch.from_numpy(x))[:, x.shape[1] :].double().numpy()
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrasts:
    """What is to be told from what, and where it is looked for.

    Attributes:
        section: how.
        columns: where each part lies among the features.
        shares: (parts,) of the parts' scores.
        classes: (n,) class of every face, for each part.
    """

    section: ContrastSection
    columns: tuple[slice, ...]
    shares: Floats
    classes: tuple[Names, ...]

    @classmethod
    def of(
        cls,
        samples: Sequence[Sample],
        levels: npt.NDArray[np.float32],
        section: ContrastSection,
        blocks: Mapping[str, int],
    ) -> Self:
        """Prepare a fit.

        Args:
            samples: n faces.
            levels: (n,) of them, NaN where not known.
            section: how.
            blocks: widths of the parts of the features, by name.

        Raises:
            DataError: a part that the backbone does not have, a face whose expression is not known,
                no face in pain, or no other.
        """
        strange = sorted(set(section.shares) - set(blocks))
        if strange:
            raise DataError(
                f"ridge.contrast.shares names {', '.join(strange)}; this backbone has "
                f"{', '.join(blocks)}"
            )
        unknown = sum(sample.expression is None or sample.kind is None for sample in samples)
        if unknown:
            raise DataError(
                f"ridge.contrast tells pain from each other expression, and {unknown} of "
                f"{len(samples)} faces name none; take sets that do, or leave ridge.contrast out"
            )
        named = np.array([str(sample.expression) for sample in samples], np.str_)
        pain = np.array([sample.kind is Kind.PAIN for sample in samples], bool)
        told = pain & (levels >= section.pain_from)
        if not told.any() or pain.all():
            raise DataError(
                f"ridge.contrast needs faces in pain of level {section.pain_from:g} and more, and "
                "faces that are in none"
            )
        other = _common(named, ~pain)
        whole = np.where(told, _PAIN, np.where(pain, _MILD, other))
        apart = np.where(told, np.char.add(f"{_PAIN}: ", _common(named, told)), whole)
        starts = dict(zip(blocks, np.cumsum([0, *blocks.values()]).tolist(), strict=False))
        parts = [name for name in blocks if section.shares.get(name, 0.0) > 0.0]
        return cls(
            section=section,
            columns=tuple(slice(starts[name], starts[name] + blocks[name]) for name in parts),
            shares=np.array([section.shares[name] for name in parts]),
            classes=tuple(apart if name in section.patterns else whole for name in parts),
        )

    def fit(
        self, x: npt.NDArray[np.float32], rows: npt.NDArray[np.bool_] | None = None
    ) -> Regressions:
        """Fit every part.

        Args:
            x: (k n, W) standardised features of the faces, k times one after the other.
            rows: (k n,) which of them to learn from; all when None.
        """
        times = len(x) // len(self.classes[0])
        weights, biases, sides = [], [], []
        for columns, classes in zip(self.columns, self.classes, strict=True):
            shown, named = x[:, columns], np.tile(classes, times)
            if rows is not None:
                shown, named = shown[rows], named[rows]
            model = LogisticRegression(
                C=1.0 / self.section.penalty, max_iter=_STEPS, tol=_TOLERANCE
            ).fit(shown, named)
            weight = torch.zeros(len(model.classes_), x.shape[1])
            weight[:, columns] = torch.from_numpy(model.coef_)
            weights.append(weight)
            biases.append(torch.from_numpy(model.intercept_).float())
            sides.append(torch.tensor([_side(name) for name in model.classes_.tolist()]))
        return Regressions(weights=tuple(weights), biases=tuple(biases), sides=tuple(sides))

    def unseen(self, x: npt.NDArray[np.float32], fold: npt.NDArray[np.intp]) -> Floats:
        """Scores (k n, parts) of people that were not fitted.

        Args:
            x: (k n, W) standardised features.
            fold: (k n,) of every row; a person is in one of them.
        """
        out = np.empty((len(x), len(self.columns)))
        for number in np.unique(fold).tolist():
            out[fold == number] = self.fit(x, fold != number).scores(x[fold == number])
        return out


def _common(named: Names, among: npt.NDArray[np.bool_]) -> Names:
    """Names (n,) with those that are seldom among some faces made one."""
    found, counts = np.unique(named[among], return_counts=True)
    seldom = found[counts < _SELDOM_SHARE * len(named)]
    return np.where(np.isin(named, seldom), _SELDOM, named)


def _side(name: str) -> float:
    if name == _MILD:
        return 0.0
    return 1.0 if name == _PAIN or name.startswith(f"{_PAIN}: ") else -1.0
