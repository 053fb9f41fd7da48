"""Losses on one number, the level: squared and absolute errors."""

from __future__ import annotations

from math import comb
from typing import ClassVar

import torch
from torch import Tensor

from pain.scales import LEVEL_COUNT, LEVEL_MAX
from train.objectives.objective import Objective, class_weights, nearest_level
from train.objectives.task import Task


class _Point(Objective):
    """One output, the level itself; what lies outside 0..6 is cut off when read, not when learnt.

    A number has no distribution of its own. It gets the binomial one of six trials whose mean it
    is, p_k = C(6, k) m^k (1 - m)^(6 - k) with m = level / 6 (Beckham & Pal 2017, ICML): widest in
    the middle of the scale (1.2 levels), and its mean is the level exactly, which a normal cut at
    the ends of the scale could not give.
    """

    task: ClassVar[Task] = Task.REGRESSION
    outputs: int = 1

    def _probabilities(self, outputs: Tensor) -> Tensor:
        return binomial(outputs[:, 0].clamp(0.0, LEVEL_MAX) / LEVEL_MAX)

    def bias(self, levels: Tensor) -> Tensor:
        """Mean level."""
        return levels.float().mean().reshape(1)


class SquaredError(_Point):
    """Squared error: (x - y)^2."""

    name: ClassVar[str] = "mse"

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        return (outputs[:, 0] - level) ** 2


class AbsoluteError(_Point):
    """Absolute error: |x - y|, with which the thesis found its best regressions. The default."""

    name: ClassVar[str] = "mae"

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        return (outputs[:, 0] - level).abs()

    def bias(self, levels: Tensor) -> Tensor:
        """Median level."""
        return levels.float().median().reshape(1)


class WeightedSquaredError(_Point):
    """Squared error with rare levels weighted up: w_y (x - y)^2, w as in ``class_weights``.

    Args:
        levels: of the training set; None before loading a state dict.
    """

    name: ClassVar[str] = "weighted_mse"
    weights: Tensor

    def __init__(self, *, levels: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weights", class_weights(levels))

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        weights = self.weights.to(outputs.dtype)[nearest_level(level)]
        return weights * (outputs[:, 0] - level) ** 2


def binomial(share: Tensor) -> Tensor:
    """Binomial distribution of six trials, (N, 7), with chance ``share`` (N,) in 0..1."""
    k = torch.arange(LEVEL_COUNT, dtype=share.dtype, device=share.device)
    ways = share.new_tensor([comb(LEVEL_COUNT - 1, i) for i in range(LEVEL_COUNT)])
    p = share[:, None]
    return ways * p**k * (1.0 - p) ** (LEVEL_COUNT - 1 - k)
