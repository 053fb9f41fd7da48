"""Losses on seven logits, one per level; a softmax makes them probabilities."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Final

import torch
from torch import Tensor
from torch.nn import functional

from pain.errors import ConfigError
from pain.scales import LEVEL_COUNT
from train.objectives.objective import Objective, class_weights, level_counts, nearest_level
from train.objectives.task import Task

_STEPS: Final = LEVEL_COUNT - 1


class _Softmax(Objective):
    task: ClassVar[Task] = Task.ORDINAL
    outputs: int = LEVEL_COUNT

    def _probabilities(self, outputs: Tensor) -> Tensor:
        return functional.softmax(outputs, dim=1)

    def bias(self, levels: Tensor) -> Tensor:
        """Log share of each level, counting one more of each so that none is impossible."""
        counts = level_counts(levels) + 1.0
        return (counts / counts.sum()).log()


class _Categorical(_Softmax):
    """A fractional truth counts as its nearest whole level."""

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        return self._cost(functional.log_softmax(outputs, dim=1), nearest_level(level))

    @abstractmethod
    def _cost(self, log_p: Tensor, y: Tensor) -> Tensor:
        """Loss (N,) of log-probabilities (N, 7) where the true classes are int64 (N,)."""


class CrossEntropy(_Categorical):
    """Cross-entropy: -log p_y. It knows no order: every wrong level costs the same."""

    name: ClassVar[str] = "cross_entropy"

    def _cost(self, log_p: Tensor, y: Tensor) -> Tensor:
        return _negative_log_likelihood(log_p, y)


class WeightedCrossEntropy(_Categorical):
    """Cross-entropy with rare levels weighted up: -w_y log p_y, w as in ``class_weights``.

    Args:
        levels: of the training set; None before loading a state dict.
    """

    name: ClassVar[str] = "weighted_cross_entropy"
    weights: Tensor

    def __init__(self, *, levels: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weights", class_weights(levels))

    def _cost(self, log_p: Tensor, y: Tensor) -> Tensor:
        return self.weights.to(log_p.dtype)[y] * _negative_log_likelihood(log_p, y)


class OrdinalCrossEntropy(_Categorical):
    """Cross-entropy weighted by distance: -(1 + |argmax p - y| / (K - 1)) log p_y. The default.

    Hart 2017, ``ordinal_categorical_crossentropy`` (github.com/JHart96/keras_ordinal_categorical_
    crossentropy), with which the thesis found its best classifiers. The weight is a constant to
    the gradient, so it jumps where argmax changes and the loss stays differentiable elsewhere.
    """

    name: ClassVar[str] = "ordinal"

    def _cost(self, log_p: Tensor, y: Tensor) -> Tensor:
        distance = (log_p.argmax(dim=1) - y).abs().to(log_p.dtype)
        return (1.0 + distance / _STEPS) * _negative_log_likelihood(log_p, y)


class FocalLoss(_Categorical):
    """Focal loss: -(1 - p_y)^gamma log p_y (Lin et al. 2017, ICCV); no weights per class.

    It knows no order either.

    Args:
        gamma: 2 by default, as Lin et al.; 0 is cross-entropy. Between 0 and 1 the gradient has
            no bound at p_y = 1, so that is refused.

    Raises:
        ConfigError: gamma is neither 0 nor at least 1.
    """

    name: ClassVar[str] = "focal"

    def __init__(self, *, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = checked_gamma(gamma)

    def _cost(self, log_p: Tensor, y: Tensor) -> Tensor:
        nll = _negative_log_likelihood(log_p, y)
        return (-torch.expm1(-nll)) ** self.gamma * nll


class SoftLabels(_Softmax):
    """KL divergence from labels that spread to the neighbours: sum_k q_k log(q_k / p_k).

    q_k is in proportion to exp(-(k - y)^2 / (2 spread^2)) (SORD, Diaz & Marathe 2019, CVPR). Here
    alone a fractional truth stays fractional: 2.5 is shared by levels 2 and 3. The minimum, 0, is
    p = q.

    Args:
        spread: levels; 0.5 by default, which gives a middle level .79 and its neighbours .11 each.

    Raises:
        ConfigError: the spread is not above 0.
    """

    name: ClassVar[str] = "soft_labels"

    def __init__(self, *, spread: float = 0.5) -> None:
        super().__init__()
        if not spread > 0.0:
            raise ConfigError("must be above 0", key="spread", value=spread)
        self.spread = spread

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        log_q = self.log_labels(level)
        log_p = functional.log_softmax(outputs, dim=1)
        return functional.kl_div(log_p, log_q, reduction="none", log_target=True).sum(dim=1)

    def log_labels(self, level: Tensor) -> Tensor:
        """Log q (N, 7) of levels (N,)."""
        values = torch.arange(LEVEL_COUNT, dtype=level.dtype, device=level.device)
        squared = (values - level[:, None]) ** 2
        return functional.log_softmax(-squared / (2.0 * self.spread**2), dim=1)


class ExpectedError(_Categorical):
    """Expected absolute error under the predicted distribution: sum_k p_k |k - y|, in levels.

    The thesis's "estimated error"; an earth mover's distance to the true level (Hou et al. 2016,
    with power 1). It has almost no gradient where p is sure of a wrong level, so it learns slowly
    from a bad start; ``bias`` gives a good one.
    """

    name: ClassVar[str] = "expected_error"

    def _cost(self, log_p: Tensor, y: Tensor) -> Tensor:
        values = torch.arange(LEVEL_COUNT, dtype=log_p.dtype, device=log_p.device)
        return (log_p.exp() * (values - y[:, None]).abs()).sum(dim=1)


def checked_gamma(gamma: float) -> float:
    """Gamma of a focal loss when it may be used.

    Raises:
        ConfigError: it is neither 0 nor at least 1.
    """
    if gamma != 0.0 and not gamma >= 1.0:
        raise ConfigError("must be 0 or at least 1", key="gamma", value=gamma)
    return gamma


def _negative_log_likelihood(log_p: Tensor, y: Tensor) -> Tensor:
    return functional.nll_loss(log_p, y, reduction="none")
