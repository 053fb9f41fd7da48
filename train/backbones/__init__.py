"""Networks and features that turn a face into numbers.

Importing this package loads no PyTorch; making a backbone does.
"""

from train.backbones.make import make_backbone
from train.backbones.names import BackboneName, Sees, Trainable
from train.backbones.weights import Weights, WeightSource, weights_of

__all__ = [
    "BackboneName",
    "Sees",
    "Trainable",
    "WeightSource",
    "Weights",
    "make_backbone",
    "weights_of",
]
