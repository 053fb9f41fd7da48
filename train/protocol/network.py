"""The assembled network: backbone, head, and what its outputs mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from train.backbones import make_backbone, weights_of
from train.backbones.base import Backbone, set_trainable
from train.backbones.weights import WeightSource
from train.experiment.schema import Experiment
from train.heads import Head, hidden_after, make_head
from train.objectives import Decoded, Objective, make_objective, objective_names
from train.prepared import features_of_prepared, prepared
from train.protocol.calibrate import Calibration


class PainNet(nn.Module):
    """Faces in, outputs of the head out; ``decode`` says what they mean.

    Args:
        backbone: faces to features (N, W).
        head: features to outputs; it standardises them first.
        objective: the loss, and the meaning of the outputs.
    """

    def __init__(self, backbone: Backbone, head: Head, objective: Objective) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.objective = objective

    def forward(self, *inputs: Tensor) -> Tensor:
        """Outputs (N, outputs) of what the backbone takes, e.g. uint8 (N, 256, 256, 3)."""
        outputs: Tensor = self.head(self.backbone(*inputs))
        return outputs

    def prepare(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What no weight has a say in, e.g. the change of size."""
        return prepared(self.backbone, inputs)

    def outputs_of(self, shown: tuple[Tensor, ...]) -> Tensor:
        """Outputs (N, outputs) of what ``prepare`` gave."""
        outputs: Tensor = self.head(features_of_prepared(self.backbone, shown))
        return outputs

    def decode(self, outputs: Tensor) -> Decoded:
        """Probabilities and level of outputs, before calibration."""
        return self.objective.decode(outputs)

    def start_at(self, levels: npt.NDArray[np.float32]) -> None:
        """Start the last layer at what is common among the training levels."""
        with torch.no_grad():
            self.head.last.bias.copy_(self.objective.bias(torch.from_numpy(levels)))


class LevelReader(nn.Module):
    """A network with its calibration: faces in, probabilities and level out, as they ship.

    Args:
        network: backbone, head and objective.
        calibration: of it.
    """

    def __init__(self, network: PainNet, calibration: Calibration) -> None:
        super().__init__()
        self.network = network
        self.calibration = calibration

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Calibrated probabilities (N, C) and level (N,)."""
        raw = self.network.decode(self.network(*inputs)).probabilities
        said = self.calibration.read(raw)
        return said.probabilities, said.level


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


def build_network(
    experiment: Experiment, backbone: Backbone, objective: Objective, *, seed: int = 0
) -> PainNet:
    """A network with fresh head, of which learns what the experiment says.

    Args:
        experiment: what was asked for.
        backbone: changed in place.
        objective: the loss.
        seed: of the head's weights.
    """
    set_trainable(backbone, experiment.backbone.train)
    head = make_head(
        backbone.width,
        hidden_of(experiment),
        objective.outputs,
        experiment.head.dropout,
        seed=seed,
    )
    return PainNet(backbone, head, objective)


def hidden_of(experiment: Experiment) -> tuple[int, ...]:
    """Widths of the hidden layers, the thesis's where none are given."""
    if experiment.head.hidden is None:
        return hidden_after(experiment.backbone.name)
    return experiment.head.hidden


def build_backbone(experiment: Experiment) -> Backbone:
    """The experiment's backbone; random weights follow from its seed.

    Raises:
        AssetError: its weights cannot be had.
    """
    section = experiment.backbone
    # What a start gives is not fetched as well.
    weights = WeightSource.RANDOM if experiment.start else weights_of(section.weights)
    return make_backbone(
        section.name,
        weights=weights,
        seed=experiment.seed,
        input_px=section.input_px,
        taps=section.taps,
    )
