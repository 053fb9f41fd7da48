"""Training faces varied: what tracker and camera do to the same expression."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from train.distil.schema import AugmentSection
from train.preprocess import flip_blendshapes, flip_landmarks


class Augment:
    """Varies batches as a student takes them.

    Args:
        section: how much.
        inputs: names of the tensors, as a bundle has them.
        mirror: (478,) counterpart of each landmark; needed for landmarks alone.
        seed: of everything random in it.
    """

    def __init__(
        self,
        section: AugmentSection,
        *,
        inputs: tuple[str, ...],
        mirror: npt.NDArray[np.intp] | None = None,
        seed: int = 0,
    ) -> None:
        self._section = section
        self._inputs = inputs
        self._mirror = mirror
        self._chance = torch.Generator().manual_seed(seed)

    def __call__(self, prepared: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """New tensors of the same shapes."""
        flipped = self._uniform(len(prepared[0])) < self._section.flip
        varied = []
        for name, values in zip(self._inputs, prepared, strict=True):
            match name:
                case "face":
                    varied.append(self._pictures(values, flipped))
                case "landmarks":
                    varied.append(self._landmarks(values, flipped))
                case _:
                    varied.append(self._blendshapes(values, flipped))
        return tuple(varied)

    def _pictures(self, pictures: Tensor, flipped: Tensor) -> Tensor:
        """Pictures (N, 3, s, s), normalised: moved in the plane, lit anew, sometimes grey."""
        section, count = self._section, len(pictures)
        angle = self._signed(count) * math.radians(section.rotate_deg)
        size = 1.0 + self._signed(count) * section.zoom
        cos, sin = torch.cos(angle) * size, torch.sin(angle) * size
        side = torch.where(flipped, -1.0, 1.0)
        # grid_sample's coordinates run from -1 to 1, so a share of the side counts twice.
        down, right = (2.0 * section.shift * self._signed(count) for _ in range(2))
        matrix = torch.stack(
            [torch.stack([cos * side, -sin, right], 1), torch.stack([sin * side, cos, down], 1)], 1
        )
        grid = functional.affine_grid(matrix, list(pictures.shape), align_corners=False)
        moved = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
        each = (count, 1, 1, 1)
        grey = self._uniform(count).reshape(each) < section.grey
        moved = torch.where(grey, moved.mean(dim=1, keepdim=True), moved)
        gain = 1.0 + section.light * self._signed(count).reshape(each)
        bias = section.light * self._signed(count).reshape(each)
        noise = section.noise * self._uniform(count).reshape(each)
        drawn = torch.randn(moved.shape, generator=self._chance)
        return moved * gain + bias + noise * drawn

    def _landmarks(self, landmarks: Tensor, flipped: Tensor) -> Tensor:
        if self._mirror is None:
            raise ValueError("landmarks need the counterpart of each to be mirrored")
        shown = flip_landmarks(landmarks, flipped, self._mirror)
        drawn = torch.randn(shown.shape, generator=self._chance)
        return shown + self._section.landmarks * drawn

    def _blendshapes(self, scores: Tensor, flipped: Tensor) -> Tensor:
        shown = flip_blendshapes(scores, flipped)
        drawn = torch.randn(shown.shape, generator=self._chance)
        return (shown + self._section.noise * drawn).clamp(0.0, 1.0)

    def _uniform(self, count: int) -> Tensor:
        return torch.rand(count, generator=self._chance)

    def _signed(self, count: int) -> Tensor:
        return 2.0 * self._uniform(count) - 1.0
