"""What the numbers of a network's last layer mean, and what they cost when wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from pain.scales import LEVEL_COUNT, LEVEL_MAX
from train.objectives.task import Task


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """What a network says of N faces.

    Attributes:
        probabilities: float (N, C), sum 1; C is 7 levels, or 2 (no pain, pain) in the binary task.
        level: float (N,), mean of the distribution: expected level 0..6, or P(pain) 0..1.
    """

    probabilities: Tensor
    level: Tensor


class Objective(nn.Module, ABC):
    """A loss, and the reading of the outputs that belongs to it.

    Outputs may come in half precision (autocast); everything here is computed in float32, or in
    float64 when they are float64. A state dict holds all that was taken from the training set.

    Attributes:
        task: what is asked.
        name: of the loss, unique within its task.
        outputs: width of the network's last layer.
    """

    task: ClassVar[Task]
    name: ClassVar[str]
    outputs: int

    def forward(self, outputs: Tensor, level: Tensor) -> Tensor:
        """Loss of every sample, float (N,).

        Args:
            outputs: float (N, outputs), of the last layer.
            level: float (N,), truth 0..6, never NaN.

        Raises:
            ValueError: the shapes differ from these.
        """
        if outputs.ndim != 2 or outputs.shape[1] != self.outputs:  # noqa: PLR2004  (N, outputs)
            raise ValueError(
                f"{self.name} reads outputs (N, {self.outputs}), not {tuple(outputs.shape)}"
            )
        if level.shape != outputs.shape[:1]:
            raise ValueError(
                f"{len(outputs)} rows of outputs need as many levels, not {tuple(level.shape)}"
            )
        precise = _full_precision(outputs)
        return self._loss(precise, level.to(precise.dtype))

    def decode(self, outputs: Tensor) -> Decoded:
        """Read outputs (N, outputs); the level is always the mean of the probabilities.

        The edge refuses a model whose level is another.
        """
        probabilities = self._probabilities(_full_precision(outputs))
        values = torch.arange(
            probabilities.shape[1], dtype=probabilities.dtype, device=probabilities.device
        )
        # Not a matrix product: autocast would do that in half precision.
        return Decoded(probabilities=probabilities, level=(probabilities * values).sum(dim=1))

    @abstractmethod
    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        """Loss (N,) of outputs and levels in full precision."""

    @abstractmethod
    def _probabilities(self, outputs: Tensor) -> Tensor:
        """Distribution (N, C) for outputs in full precision."""

    @abstractmethod
    def bias(self, levels: Tensor) -> Tensor:
        """Bias (outputs,) with which a last layer of zero weights says what is common.

        Args:
            levels: float (M,), of the training set.
        """


def nearest_level(level: Tensor) -> Tensor:
    """Whole level 0..6 that is nearest, int64; halves go up (torch.round takes them to even)."""
    return torch.floor(level + 0.5).clamp(0, LEVEL_MAX).long()


def has_pain(level: Tensor) -> Tensor:
    """Whether the binary task calls a level pain, bool: its nearest whole level is 1 or more.

    The thesis parts class 0 from classes 1 to 6; this is the same border for fractional levels,
    so a face that is class 0 of seven is never pain here.
    """
    return nearest_level(level) > 0


def level_counts(levels: Tensor) -> Tensor:
    """How often each of the seven levels is the nearest, float (7,)."""
    return torch.bincount(nearest_level(levels).flatten(), minlength=LEVEL_COUNT).float()


def class_weights(levels: Tensor | None) -> Tensor:
    """Weights (7,) in inverse proportion to how often a level occurs: w_k = N / (K' n_k).

    N samples, n_k of level k, K' levels that occur: the mean weight of a training sample is 1
    (scikit-learn's ``class_weight="balanced"``; King & Zeng 2001). A level that never occurs in
    training takes the largest of the others' weights.

    Args:
        levels: of the training set alone; None when the weights will be loaded from a checkpoint,
            until then every weight is NaN and so is the loss.
    """
    if levels is None:
        return torch.full((LEVEL_COUNT,), torch.nan)
    counts = level_counts(levels)
    occurs = counts > 0
    weights = counts.sum() / (occurs.sum() * counts.clamp(min=1.0))
    return torch.where(occurs, weights, weights[occurs].max())


def _full_precision(values: Tensor) -> Tensor:
    return values if values.dtype == torch.float64 else values.float()
