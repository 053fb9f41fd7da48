"""A student with what its answers cost: one module that learns."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.augment.vary import Augment
from train.distil.losses import Labels, Taught, teaching_loss, truth_loss
from train.distil.network import StudentNet
from train.distil.schema import Distillation


class Pupil(nn.Module):
    """Prepared faces, what is known and what teachers say of them in, costs (n,) out.

    Args:
        network: what learns.
        plan: what counts how much.
        augment: varies the faces.
        matched: width of the teacher's features that the student's are drawn to; None without.
    """

    def __init__(
        self,
        network: StudentNet,
        *,
        plan: Distillation,
        augment: Augment,
        matched: int | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.projection = None if matched is None else nn.Linear(network.backbone.width, matched)
        self._plan = plan
        self._augment = augment

    def forward(
        self, prepared: tuple[Tensor, ...], labels: Labels, taught: Taught | None
    ) -> Tensor:
        """Cost of every face (n,), each varied anew.

        Args:
            prepared: what ``StudentNet.prepare`` gave, in single precision.
            labels: of the same faces.
            taught: of the same faces; None without teachers.
        """
        device = prepared[0].device
        # In full precision: a share of a grey level must not be rounded away.
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            shown = self._augment(prepared)
            mix = self._augment.mix(len(shown[0]), device)
            if mix is not None:
                shown = tuple(mix.over(part) for part in shown)
        features = self.network.features(shown)
        raw = self.network.head(features)
        if mix is None:
            return self._cost(raw, features, labels, taught)
        return mix.cost(
            lambda rows: self._cost(
                raw, features, labels.of(rows), None if taught is None else taught.of(rows)
            )
        )

    def _cost(self, raw: Tensor, features: Tensor, labels: Labels, taught: Taught | None) -> Tensor:
        cost = truth_loss(raw, labels, self._plan.truth)
        if taught is None:
            return cost
        cost = cost + teaching_loss(raw, taught, self._plan.teaching)
        if self.projection is None or taught.features is None:
            return cost
        near = functional.cosine_similarity(self.projection(features), taught.features)
        return cost + self._plan.teaching.features * (1.0 - near)
