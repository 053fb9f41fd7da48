"""A convolutional head over the recent past, for frames at a fixed rate."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.temporal.base import State, TemporalHead

_KERNEL: Final = 3


class _CausalConvolution(nn.Module):
    """Convolution in time that sees this tick and ``memory`` ticks before it; zeros before all."""

    def __init__(self, inputs: int, outputs: int, *, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, _KERNEL, dilation=dilation)
        self.memory = dilation * (_KERNEL - 1)

    def forward(self, values: Tensor) -> Tensor:
        """(N, inputs, T) to (N, outputs, T)."""
        out: Tensor = self.conv(functional.pad(values, (self.memory, 0)))
        return out

    def step(self, values: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """(N, inputs, 1) and the past (N, inputs, memory) to (N, outputs, 1) and the new past."""
        seen = torch.cat([past, values], dim=2)
        out: Tensor = self.conv(seen)
        return out, seen[:, :, 1:]


class _Block(nn.Module):
    """Two causal convolutions with ReLU, added to what came in.

    Bai et al. 2018, figure 1b, without weight normalisation and without a ReLU after the sum.
    """

    def __init__(self, channels: int, *, dilation: int, dropout: float) -> None:
        super().__init__()
        self.first = _CausalConvolution(channels, channels, dilation=dilation)
        self.second = _CausalConvolution(channels, channels, dilation=dilation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, values: Tensor) -> Tensor:
        """(N, channels, T) to the same shape."""
        hidden = self.dropout(functional.relu(self.first(values)))
        hidden = self.dropout(functional.relu(self.second(hidden)))
        out: Tensor = values + hidden
        return out

    def step(self, values: Tensor, past: State) -> tuple[Tensor, State]:
        """(N, channels, 1) and two pasts to (N, channels, 1) and two new pasts."""
        first, second = past
        hidden, first = self.first.step(values, first)
        hidden, second = self.second.step(self.dropout(functional.relu(hidden)), second)
        return values + self.dropout(functional.relu(hidden)), (first, second)


class TcnHead(TemporalHead):
    """Temporal convolutional network (Bai et al. 2018): dilated causal convolutions, residual.

    A convolution counts ticks, so the frames must come at a fixed rate: ``resample`` makes them so.
    ``elapsed_s`` is the age of the frame that stands for the tick, as ``resample`` gives it, and is
    an input as log(1 + elapsed_s), so that the network knows stale from fresh.

    Args:
        width: features of a frame, standardised.
        outputs: width of the last layer.
        channels: width of the convolutions.
        blocks: how many, with dilations 1, 2, 4 ...
        dropout: share of units that rest in a training step.
    """

    def __init__(
        self,
        *,
        width: int,
        outputs: int,
        channels: int = 64,
        blocks: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(width=width, outputs=outputs)
        self.enter = nn.Linear(width + 1, channels)
        self.blocks = nn.ModuleList(
            _Block(channels, dilation=2**depth, dropout=dropout) for depth in range(blocks)
        )
        self.last = nn.Linear(channels, outputs)

    @property
    def sees_ticks(self) -> int:
        """How many ticks, the present one included, an output depends on."""
        return 1 + sum(conv.memory for conv in self._convolutions())

    def forward(self, features: Tensor, elapsed_s: Tensor) -> Tensor:
        """Run over clips; see ``TemporalHead.forward``."""
        values = self._enter(features, elapsed_s).transpose(1, 2)
        for block in self.blocks:
            values = block(values)
        out: Tensor = self.last(values.transpose(1, 2))
        return out

    def start(self, count: int) -> State:
        """Zeros before the first tick, one tensor (count, channels, memory) per convolution."""
        weight = self.enter.weight
        return tuple(
            weight.new_zeros(count, self.enter.out_features, conv.memory)
            for conv in self._convolutions()
        )

    def step(self, features: Tensor, elapsed_s: Tensor, state: State) -> tuple[Tensor, State]:
        """Take one tick of each stream; see ``TemporalHead.step``."""
        values = self._enter(features, elapsed_s)[:, :, None]
        pasts: list[Tensor] = []
        blocks = [module for module in self.modules() if isinstance(module, _Block)]
        for depth, block in enumerate(blocks):
            values, new = block.step(values, state[2 * depth : 2 * depth + 2])
            pasts += new
        return self.last(values[:, :, 0]), tuple(pasts)

    def _convolutions(self) -> list[_CausalConvolution]:
        return [module for module in self.modules() if isinstance(module, _CausalConvolution)]

    def _enter(self, features: Tensor, elapsed_s: Tensor) -> Tensor:
        """(..., width) and (...) to (..., channels)."""
        age = torch.log1p(elapsed_s)[..., None]
        out: Tensor = self.enter(torch.cat([features, age], dim=-1))
        return out
