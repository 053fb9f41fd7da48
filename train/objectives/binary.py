"""Losses on one logit of pain; pain is a level whose nearest whole level is 1 or more."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from train.objectives.categorical import checked_gamma
from train.objectives.objective import Objective, has_pain
from train.objectives.task import Task


class _Binary(Objective):
    task: ClassVar[Task] = Task.BINARY
    outputs: int = 1

    def _probabilities(self, outputs: Tensor) -> Tensor:
        return torch.sigmoid(torch.cat([-outputs, outputs], dim=1))

    def bias(self, levels: Tensor) -> Tensor:
        """Logit of the share with pain, counting one more of each."""
        pain = has_pain(levels).sum().float()
        return torch.logit((pain + 1.0) / (levels.numel() + 2.0)).reshape(1)


class BinaryCrossEntropy(_Binary):
    """Binary cross-entropy: -log p with pain, -log(1 - p) without. The default."""

    name: ClassVar[str] = "binary_cross_entropy"

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        return _cross_entropy(outputs, level)


class BinaryFocalLoss(_Binary):
    """Focal loss: -(1 - p_t)^gamma log p_t, p_t the probability of the truth (Lin et al. 2017).

    Args:
        gamma: 2 by default; 0 is binary cross-entropy.

    Raises:
        ConfigError: gamma is neither 0 nor at least 1.
    """

    name: ClassVar[str] = "focal"

    def __init__(self, *, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = checked_gamma(gamma)

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        nll = _cross_entropy(outputs, level)
        return (-torch.expm1(-nll)) ** self.gamma * nll


def _cross_entropy(outputs: Tensor, level: Tensor) -> Tensor:
    truth = has_pain(level).to(outputs.dtype)
    return functional.binary_cross_entropy_with_logits(outputs[:, 0], truth, reduction="none")
