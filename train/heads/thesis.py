"""The thesis's heads, as far as it says what they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from train.backbones import AnyBackbone, BackboneName, TimmName

_FL: Final = (100,)
_FACENET: Final = (64, 32)
_TWO_LAYERS: Final = (128,)
_LINEAR: Final = ()

THESIS_HIDDEN: Final[Mapping[BackboneName, tuple[int, ...]]] = {
    BackboneName.LANDMARKS: _FL,
    BackboneName.LANDMARKS_BLENDSHAPES: _FL,
    BackboneName.MOBILENETV3_SMALL: _TWO_LAYERS,
    BackboneName.MOBILENETV3_LARGE: _TWO_LAYERS,
    BackboneName.FACENET: _FACENET,
    BackboneName.FACENET_128: _FACENET,
    BackboneName.DINOV2_S14: _TWO_LAYERS,
    BackboneName.DINOV2_L14: _TWO_LAYERS,
    BackboneName.FACE_MESH: _LINEAR,
    BackboneName.FACE_MESH_BLENDSHAPES: _LINEAR,
    BackboneName.FACE_MESH_LANDMARKS: _LINEAR,
}
"""Widths of the hidden layers; the output layer follows.

100 for landmarks and 64, 32 for FaceNet are the thesis's. For MobileNetV3 it says two dense layers
and for DINOv2 two linear layers, which is one hidden layer here; its width of 128 is our choice.
Blendshapes beside landmarks are ours, with the head of landmarks, and so is the face mesh network,
with a linear one.
"""


def hidden_after(backbone: AnyBackbone) -> tuple[int, ...]:
    """Widths of the hidden layers after a backbone; a network of timm has MobileNetV3's."""
    return _TWO_LAYERS if isinstance(backbone, TimmName) else THESIS_HIDDEN[backbone]
