"""Dense layers between a backbone's features and an objective's outputs."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.heads.contrast import Contrast


class Standardise(nn.Module):
    """Features minus mean, divided by standard deviation; changes nothing until it is fitted.

    It is part of the head, hence of the checkpoint and of the exported graph. Landmarks need it:
    at unit size of the face, what pain moves is a hundredth of what tells two faces apart.

    Args:
        width: number of features.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def fit(self, features: Tensor) -> None:
        """Learn mean and standard deviation; of the training part of a fold alone.

        A feature that never varies is centred and left at its scale.

        Args:
            features: (N, width), N >= 1.
        """
        wide = features.detach().double()
        deviation = wide.std(dim=0, correction=0)
        flat = deviation <= wide.abs().amax(dim=0) * torch.finfo(torch.float32).eps
        self.mean.copy_(wide.mean(dim=0))
        self.scale.copy_(torch.where(flat, 1.0, deviation))

    def forward(self, features: Tensor) -> Tensor:
        """(N, width) to (N, width)."""
        return (features - self.mean) / self.scale


class Head(nn.Module):
    """Standardised features through dense layers with ReLU to outputs.

    Args:
        width: number of features.
        hidden: widths of the hidden layers; none for a linear model.
        outputs: width of the last layer.
        dropout: share of hidden units that rest in a training step.

        parts: instead of hidden layers, of what a ``Contrast`` appends to the features.

    Attributes:
        standardise: fit it on the training features before the first step.
        layers: between the two.
        last: the last layer, whose bias an objective may start.
    """

    def __init__(
        self,
        width: int,
        hidden: tuple[int, ...],
        outputs: int,
        dropout: float = 0.0,
        *,
        parts: int = 0,
    ) -> None:
        super().__init__()
        self.standardise = Standardise(width)
        layers: list[nn.Module] = []
        inputs = width
        for units in hidden:
            layers += [nn.Linear(inputs, units), nn.ReLU(), nn.Dropout(dropout)]
            inputs = units
        self.layers = Contrast(width, parts) if parts else nn.Sequential(*layers)
        self.last = nn.Linear(inputs + parts, outputs)

    def forward(self, features: Tensor) -> Tensor:
        """(N, width) to (N, outputs)."""
        out: Tensor = self.last(self.layers(self.standardise(features)))
        return out


def make_head(
    width: int,
    hidden: tuple[int, ...],
    outputs: int,
    dropout: float = 0.0,
    *,
    parts: int = 0,
    seed: int = 0,
) -> Head:
    """Make a head whose random weights the seed alone decides.

    Args:
        width: number of features.
        hidden: widths of the hidden layers; none for a linear model.
        outputs: width of the last layer, e.g. ``Objective.outputs``.
        dropout: share of hidden units that rest in a training step, 0..1.
        parts: of a ``Contrast`` in the place of hidden layers.
        seed: of the weights; PyTorch's own random numbers on the CPU are left as they are.

    Raises:
        ValueError: a width below 1, a dropout outside 0..1, or both hidden layers and parts.
    """
    if hidden and parts:
        raise ValueError("a contrast stands in the place of hidden layers")
    if min(width, outputs, *hidden) < 1:
        raise ValueError(f"widths must be at least 1, got {(width, *hidden, outputs)}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Head(width, hidden, outputs, dropout, parts=parts)
