"""MediaPipe's face mesh network as a backbone: what was learnt from real faces, kept at rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from pain.action_units import BLENDSHAPES
from pain.align import LANDMARK_COUNT
from train.backbones.base import PictureBackbone
from train.backbones.mesh_network import FaceMeshNetwork, pooled
from train.backbones.names import BackboneName, MeshTap, Sees, check_taps
from train.backbones.state import load_state

DEFAULT_TAPS: Final = (MeshTap.S121, MeshTap.S152)

_BRIGHTEST: Final = 255.0


class UnitRange(nn.Module):
    """uint8 (N, 256, 256, 3) to float (N, 3, 256, 256) in 0..1: the whole crop, as it stands."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Make the network's input."""
        return pictures.float().permute(0, 3, 1, 2) / _BRIGHTEST


class FaceMesh(PictureBackbone):
    """Stages of the network, each averaged over a grid, one after the other.

    What the tracker measured may follow: the pose-normalised landmarks, then the 52 blendshapes.
    The order of a stage's numbers is channel, row, column.

    Args:
        name: with or without blendshapes and landmarks.
        taps: stages that are read, at least one, none twice.

    Attributes:
        taps: the same, in the network's order.
    """

    def __init__(self, name: BackboneName, *, taps: Sequence[MeshTap] = DEFAULT_TAPS) -> None:
        check_taps(name, taps)
        ordered = tuple(tap for tap in MeshTap if tap in taps)
        tracked = 0
        if name.sees is not Sees.PICTURE:
            tracked += len(BLENDSHAPES)
        if name.sees is Sees.PICTURE_LANDMARKS_BLENDSHAPES:
            tracked += LANDMARK_COUNT * 3
        super().__init__(name=name, width=sum(tap.width for tap in ordered) + tracked)
        self.taps = ordered
        self.preprocess = UnitRange()
        self.body = FaceMeshNetwork()

    @property
    def blocks(self) -> Mapping[str, int]:
        """Each stage, then the landmarks, then the blendshapes."""
        found = {tap.value: tap.width for tap in self.taps}
        if self.sees is Sees.PICTURE_LANDMARKS_BLENDSHAPES:
            found["landmarks"] = LANDMARK_COUNT * 3
        if self.sees is not Sees.PICTURE:
            found["blendshapes"] = len(BLENDSHAPES)
        return found

    @property
    def last_block(self) -> tuple[nn.Module, ...]:
        """The layers between the deepest tap and the stage before it."""
        return (self.body.stage(self.taps[-1]),)

    def features(self, prepared: Tensor, *tracked: Tensor) -> Tensor:
        """Features (N, width) of pictures (N, 3, 256, 256) in 0..1 and of what was tracked.

        Args:
            prepared: of ``preprocess``.
            *tracked: landmarks (N, 478, 3) and blendshapes (N, 52), as the name asks for.
        """
        maps = self.body.tapped(prepared, self.taps)
        stages = [pooled(found, tap.grid) for found, tap in zip(maps, self.taps, strict=True)]
        return torch.cat([*stages, *(values.flatten(1) for values in tracked)], dim=1)

    def load(self, state: Mapping[str, Tensor], *, path: Path) -> None:
        """Copy weights; ``train.backbones.mesh_file`` reads them from ``face_landmarker.task``.

        Args:
            state: tensors by key.
            path: where they come from, for the message.

        Raises:
            AssetError: they do not fit.
        """
        load_state(self.body, state, path=path)
