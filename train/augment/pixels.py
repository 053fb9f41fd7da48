"""What black and white are to a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from pain.align import CROP_SIZE
from train.backbones.base import Backbone, PictureBackbone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PixelRange:
    """What a network's preprocessing makes of black and of white.

    Attributes:
        black: float (3, 1, 1).
        white: float (3, 1, 1).
    """

    black: Tensor
    white: Tensor

    @classmethod
    @torch.no_grad()
    def of(cls, backbone: Backbone) -> Self:
        """Ask its preprocessing; 0 and 1 of a backbone that sees no pictures."""
        if not isinstance(backbone, PictureBackbone):
            return cls(black=torch.zeros(3, 1, 1), white=torch.ones(3, 1, 1))
        preprocess = backbone.preprocess
        place = next(iter(preprocess.buffers()), torch.zeros(())).device
        pictures = torch.zeros(2, CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8, device=place)
        pictures[1] = 255
        shown = preprocess(pictures).float().mean(dim=(2, 3), keepdim=True)
        return cls(black=shown[0], white=shown[1])

    def to_unit(self, pictures: Tensor) -> Tensor:
        """Pictures with black at 0 and white at 1."""
        black, white = self.black.to(pictures), self.white.to(pictures)
        return (pictures - black) / (white - black)

    def from_unit(self, pictures: Tensor) -> Tensor:
        """The way back."""
        black, white = self.black.to(pictures), self.white.to(pictures)
        return pictures * (white - black) + black
