"""Networks and features that turn a face into numbers."""

from train.backbones.names import BackboneName, Sees

__all__ = ["BackboneName", "Sees"]
