"""Makes a backbone by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from train.backbones.names import BackboneName
from train.backbones.weights import Weights, WeightSource

if TYPE_CHECKING:
    from train.backbones.base import Backbone, PictureBackbone

SIZED: Final = frozenset({BackboneName.MOBILENETV3_SMALL, BackboneName.MOBILENETV3_LARGE})
"""Backbones whose input may have another size."""


def make_backbone(
    name: BackboneName, *, weights: Weights, seed: int = 0, input_px: int | None = None
) -> Backbone:
    """Make a backbone with its weights; everything of it learns until ``set_trainable``.

    Args:
        name: which one. Landmark backbones have no weights; theirs are not looked for.
        weights: official (fetched once, kept in PyTorch's hub cache), random, or a file.
        seed: of random weights; PyTorch's own random numbers are left as they are.
        input_px: side of what the layers of a MobileNetV3 see; the network's own when None. The
            others have one size each.

    Returns:
        On the CPU (or the device of ``torch.device`` as a context), in training mode.

    Raises:
        AssetError: the weights cannot be had, or do not fit.
        ValueError: ``input_px`` for a backbone of one size.
    """
    if input_px is not None and name not in SIZED:
        raise ValueError(f"{name} has one input size; leave input_px out")
    from train.backbones.landmarks import Landmarks, LandmarksBlendshapes

    match name:
        case BackboneName.LANDMARKS:
            return Landmarks()
        case BackboneName.LANDMARKS_BLENDSHAPES:
            return LandmarksBlendshapes()
        case _:
            return _picture_backbone(name, weights, seed, input_px)


def _picture_backbone(
    name: BackboneName, weights: Weights, seed: int, input_px: int | None
) -> PictureBackbone:
    import torch

    from train.backbones.published import PUBLISHED, obtain
    from train.backbones.state import read_state

    path = weights if isinstance(weights, Path) else None
    if weights is WeightSource.OFFICIAL:
        path = obtain(PUBLISHED[name], folder=Path(torch.hub.get_dir()) / "checkpoints")
    # Before the network is made: a wrong file is told at once.
    state = None if path is None else read_state(path)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        backbone = _network(name, input_px)
    if path is not None and state is not None:
        backbone.load(state, path=path)
    return backbone


def _network(name: BackboneName, input_px: int | None) -> PictureBackbone:
    """Import what is needed alone: timm takes a second, and FaceNet does without it."""
    if name in {BackboneName.FACENET, BackboneName.FACENET_128}:
        from train.backbones.facenet import FaceNet

        return FaceNet(name)
    if name in {BackboneName.DINOV2_S14, BackboneName.DINOV2_L14}:
        from train.backbones.dinov2 import Dinov2

        return Dinov2(name)
    from train.backbones.mobilenet import MobileNetV3

    return MobileNetV3(name) if input_px is None else MobileNetV3(name, input_px=input_px)
