"""The assembled network: backbone, standardisation, head, and what its outputs mean."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from train.backbones import make_backbone, weights_of
from train.backbones.base import Backbone, set_trainable
from train.experiment.schema import Experiment
from train.heads import make_head
from train.objectives import Decoded, Objective, make_objective, objective_names

_SMALLEST_SCALE: Final = 1e-6
"""A feature that hardly varies in training is centred only."""


class Standardise(nn.Module):
    """Subtract the mean of the training faces and divide by their standard deviation.

    The statistics are buffers, so that a checkpoint holds everything that scoring needs.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def learn(self, features: npt.NDArray[np.float32]) -> None:
        """Take mean and standard deviation over features float32 (n, W)."""
        scale = features.std(axis=0, dtype=np.float64)
        scale[scale < _SMALLEST_SCALE] = 1.0
        self.centre.copy_(torch.from_numpy(features.mean(axis=0, dtype=np.float64)))
        self.scale.copy_(torch.from_numpy(scale))

    def forward(self, features: Tensor) -> Tensor:
        """(N, W) -> (N, W)."""
        return (features - self.centre) / self.scale


class PainNet(nn.Module):
    """Faces in, outputs of the head out; ``decode`` says what they mean.

    Args:
        backbone: faces to features (N, W).
        head: standardised features to outputs.
        objective: the loss, and the meaning of the outputs.
    """

    def __init__(self, backbone: Backbone, head: nn.Module, objective: Objective) -> None:
        super().__init__()
        self.backbone = backbone
        self.standardise = Standardise(backbone.width)
        self.head = head
        self.objective = objective

    def forward(self, *inputs: Tensor) -> Tensor:
        """Outputs (N, outputs) of what the backbone takes, e.g. uint8 (N, 256, 256, 3)."""
        outputs: Tensor = self.head(self.standardise(self.backbone(*inputs)))
        return outputs

    def decode(self, outputs: Tensor) -> Decoded:
        """Probabilities and level of outputs, before calibration."""
        return self.objective.decode(outputs)

    def start_at(self, levels: npt.NDArray[np.float32]) -> None:
        """Start the last layer at what is common among the training levels."""
        last = [layer for layer in self.head.modules() if isinstance(layer, nn.Linear)][-1]
        with torch.no_grad():
            last.bias.copy_(self.objective.bias(torch.from_numpy(levels)))


def loss_name(experiment: Experiment) -> str:
    """Name of the loss, the thesis's choice for the task where none was named."""
    return experiment.loss.name or objective_names(experiment.task)[0]


def build_objective(experiment: Experiment, levels: npt.NDArray[np.float32] | None) -> Objective:
    """The experiment's loss, told of the training levels for its class weights.

    Args:
        experiment: what was asked for.
        levels: float32 (n,), of the training faces; None when a state dict will be loaded.

    Raises:
        ConfigError: an option that the loss does not have, or a bad value.
    """
    known = None if levels is None else torch.from_numpy(levels)
    return make_objective(
        loss_name(experiment), experiment.task, levels=known, **experiment.loss.options
    )


def build_network(experiment: Experiment, backbone: Backbone, objective: Objective) -> PainNet:
    """A network with fresh head, of which learns what the experiment says; seed PyTorch first."""
    set_trainable(backbone, experiment.backbone.train)
    hidden = experiment.head.hidden
    head = make_head(backbone.width, hidden, objective.outputs, experiment.head.dropout)
    return PainNet(backbone, head, objective)


def build_backbone(experiment: Experiment) -> Backbone:
    """The experiment's backbone; random weights follow from its seed.

    Raises:
        AssetError: its weights cannot be had.
    """
    weights = weights_of(experiment.backbone.weights)
    return make_backbone(experiment.backbone.name, weights=weights, seed=experiment.seed)
