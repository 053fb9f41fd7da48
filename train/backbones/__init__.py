"""Networks and features that turn a face into numbers.

Importing this package loads no PyTorch; making a backbone does.
"""

from train.backbones.make import make_backbone, takes_any_size
from train.backbones.names import (
    AnyBackbone,
    BackboneField,
    BackboneName,
    MeshTap,
    Sees,
    TimmName,
    Trainable,
    backbone_of,
    check_taps,
)
from train.backbones.weights import Weights, WeightSource, weights_of

__all__ = [
    "AnyBackbone",
    "BackboneField",
    "BackboneName",
    "MeshTap",
    "Sees",
    "TimmName",
    "Trainable",
    "WeightSource",
    "Weights",
    "backbone_of",
    "check_taps",
    "make_backbone",
    "takes_any_size",
    "weights_of",
]
