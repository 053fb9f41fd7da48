"""A recurrent head that forgets by the clock, for frames at any times."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.temporal.base import State, TemporalHead

_START_RATE_PER_S: Final = 0.1
"""Fresh memory loses about a tenth per second, so that a gap of half a minute starts anew."""


class GruHead(TemporalHead):
    """GRU (Cho et al. 2014) whose memory decays between frames, as in GRU-D (Che et al. 2018).

    Before each frame, h <- h * exp(-elapsed_s * softplus(rate)), one learnt rate per unit, so a
    dropped frame, another frame rate or a minute without a face mean what they lasted. The gap is
    also an input, as log(1 + elapsed_s). ``elapsed_s`` is the time since the frame before; that of
    the first frame is of no account to the memory, which is empty; give 0.

    Args:
        width: features of a frame, standardised.
        outputs: width of the last layer.
        units: width of the memory.
        dropout: share of units that the last layer does not see in a training step.
    """

    def __init__(self, *, width: int, outputs: int, units: int = 64, dropout: float = 0.0) -> None:
        super().__init__(width=width, outputs=outputs)
        self.units = units
        self.cell = nn.GRUCell(width + 1, units)
        start = torch.full((units,), _START_RATE_PER_S).expm1().log()
        self.rate = nn.Parameter(start)
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(units, outputs)

    def forward(self, features: Tensor, elapsed_s: Tensor) -> Tensor:
        """Run over clips; see ``TemporalHead.forward``."""
        (memory,) = self.start(features.shape[0])
        found = []
        for frame, elapsed in zip(features.unbind(1), elapsed_s.unbind(1), strict=True):
            memory = self._remember(frame, elapsed, memory)
            found.append(memory)
        out: Tensor = self.last(self.dropout(torch.stack(found, dim=1)))
        return out

    def start(self, count: int) -> State:
        """Empty memory (count, units)."""
        return (self.rate.new_zeros(count, self.units),)

    def step(self, features: Tensor, elapsed_s: Tensor, state: State) -> tuple[Tensor, State]:
        """Take one frame of each stream; see ``TemporalHead.step``."""
        (memory,) = state
        memory = self._remember(features, elapsed_s, memory)
        return self.last(self.dropout(memory)), (memory,)

    def _remember(self, features: Tensor, elapsed_s: Tensor, memory: Tensor) -> Tensor:
        elapsed = elapsed_s[:, None]
        kept = memory * torch.exp(-elapsed * functional.softplus(self.rate))
        inputs = torch.cat([features, torch.log1p(elapsed)], dim=1)
        out: Tensor = self.cell(inputs, kept)
        return out
