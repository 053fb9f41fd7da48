"""Makes a backbone by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.track.model_file import LANDMARKER_NAME, locate_landmarker
from train.backbones.names import AnyBackbone, BackboneName, MeshTap, TimmName, check_taps
from train.backbones.weights import Weights, WeightSource

if TYPE_CHECKING:
    from torch import Tensor

    from train.backbones.base import Backbone, PictureBackbone

_SIZED: Final = frozenset({BackboneName.MOBILENETV3_SMALL, BackboneName.MOBILENETV3_LARGE})

LANDMARKER_SUFFIX: Final = Path(LANDMARKER_NAME).suffix
"""Of the file that the face mesh network is read from; others are state dicts, as for the rest."""


def takes_any_size(name: AnyBackbone) -> bool:
    """Whether the layers of a backbone may see a picture of another size than its own."""
    if isinstance(name, TimmName):
        from train.backbones.timm_models import config_of

        return not config_of(name).fixed_input_size
    return name in _SIZED


def make_backbone(
    name: AnyBackbone,
    *,
    weights: Weights,
    seed: int = 0,
    input_px: int | None = None,
    taps: Sequence[MeshTap] | None = None,
) -> Backbone:
    """Make a backbone with its weights; everything of it learns until ``set_trainable``.

    Args:
        name: which one. Landmark backbones have no weights; theirs are not looked for.
        weights: official (fetched once, kept in PyTorch's hub cache, timm's in Hugging Face's),
            random, or a file.
        seed: of random weights; PyTorch's own random numbers are left as they are.
        input_px: side of what the layers see, where ``takes_any_size``; the network's own when
            None.
        taps: stages of the face mesh network that are read; its own choice when None.

    Returns:
        On the CPU (or the device of ``torch.device`` as a context), in training mode.

    Raises:
        AssetError: the weights cannot be had, or do not fit.
        ValueError: ``input_px`` for a backbone of one size, ``taps`` for one without stages.
    """
    if input_px is not None and not takes_any_size(name):
        raise ValueError(f"{name} has one input size; leave input_px out")
    check_taps(name, taps)
    from train.backbones.landmarks import Landmarks, LandmarksBlendshapes

    match name:
        case BackboneName.LANDMARKS:
            return Landmarks()
        case BackboneName.LANDMARKS_BLENDSHAPES:
            return LandmarksBlendshapes()
        case _:
            return _picture_backbone(name, weights, seed, input_px, taps)


def _picture_backbone(
    name: AnyBackbone,
    weights: Weights,
    seed: int,
    input_px: int | None,
    taps: Sequence[MeshTap] | None,
) -> PictureBackbone:
    import torch

    path = weights if isinstance(weights, Path) else None
    if weights is WeightSource.OFFICIAL:
        path = _official(name)
    # Before the network is made: a wrong file is told at once.
    state = None if path is None else _read(name, path)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        backbone = _network(name, input_px, taps)
    if path is not None and state is not None:
        backbone.load(state, path=path)
    return backbone


def _official(name: AnyBackbone) -> Path:
    import torch

    if isinstance(name, TimmName):
        from train.backbones.timm_models import obtain_timm

        return obtain_timm(name)

    from train.backbones.published import PUBLISHED, obtain

    if name.is_face_mesh:
        # The tracker's own file: who tracked faces has it, and its hash is proved.
        return locate_landmarker(None)
    return obtain(PUBLISHED[name], folder=Path(torch.hub.get_dir()) / "checkpoints")


def _read(name: AnyBackbone, path: Path) -> dict[str, Tensor]:
    from train.backbones.state import read_state

    if name.is_face_mesh and path.suffix == LANDMARKER_SUFFIX:
        from train.backbones.mesh_file import read_mesh_state

        return read_mesh_state(path)
    return read_state(path)


def _network(
    name: AnyBackbone, input_px: int | None, taps: Sequence[MeshTap] | None
) -> PictureBackbone:
    """Import what is needed alone: timm takes a second, and FaceNet does without it."""
    if isinstance(name, TimmName):
        from train.backbones.timm_network import TimmNetwork

        return TimmNetwork(name, input_px=input_px)
    if name.is_face_mesh:
        from train.backbones.face_mesh import FaceMesh

        return FaceMesh(name) if taps is None else FaceMesh(name, taps=taps)
    if name in {BackboneName.FACENET, BackboneName.FACENET_128}:
        from train.backbones.facenet import FaceNet

        return FaceNet(name)
    if name in {BackboneName.DINOV2_S14, BackboneName.DINOV2_L14}:
        from train.backbones.dinov2 import Dinov2

        return Dinov2(name)
    from train.backbones.mobilenet import MobileNetV3

    return MobileNetV3(name) if input_px is None else MobileNetV3(name, input_px=input_px)
