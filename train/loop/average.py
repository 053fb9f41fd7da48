"""The moving average of a network's weights (Polyak & Juditsky 1992)."""

from __future__ import annotations

import copy
from typing import Any, Final

import torch
from torch import Tensor, nn

_EARLY: Final = 10


class Average:
    """Follows a module step by step.

    Early in training it is the mean of all steps, not of the first weights. Statistics of BatchNorm
    are averaged like weights; what counts is copied.

    Args:
        module: on the device that trains.
        decay: share of the average that stays in each step, below 1.

    Attributes:
        module: a copy that holds the average and learns nothing.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.module = copy.deepcopy(module).requires_grad_(requires_grad=False)
        self._decay = decay
        self._followed = module

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Move towards the module.

        Args:
            step: of the training, from 1.
        """
        keep = min(self._decay, (step - 1) / (step + _EARLY - 1))
        ours, theirs = (
            list(module.state_dict().values()) for module in (self.module, self._followed)
        )
        moving = [at for at, values in enumerate(ours) if values.is_floating_point()]
        torch._foreach_lerp_([ours[at] for at in moving], [theirs[at] for at in moving], 1.0 - keep)
        for at in set(range(len(ours))) - set(moving):
            ours[at].copy_(theirs[at])

    def state_dict(self) -> dict[str, Tensor]:
        """The averaged weights."""
        return self.module.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Put averaged weights back."""
        self.module.load_state_dict(state)
