"""A face embedding as the exporter sees it, whichever network it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from pain.bundle import Training

if TYPE_CHECKING:
    from train.backbones.names import BackboneName
    from train.backbones.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaceEmbedding:
    """A network and what its manifest says of it.

    Attributes:
        name: lower case, digits, dashes.
        module: in evaluation mode, on the CPU; uint8 (N, 256, 256, 3) aligned crops to float
            (N, any width), of any length.
        training: how it came to be.
        libraries: versions in use.
    """

    name: str
    module: nn.Module
    training: Training
    libraries: Mapping[str, str]


class UnitLength(nn.Module):
    """Sets the length of another network's answers to 1.

    Args:
        network: faces in, vectors out.
    """

    smallest: Final = 1e-12

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, faces: Tensor) -> Tensor:
        """Vectors (N, width) of length 1."""
        found: Tensor = nn.functional.normalize(self.network(faces), eps=self.smallest)
        return found


def facenet(name: BackboneName, weights: Weights) -> FaceEmbedding:
    """FaceNet with its official weights, random ones, or those of a file.

    Args:
        name: facenet or facenet_128.
        weights: where from.

    Raises:
        AssetError: the weights cannot be had, or do not fit.
    """
    from train.backbones.make import make_backbone
    from train.backbones.published import PUBLISHED
    from train.backbones.weights import WeightSource

    network = make_backbone(name, weights=weights).eval()
    match weights:
        case WeightSource.OFFICIAL:
            data, licence = "VGGFace2, photographs of real people", PUBLISHED[name].licence
        case WeightSource.RANDOM:
            data, licence = "nothing: random weights, which recognise nobody", "none"
        case _:
            data = f"not known: weights were read from {weights.name}"
            licence = "not known: that of the file which was given"
    return FaceEmbedding(
        name=f"{name.value.replace('_', '-')}-embedding",
        module=network,
        training=Training(
            data=data,
            data_licence=licence,
            split_protocol="not known",
            task="one vector a face, near to those of the same person",
            loss="none" if weights is WeightSource.RANDOM else "as its authors trained it",
            backbone=f"{name.value}, {weights if isinstance(weights, WeightSource) else 'file'}",
            command="painwatch export embedding",
        ),
        libraries={"torch": torch.__version__},
    )
