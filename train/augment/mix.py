"""Faces laid over each other (mixup: Zhang, Cisse, Dauphin & Lopez-Paz 2018)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mix:
    """Which face lies over which, for a batch of N.

    Attributes:
        order: int (N,), the face that is laid over each.
        share: of the face itself, 0..1; the other has the rest.
    """

    order: Tensor
    share: float

    def over(self, values: Tensor) -> Tensor:
        """Values (N, ...) of the mixed faces."""
        return self.share * values + (1.0 - self.share) * values[self.order]

    def cost(self, of: Callable[[Tensor], Tensor]) -> Tensor:
        """Cost (N,) of mixed faces: that of either truth, by its share.

        Args:
            of: cost (N,) of the batch against the truth of these rows of it.
        """
        own = torch.arange(len(self.order), device=self.order.device)
        return self.share * of(own) + (1.0 - self.share) * of(self.order)
