"""What a wrong answer costs a student: against the labels, and against its teachers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pain.scales import LEVEL_COUNT
from train.distil.network import PSPI_SCALE
from train.distil.schema import TeachingSection, TruthSection
from train.objectives.spread import neighbours
from train.protocol.calibrate import mean_class


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """What is known of N faces; NaN where nothing is.

    Attributes:
        level: float (N,), 0..6.
        pspi: float (N,), 0..16.
        units: float (N, len(UNITS)), 0..5.
    """

    level: Tensor
    pspi: Tensor
    units: Tensor

    def of(self, rows: Tensor) -> Labels:
        """Those of some faces."""
        return Labels(level=self.level[rows], pspi=self.pspi[rows], units=self.units[rows])

    def to(self, device: torch.device) -> Labels:
        """The same on a device."""
        return Labels(
            level=self.level.to(device), pspi=self.pspi.to(device), units=self.units.to(device)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taught:
    """What the teachers say of the same N faces.

    Attributes:
        probabilities: float (N, 7).
        level: float (N,), calibrated; need not be the mean of the probabilities.
        pspi: float (N,), NaN where no teacher has it.
        units: float (N, len(UNITS)), NaN where no teacher has it.
        features: float (N, W) of the one teacher that is matched; None when none is.
    """

    probabilities: Tensor
    level: Tensor
    pspi: Tensor
    units: Tensor
    features: Tensor | None = None

    def of(self, rows: Tensor) -> Taught:
        """What they say of some faces."""
        return self._each(lambda values: values[rows])

    def to(self, device: torch.device) -> Taught:
        """The same on a device."""
        return self._each(lambda values: values.to(device))

    def _each(self, change: Callable[[Tensor], Tensor]) -> Taught:
        return Taught(
            probabilities=change(self.probabilities),
            level=change(self.level),
            pspi=change(self.pspi),
            units=change(self.units),
            features=None if self.features is None else change(self.features),
        )


def truth_loss(raw: Tensor, labels: Labels, weights: TruthSection) -> Tensor:
    """Cost (N,) of raw outputs (N, OUTPUTS) against labels; 0 where nothing is known.

    The level costs the cross-entropy with a target that is shared by its two neighbouring whole
    levels in proportion to closeness, so that the mean of a perfect answer is the level itself,
    and the smooth absolute error of that mean.
    """
    logits = raw[:, :LEVEL_COUNT]
    known = torch.isfinite(labels.level)
    level = torch.nan_to_num(labels.level)
    target = neighbours(level)
    cross_entropy = -(target * functional.log_softmax(logits, dim=1)).sum(dim=1)
    expected = mean_class(torch.softmax(logits, dim=1))
    distance = functional.smooth_l1_loss(expected, level, reduction="none")
    cost = weights.level * torch.where(known, cross_entropy + distance, 0.0)
    return (
        cost
        + weights.pspi * _regression(raw[:, LEVEL_COUNT], labels.pspi / PSPI_SCALE)
        + weights.units * _regression(raw[:, LEVEL_COUNT + 1 :], labels.units)
    )


def teaching_loss(raw: Tensor, taught: Taught, weights: TeachingSection) -> Tensor:
    """Cost (N,) of disagreeing with the teachers, features aside.

    Soft targets after Hinton, Vinyals & Dean (2015): T^2 KL(teacher || student) at temperature T.
    KL does not know that level 5 is nearer to 6 than 0 is; the squared distance of the cumulated
    distributions (Hou, Yu & Samaras 2016) does. A calibrated teacher's level may differ from the
    mean of its distribution, and it is the level that counts, so the student is drawn to it too.
    """
    soft = _softened(taught.probabilities, weights.temperature)
    logs = functional.log_softmax(raw[:, :LEVEL_COUNT] / weights.temperature, dim=1)
    divergence = functional.kl_div(logs, soft, reduction="none").sum(dim=1)
    apart = (soft.cumsum(dim=1) - logs.exp().cumsum(dim=1)).square().sum(dim=1)
    expected = mean_class(torch.softmax(raw[:, :LEVEL_COUNT], dim=1))
    distance = functional.smooth_l1_loss(expected, taught.level, reduction="none")
    return (
        weights.soft * weights.temperature**2 * divergence
        + weights.level * distance
        + weights.ordinal * weights.temperature**2 * apart
        + weights.units
        * (
            _regression(raw[:, LEVEL_COUNT], taught.pspi / PSPI_SCALE)
            + _regression(raw[:, LEVEL_COUNT + 1 :], taught.units)
        )
    )


def _regression(raw: Tensor, target: Tensor) -> Tensor:
    """Smooth L1 (N,) where the target is known, mean over columns that are."""
    known = torch.isfinite(target)
    cost = functional.smooth_l1_loss(raw, torch.nan_to_num(target), reduction="none")
    cost = torch.where(known, cost, 0.0)
    if cost.ndim == 1:
        return cost
    return cost.sum(dim=1) / known.sum(dim=1).clamp(min=1)


def _softened(probabilities: Tensor, temperature: float) -> Tensor:
    """Softmax of logits at a temperature, from the probabilities that the logits gave."""
    logs = probabilities.clamp(min=torch.finfo(torch.float32).tiny).log()
    return torch.softmax(logs / temperature, dim=1)
