"""Fits what tells pain from each other expression on features that do not learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

from pain.errors import DataError
from train.data.sample import Sample
from train.distil.schema import ContrastSection
from train.heads import Contrast
from train.residents.expression import Kind

Floats = npt.NDArray[np.float64]

MILD: Final = "milder pain"
_REST: Final = "anything else"
_RAREST_SHARE: Final = 0.004
"""Expressions with a smaller share of the faces are one class."""

_STEPS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the features that is fitted by itself.

    Attributes:
        columns: where it lies.
        share: of its score in the mixture that the level is read off.
        patterns: whether it tells the patterns of pain apart.
    """

    columns: slice
    share: float
    patterns: bool


def parts_of(section: ContrastSection, names: tuple[str, ...], blocks: tuple[int, ...]) -> tuple[Part, ...]:
    """The parts that have a share, in the order of the features.

    Args:
        section: what was asked for.
        names: of the blocks.
        blocks: widths of the blocks.
    """
    starts = np.cumsum((0, *blocks))
    return tuple(
        Part(
            columns=slice(int(start), int(start) + width),
            share=section.shares[name],
            patterns=name in section.patterns,
        )
        for name, start, width in zip(names, starts, blocks, strict=False)
        if section.shares.get(name, 0.0) > 0.0
    )


def classes_of_expressions(
    samples: list[Sample], levels: npt.NDArray[np.float32], section: ContrastSection
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Class (n,) of every face: pain as one, and with its patterns told apart.

    Raises:
        DataError: a face's expression is not known, or there is no pain or nothing else.
    """
    unknown = sum(sample.expression is None or sample.kind is None for sample in samples)
    if unknown:
        raise DataError(
            f"ridge.contrast tells pain from each other expression, and {unknown} of {len(samples)} "
            "faces have none; take sets that name them, or leave ridge.contrast out"
        )
    names = [str(sample.expression) for sample in samples]
    pain = np.array([sample.kind is Kind.PAIN for sample in samples])
    severe = pain & (levels >= section.pain_from)
    if not severe.any() or pain.all():
        raise DataError(
            f"ridge.contrast needs faces in pain of level {section.pain_from:g} and more, and "
            "faces that are in none"
        )
    named = np.array(names, np.str_)
    found, counts = np.unique(named[~pain], return_counts=True)
    rare = found[counts < _RAREST_SHARE * len(samples)]
    other = np.where(np.isin(named, rare), _REST, named)
    as_one = np.where(severe, "pain of this kind", np.where(pain, MILD, other))
    found, counts = np.unique(named[severe], return_counts=True)
    few = found[counts < _RAREST_SHARE * len(samples)]
    pattern = np.char.add("pain: ", np.where(np.isin(named, few), "", named))
    apart = np.where(severe, pattern, as_one)
    return as_one, apart


_SEVERE_MARK: Final = "pain"


def _sides(classes: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
    return np.array(
        [0.0 if name == MILD else 1.0 if name.startswith("pain") else -1.0 for name in classes],
        np.float32,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Regressions:
    """What was fitted; standardised features go in."""

    weights: tuple[torch.Tensor, ...]
    biases: tuple[torch.Tensor, ...]
    sides: tuple[torch.Tensor, ...]

    def scores(self, x: npt.NDArray[np.float32]) -> Floats:
        """Score (n, parts) of standardised features (n, W)."""
        layer = Contrast(x.shape[1], len(self.weights))
        layer.fit(self.weights, self.biases, self.sides)
        with torch.inference_mode():
            return layer(torch.from_numpy(x))[:, x.shape[1] :].double().numpy()


def fit_parts(
    x: npt.NDArray[np.float32],
    classes: tuple[npt.NDArray[np.str_], npt.NDArray[np.str_]],
    parts: tuple[Part, ...],
    section: ContrastSection,
) -> Regressions:
    """Fit every part.

    Args:
        x: (n, W) standardised features.
        classes: (n,) with pain as one, and with its patterns apart.
        parts: which, and where they lie.
        section: how.
    """
    weights, biases, sides = [], [], []
    for part in parts:
        model = LogisticRegression(C=1.0 / section.penalty, max_iter=_STEPS, tol=1e-3)
        model.fit(x[:, part.columns], classes[part.patterns])
        weight = torch.zeros(len(model.classes_), x.shape[1])
        weight[:, part.columns] = torch.from_numpy(model.coef_).float()
        weights.append(weight)
        biases.append(torch.from_numpy(model.intercept_).float())
        sides.append(torch.from_numpy(_sides(model.classes_)))
    return Regressions(weights=tuple(weights), biases=tuple(biases), sides=tuple(sides))
