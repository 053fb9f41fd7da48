"""What the tracker measured, laid out flat: backbones with nothing to learn."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from pain.action_units import BLENDSHAPES
from train.backbones.base import Backbone
from train.backbones.names import BackboneName

FACE_POINTS: Final = 468
"""MediaPipe's points without the ten of the irises, as the thesis uses them."""

_COORDINATES: Final = 3


class Landmarks(Backbone):
    """468 points in space as 1404 numbers, the thesis's FL."""

    def __init__(self) -> None:
        super().__init__(name=BackboneName.LANDMARKS, width=FACE_POINTS * _COORDINATES)

    def forward(self, landmarks: Tensor) -> Tensor:
        """Flatten.

        Args:
            landmarks: float32 (N, 478, 3), pose-normalised.

        Returns:
            (N, 1404): x, y, z of the first point, then of the second ...
        """
        return landmarks[:, :FACE_POINTS].flatten(1)


class LandmarksBlendshapes(Backbone):
    """The same with MediaPipe's 52 blendshapes behind."""

    def __init__(self) -> None:
        super().__init__(
            name=BackboneName.LANDMARKS_BLENDSHAPES,
            width=FACE_POINTS * _COORDINATES + len(BLENDSHAPES),
        )

    def forward(self, landmarks: Tensor, blendshapes: Tensor) -> Tensor:
        """Flatten and append.

        Args:
            landmarks: float32 (N, 478, 3), pose-normalised.
            blendshapes: float32 (N, 52) in 0..1.

        Returns:
            (N, 1456).
        """
        return torch.cat([landmarks[:, :FACE_POINTS].flatten(1), blendshapes], dim=1)
