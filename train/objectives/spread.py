"""Regressions that say how sure they are: normal, beta and quantiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Final

import torch
from torch import Tensor
from torch.nn import functional

from pain.errors import ConfigError
from pain.scales import LEVEL_COUNT, LEVEL_MAX
from train.objectives.objective import Objective
from train.objectives.task import Task

_LEAST_SIGMA: Final = 0.1
"""Levels. Raters do not agree better, and without a bound the likelihood has no maximum."""

_WIDEST_SIGMA: Final = 2.0 * LEVEL_MAX
_MARGIN: Final = 2.0 * LEVEL_MAX
"""How far outside the scale a mean is still told apart when it is read, in levels."""

_SQUEEZE: Final = 0.01
"""How far a beta variable keeps from 0 and 1, where its density is 0 or has no bound."""

_MOST_PRECISE: Final = 1000.0
_WIDEST_PRECISION: Final = 2.0


class Gaussian(Objective):
    """Heteroscedastic normal: log s + (x - y)^2 / (2 s^2) + log(2 pi) / 2; outputs x and raw s.

    Nix & Weigend 1994; Kendall & Gal 2017. s = 0.1 + softplus(raw). The loss is a negative log
    density and may be negative. When read, each value of the normal, cut to 0..6, is shared by its
    two neighbouring levels in proportion to closeness; so the expected level is the mean of the
    cut normal, which near the ends of the scale lies somewhat inside of x.
    """

    task: ClassVar[Task] = Task.REGRESSION
    name: ClassVar[str] = "gaussian"
    outputs: int = 2

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        mean, sigma = outputs[:, 0], _sigma(outputs[:, 1])
        return sigma.log() + 0.5 * ((mean - level) / sigma) ** 2 + 0.5 * math.log(2.0 * math.pi)

    def _probabilities(self, outputs: Tensor) -> Tensor:
        mean = outputs[:, 0].clamp(-_MARGIN, LEVEL_MAX + _MARGIN)[:, None]
        sigma = _sigma(outputs[:, 1]).clamp(max=_WIDEST_SIGMA)[:, None]
        z = (mean - _levels(outputs)) / sigma
        density = torch.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)
        share = 0.5 * (1.0 + torch.erf(z / math.sqrt(2.0)))
        # E max(X - k, 0): between two levels its difference is the expected share of the upper one.
        excess = sigma * density + (mean - _levels(outputs)) * share
        # Sums of float32 differences: 1e-6 below 0 or above 1 is rounding.
        above = (excess[:, :-1] - excess[:, 1:]).clamp(0.0, 1.0)
        ones, zeros = torch.ones_like(mean), torch.zeros_like(mean)
        levels = torch.cat([ones, above], dim=1) - torch.cat([above, zeros], dim=1)
        return functional.normalize(levels.clamp(min=0.0), p=1.0, dim=1)

    def bias(self, levels: Tensor) -> Tensor:
        """Mean and spread of the levels."""
        sigma = levels.float().std(correction=0).clamp(min=2.0 * _LEAST_SIGMA) - _LEAST_SIGMA
        return torch.stack([levels.float().mean(), _inverse_softplus(sigma)])


class Beta(Objective):
    """Beta distribution of level / 6 with mean m and precision f: -log Beta(y'; m f, (1 - m) f).

    Ferrari & Cribari-Neto 2004, J. Applied Statistics 31:799-815. Two outputs: the logit of m and
    a raw precision, f = 1000^sigmoid(raw), so 1 to 1000. y' and m are drawn in to 0.01..0.99
    (Smithson & Verkuilen 2006), because the density has no value at 0 and 1. The loss is a
    negative log density and may be negative. When read it is the beta-binomial of six trials: the
    binomial of ``point.binomial`` with the beta as its chance, whose mean is 6 m exactly.
    """

    task: ClassVar[Task] = Task.REGRESSION
    name: ClassVar[str] = "beta"
    outputs: int = 2

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        mean = _drawn_in(torch.sigmoid(outputs[:, 0]))
        precision = _precision(outputs[:, 1])
        share = _drawn_in(level / LEVEL_MAX)
        a, b = mean * precision, (1.0 - mean) * precision
        log_beta = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(precision)
        return log_beta - (a - 1.0) * share.log() - (b - 1.0) * torch.log1p(-share)

    def _probabilities(self, outputs: Tensor) -> Tensor:
        precision = _precision(outputs[:, 1:])
        # 1 - sigmoid(x) loses digits that sigmoid(-x) keeps.
        return _beta_binomial(
            torch.sigmoid(outputs[:, :1]) * precision, torch.sigmoid(-outputs[:, :1]) * precision
        )

    def bias(self, levels: Tensor) -> Tensor:
        """Mean of the levels, and a precision of 1000^(1/2), about 32."""
        return torch.stack(
            [
                torch.logit((levels.float().mean() / LEVEL_MAX).clamp(_SQUEEZE, 1.0 - _SQUEEZE)),
                levels.new_zeros((), dtype=torch.float32),
            ]
        )


class Quantile(Objective):
    """Pinball loss, mean over the quantiles t: max(t (y - q_t), (t - 1) (y - q_t)).

    Koenker & Bassett 1978, Econometrica 46:33-50. The first output is the median, the others are
    raw steps to the next quantile on either side, through softplus, so quantiles never cross. The
    median is the level. When read, the distribution is symmetric about it with the half-widths of
    the quantile pairs, cut at the nearer end of the scale, each point shared by its two
    neighbouring levels: spread is kept, skew is not.

    Args:
        quantiles: in order, symmetric about the median 0.5, at least three.

    Raises:
        ConfigError: they are not.
    """

    task: ClassVar[Task] = Task.REGRESSION
    name: ClassVar[str] = "quantile"
    levels_at: Tensor
    shares: Tensor

    def __init__(self, *, quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> None:
        super().__init__()
        chosen = torch.tensor(quantiles, dtype=torch.float64)
        if not _is_symmetric(chosen):
            raise ConfigError(
                "must rise between 0 and 1, symmetric about a middle of 0.5, three or more",
                key="quantiles",
                value=list(quantiles),
            )
        self.outputs = len(chosen)
        borders = torch.cat([torch.zeros(1), (chosen[1:] + chosen[:-1]) / 2.0, torch.ones(1)])
        self.register_buffer("levels_at", chosen.float(), persistent=False)
        self.register_buffer("shares", borders.diff().float(), persistent=False)

    def quantiles(self, outputs: Tensor) -> Tensor:
        """Quantiles (N, outputs) in levels, never falling, not cut to the scale."""
        half = self.outputs // 2
        median = outputs[:, :1]
        steps = functional.softplus(outputs[:, 1:])
        below = median - steps[:, :half].cumsum(dim=1)
        return torch.cat([below.flip(1), median, median + steps[:, half:].cumsum(dim=1)], dim=1)

    def _loss(self, outputs: Tensor, level: Tensor) -> Tensor:
        error = level[:, None] - self.quantiles(outputs)
        at = self.levels_at.to(outputs.dtype)
        return torch.maximum(at * error, (at - 1.0) * error).mean(dim=1)

    def _probabilities(self, outputs: Tensor) -> Tensor:
        found = self.quantiles(outputs)
        median = outputs[:, :1].clamp(0.0, LEVEL_MAX)
        room = torch.minimum(median, LEVEL_MAX - median)
        offset = torch.minimum((found - found.flip(1)).abs() / 2.0, room)
        side = torch.sign(self.levels_at.to(outputs.dtype) - 0.5)
        points = median + side * offset
        closeness = (1.0 - (points[:, :, None] - _levels(outputs)).abs()).clamp(min=0.0)
        return (closeness * self.shares.to(outputs.dtype)[None, :, None]).sum(dim=1)

    def bias(self, levels: Tensor) -> Tensor:
        """Median of the levels, and quantiles a third of a level apart."""
        steps = torch.full((self.outputs - 1,), 1.0 / 3.0, device=levels.device)
        return torch.cat([levels.float().median().reshape(1), _inverse_softplus(steps)])


def widest(level: Tensor) -> Tensor:
    """The widest beta-binomial with one hump at most, (N, 7), whose mean is the level (N,).

    Its precision is 2: in the middle of the scale all seven levels are alike.
    """
    share = level.clamp(0.0, LEVEL_MAX)[:, None] / LEVEL_MAX
    return _beta_binomial(_WIDEST_PRECISION * share, _WIDEST_PRECISION * (1.0 - share))


def neighbours(level: Tensor) -> Tensor:
    """The narrowest distribution (N, 7) whose mean is the level (N,): its two neighbours share."""
    return (1.0 - (level[:, None] - _levels(level)).abs()).clamp(min=0.0)


def _beta_binomial(a: Tensor, b: Tensor) -> Tensor:
    """Beta-binomial of six trials, (N, 7), of (N, 1) each."""
    terms = []
    for k in range(LEVEL_COUNT):
        term = torch.full_like(a, math.comb(LEVEL_COUNT - 1, k))
        for i in range(LEVEL_COUNT - 1):
            factor = a + i if i < k else b + (i - k)
            term = term * factor / (a + b + i)
        terms.append(term)
    return torch.cat(terms, dim=1)


def _levels(like: Tensor) -> Tensor:
    return torch.arange(LEVEL_COUNT, dtype=like.dtype, device=like.device)


def _sigma(raw: Tensor) -> Tensor:
    return _LEAST_SIGMA + functional.softplus(raw)


def _precision(raw: Tensor) -> Tensor:
    return torch.exp(math.log(_MOST_PRECISE) * torch.sigmoid(raw))


def _drawn_in(share: Tensor) -> Tensor:
    return _SQUEEZE + (1.0 - 2.0 * _SQUEEZE) * share


def _inverse_softplus(value: Tensor) -> Tensor:
    return value + torch.log(-torch.expm1(-value))


def _is_symmetric(quantiles: Tensor) -> bool:
    count = len(quantiles)
    return (
        count > 1
        and count % 2 == 1
        and bool((quantiles.diff() > 0.0).all())
        and bool(quantiles[0] > 0.0)
        and torch.allclose(quantiles + quantiles.flip(0), torch.ones_like(quantiles))
    )
