"""Ordinal regression by "more than level k?" for k = 0..5: CORAL and CORN.

Written out here in a few lines; the package coral-pytorch has had no release since 2022.
"""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pain.scales import LEVEL_COUNT
from train.objectives.objective import Objective, level_counts, nearest_level
from train.objectives.task import Task

_BORDERS: Final = LEVEL_COUNT - 1
_NARROWEST: Final = 1e-3
"""Least distance of two neighbouring thresholds, in logits."""


class Coral(Objective):
    """CORAL: sum_k BCE(sigmoid(g - t_k), [y > k]), one output g, six thresholds t_0 <= ... <= t_5.

    Cao, Mirjalili & Raschka 2020, Pattern Recognition Letters 140:325-331. The thresholds are
    parameters of this module: give them to the optimiser too. Cao et al. prove that they are in
    order at the optimum; here they are at every step (t_k = t_0 + a sum of softplus), so that no
    probability is ever negative.

    Args:
        levels: of the training set, to start the thresholds at its shares; None starts them evenly.
    """

    task: ClassVar[Task] = Task.ORDINAL
    name: ClassVar[str] = "coral"
    outputs: int = 1

    def __init__(self, *, levels: Tensor | None = None) -> None:
        super().__init__()
        counts = torch.zeros(LEVEL_COUNT) if levels is None else level_counts(levels)
        start = -_cumulative_logits(counts.cpu() + 1.0)
        gaps = (start.diff() - _NARROWEST).clamp(min=_NARROWEST)
        self.first = nn.Parameter(start[:1])
        # Inverse of softplus.
        self.raw_gaps = nn.Parameter(gaps + torch.log(-torch.expm1(-gaps)))

    def thresholds(self) -> Tensor:
        """Six thresholds (6,) that never fall."""
        gaps = functional.softplus(self.raw_gaps) + _NARROWEST
        return torch.cat([self.first, self.first + gaps.cumsum(dim=0)])

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        logits = outputs - self.thresholds().to(outputs.dtype)
        exceeds = _exceeds(level).to(outputs.dtype)
        return functional.binary_cross_entropy_with_logits(logits, exceeds, reduction="none").sum(1)

    def _probabilities(self, outputs: Tensor) -> Tensor:
        return _differences(torch.sigmoid(outputs - self.thresholds().to(outputs.dtype)))

    def bias(self, levels: Tensor) -> Tensor:
        """Zero: the thresholds already stand at the shares of the training levels."""
        return levels.new_zeros(self.outputs, dtype=torch.float32)


class Corn(Objective):
    """CORN: sum over k with y >= k of BCE(sigmoid(f_k), [y > k]), six outputs f.

    Shi, Cao & Raschka 2023, Pattern Analysis and Applications 26:941-955. sigmoid(f_k) is
    P(y > k | y >= k), learnt from the samples with y >= k only; P(y > k) is the product up to k,
    so it never rises with k. Shi et al. divide a batch by its number of questions, here a sample's
    questions are summed, which makes the loss -log p_y of the decoded distribution. It knows order
    from below only: too high a level is asked one question that it fails, however far it is off.
    """

    task: ClassVar[Task] = Task.ORDINAL
    name: ClassVar[str] = "corn"
    outputs: int = _BORDERS

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        exceeds = _exceeds(level)
        asked = torch.cat([torch.ones_like(exceeds[:, :1]), exceeds[:, :-1]], dim=1)
        cost = functional.binary_cross_entropy_with_logits(
            outputs, exceeds.to(outputs.dtype), reduction="none"
        )
        return (cost * asked).sum(dim=1)

    def _probabilities(self, outputs: Tensor) -> Tensor:
        return _differences(functional.logsigmoid(outputs).cumsum(dim=1).exp())

    def bias(self, levels: Tensor) -> Tensor:
        """Logit of each conditional share, counting one more of each level."""
        at_least = (level_counts(levels) + 1.0).flip(0).cumsum(0).flip(0)
        return torch.logit(at_least[1:] / at_least[:-1])


def _exceeds(level: Tensor) -> Tensor:
    """Whether the nearest whole level is more than 0..5, bool (N, 6)."""
    return nearest_level(level)[:, None] > torch.arange(_BORDERS, device=level.device)


def _cumulative_logits(counts: Tensor) -> Tensor:
    """Logit of the share above each of the levels 0..5, (6,)."""
    above = counts.flip(0).cumsum(0).flip(0)[1:]
    return torch.logit(above / counts.sum())


def _differences(exceeds: Tensor) -> Tensor:
    """Probabilities (N, 7) from P(y > 0), ..., P(y > 5) (N, 6) that never rise."""
    ones, zeros = torch.ones_like(exceeds[:, :1]), torch.zeros_like(exceeds[:, :1])
    return torch.cat([ones, exceeds], dim=1) - torch.cat([exceeds, zeros], dim=1)
