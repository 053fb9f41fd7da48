"""A head without memory, to show what time is worth."""

from __future__ import annotations

from torch import Tensor, nn

from train.temporal.base import State, TemporalHead


class PerFrameHead(TemporalHead):
    """Dense layers on one frame at a time; neither past nor clock is seen.

    Args:
        width: features of a frame, standardised.
        outputs: width of the last layer.
        hidden: widths of the hidden layers; none for a linear model.
        dropout: share of hidden units that rest in a training step.
    """

    def __init__(
        self, *, width: int, outputs: int, hidden: tuple[int, ...], dropout: float = 0.0
    ) -> None:
        super().__init__(width=width, outputs=outputs)
        layers: list[nn.Module] = []
        for units in hidden:
            layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(dropout)]
            width = units
        self.layers = nn.Sequential(*layers)
        self.last = nn.Linear(width, outputs)

    def forward(self, features: Tensor, elapsed_s: Tensor) -> Tensor:
        """Run over clips; see ``TemporalHead.forward``."""
        del elapsed_s
        out: Tensor = self.last(self.layers(features))
        return out

    def start(self, count: int) -> State:
        """Nothing to remember."""
        del count
        return ()

    def step(self, features: Tensor, elapsed_s: Tensor, state: State) -> tuple[Tensor, State]:
        """Take one frame of each stream; see ``TemporalHead.step``."""
        return self(features, elapsed_s), state
