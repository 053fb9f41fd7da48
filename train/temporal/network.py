"""The assembled network over the frames of clips: reduction, head, and what its outputs mean."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pain.action_units import BLENDSHAPES
from train.backbones import Sees
from train.backbones.landmarks import FACE_POINTS
from train.experiment.schema import Experiment
from train.experiment.temporal import TemporalKind, TemporalSection
from train.objectives import Decoded, Objective
from train.temporal.base import State, TemporalHead
from train.temporal.gru import GruHead
from train.temporal.per_frame import PerFrameHead
from train.temporal.reduce import Reduce
from train.temporal.tcn import TcnHead


class ClipNet(nn.Module):
    """Features of frames in, outputs of each frame out, from the past alone.

    Features are those of the landmark backbones: 1404 coordinates, and 52 blendshapes behind them.

    Args:
        reduce: features to fewer ones.
        head: over time.
        objective: the loss, and the meaning of the outputs.
    """

    def __init__(self, reduce: Reduce, head: TemporalHead, objective: Objective) -> None:
        super().__init__()
        self.reduce = reduce
        self.head = head
        self.objective = objective

    def forward(self, features: Tensor, elapsed_s: Tensor) -> Tensor:
        """Whole clips: (N, T, F) and (N, T) to (N, T, outputs); see ``TemporalHead.forward``."""
        outputs: Tensor = self.head(self.reduce(features), elapsed_s)
        return outputs

    def start(self, count: int) -> State:
        """Memory of ``count`` streams before their first frame."""
        return self.head.start(count)

    def step(self, features: Tensor, elapsed_s: Tensor, state: State) -> tuple[Tensor, State]:
        """One frame of each stream: (N, F) and (N,) to (N, outputs) and the new memory."""
        return self.head.step(self.reduce(features), elapsed_s, state)

    def decode(self, outputs: Tensor) -> Decoded:
        """Probabilities and level of outputs (N, outputs), before calibration."""
        return self.objective.decode(outputs)


class Counted(nn.Module):
    """The outputs of a head that count, one row each, for a loss of single frames.

    Args:
        head: over time.
    """

    def __init__(self, head: TemporalHead) -> None:
        super().__init__()
        self.head = head

    def forward(self, features: Tensor, elapsed_s: Tensor, counted: Tensor) -> Tensor:
        """(N, T, W), (N, T) and bool (N, T) with M set to (M, outputs)."""
        outputs: Tensor = self.head(features, elapsed_s)
        return outputs[counted]


def build_clip_network(
    experiment: Experiment, asked: TemporalSection, objective: Objective, *, seed: int = 0
) -> ClipNet:
    """A network with a fresh head and an unfitted reduction; the seed decides the weights."""
    blendshapes = experiment.backbone.name.sees is Sees.LANDMARKS_BLENDSHAPES
    reduce = Reduce(
        coordinates=3 * FACE_POINTS,
        others=len(BLENDSHAPES) if blendshapes else 0,
        components=asked.components,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = _head(experiment, asked, width=reduce.width, outputs=objective.outputs)
    return ClipNet(reduce, head, objective)


def _head(
    experiment: Experiment, asked: TemporalSection, *, width: int, outputs: int
) -> TemporalHead:
    dropout, hidden = experiment.head.dropout, experiment.head.hidden
    match asked.head:
        case TemporalKind.GRU:
            return GruHead(width=width, outputs=outputs, units=asked.units, dropout=dropout)
        case TemporalKind.TCN:
            return TcnHead(
                width=width,
                outputs=outputs,
                channels=asked.units,
                blocks=asked.blocks,
                dropout=dropout,
            )
        case TemporalKind.PER_FRAME:
            hidden = (asked.units,) if hidden is None else hidden
            return PerFrameHead(width=width, outputs=outputs, hidden=hidden, dropout=dropout)
