"""Permutation importance by region of the face, for models that read landmarks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Levels = npt.NDArray[np.float64]
Columns = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much worse a model gets without one part of its input.

    Attributes:
        name: of the part.
        rise: mean absolute error without it minus that with it, mean over the repeats.
        spread: standard deviation over the repeats.
    """

    name: str
    rise: float
    spread: float


def permutation_importance(
    score: Callable[[Floats], Levels],
    inputs: Floats,
    truth: Levels,
    *,
    parts: Columns,
    repeats: int,
    rng: np.random.Generator,
    on_done: Callable[[], None] = lambda: None,
) -> list[Importance]:
    """Exchange one part of the input between faces (Breiman 2001) and watch the error.

    All columns of a part are taken from the same other face, so the part stays a possible one.
    Parts that tell the same thing hide each other: a small rise does not prove that a part says
    nothing.

    Args:
        score: inputs (N, K, ...) to levels (N,).
        inputs: float32 (N, K, ...), e.g. landmarks (N, 478, 3).
        truth: levels (N,).
        parts: columns 0..K-1 of every part.
        repeats: how often each part is exchanged, at least 1.
        rng: draws who gives to whom.
        on_done: called after every repeat of every part.

    Returns:
        One for every part, in the order of ``parts``.
    """
    error = float(np.abs(score(inputs) - truth).mean())
    found = []
    for name, columns in parts.items():
        rises = []
        for _ in range(repeats):
            mixed = inputs.copy()
            donors = rng.permutation(len(inputs))
            mixed[:, list(columns)] = inputs[donors][:, list(columns)]
            rises.append(float(np.abs(score(mixed) - truth).mean()) - error)
            on_done()
        found.append(Importance(name=name, rise=float(np.mean(rises)), spread=float(np.std(rises))))
    return found
