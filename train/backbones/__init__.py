"""Networks and features that turn a face into numbers.

Importing this package loads no PyTorch; making a backbone does.
"""

from train.backbones.make import make_backbone
from train.backbones.names import BackboneName, MeshTap, Sees, Trainable, check_taps
from train.backbones.weights import Weights, WeightSource, weights_of

__all__ = [
    "BackboneName",
    "MeshTap",
    "Sees",
    "Trainable",
    "WeightSource",
    "Weights",
    "check_taps",
    "make_backbone",
    "weights_of",
]
