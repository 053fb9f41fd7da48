"""What every head over time is."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

State = tuple[Tensor, ...]
"""What a stream remembers, each (N, ...): the same N faces from frame to frame."""


class TemporalHead(nn.Module, ABC):
    """Features of the frames of a clip in, outputs for each frame out, from the past alone.

    ``forward`` takes whole clips for training; ``start`` and ``step`` take them frame by frame as a
    camera gives them, with the same result in evaluation mode. Clips of different lengths are
    padded at their end: what follows a frame cannot change its outputs.

    Args:
        width: features of a frame.
        outputs: width of the last layer.

    Attributes:
        last: the last layer, whose bias an objective may start.
    """

    last: nn.Linear

    def __init__(self, *, width: int, outputs: int) -> None:
        super().__init__()
        self.width = width
        self.outputs = outputs

    @abstractmethod
    def forward(self, features: Tensor, elapsed_s: Tensor) -> Tensor:
        """Run over clips.

        Args:
            features: float (N, T, width).
            elapsed_s: float (N, T) >= 0, seconds; each class says since when.

        Returns:
            (N, T, outputs).
        """

    @abstractmethod
    def start(self, count: int) -> State:
        """Memory of ``count`` streams before their first frame, on the head's device."""

    @abstractmethod
    def step(self, features: Tensor, elapsed_s: Tensor, state: State) -> tuple[Tensor, State]:
        """Take one frame of each stream.

        Args:
            features: float (N, width).
            elapsed_s: float (N,) >= 0, as in ``forward``.
            state: of ``start`` or of the step before.

        Returns:
            Outputs (N, outputs) and the new memory.
        """
