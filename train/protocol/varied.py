"""Training faces varied on their way through a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from train.augment.mix import Mix
from train.augment.pixels import PixelRange
from train.augment.schema import Variation
from train.augment.vary import Augment
from train.backbones.landmarks import FACE_POINTS
from train.protocol.network import PainNet

_Tensors = tuple[Tensor, ...]

_COORDINATES: Final = 3 * FACE_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Varied:
    """A network that sees every training face a little otherwise each time.

    Attributes:
        augment: varies what ``prepare`` gave.
        prepare: from what a source gives to what can be varied.
        outputs: from varied faces to outputs (n, outputs).
    """

    augment: Augment
    prepare: Callable[[_Tensors], _Tensors]
    outputs: Callable[[_Tensors], Tensor]

    def compiled(self) -> Varied:
        """The same with the network, which is most of the work, through ``torch.compile``."""
        return replace(self, outputs=torch.compile(self.outputs))

    def __call__(self, inputs: _Tensors) -> tuple[Tensor, Mix | None]:
        """Outputs for faces as a source gives them, and how they were mixed."""
        device = inputs[0].device
        # In full precision: a share of a grey level must not be rounded away.
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            shown = self.augment(self.prepare(inputs))
            mix = self.augment.mix(len(shown[0]), device)
            if mix is not None:
                shown = tuple(mix.over(part) for part in shown)
        return self.outputs(shown), mix


def varied_pictures(network: PainNet, section: Variation) -> Varied:
    """Variation of what a backbone that learns is fed; mirror images come from the source."""
    backbone = network.backbone
    return Varied(
        augment=Augment(section, inputs=backbone.sees.inputs, pixels=PixelRange.of(backbone)),
        prepare=network.prepare,
        outputs=network.outputs_of,
    )


def varied_landmarks(network: PainNet, section: Variation) -> Varied:
    """Variation of landmarks laid out flat, with blendshapes behind where there are any."""
    return Varied(
        augment=Augment(section, inputs=network.backbone.sees.inputs),
        prepare=_parted,
        outputs=lambda shown: network.head(torch.cat(shown, dim=1)),
    )


def _parted(inputs: _Tensors) -> _Tensors:
    (features,) = inputs
    points, scores = features[:, :_COORDINATES], features[:, _COORDINATES:]
    return (points, scores) if scores.shape[1] else (points,)
