"""The network of MediaPipe's face mesh (Kartynnik et al. 2019), as PyTorch layers.

It was taught 478 points of real faces, weighs 1.2 million numbers and sees 256 px, the side of our
own aligned crop. Seven stages, each of half the side of the one before; a block is a bottleneck
(1x1, PReLU, depthwise 3x3, 1x1) beside an identity, with a PReLU after the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pain.align import LANDMARK_COUNT
from train.backbones.names import MeshTap

STAGE_WIDTHS: Final = (16, 32, 64, 128, 128, 128, 128)
"""Maps of each stage, from 128 px down to 2 px."""

_BLOCKS: Final = 4
"""Blocks of a stage behind the one that halves the side."""

_STAGE_OF: Final = {
    MeshTap.S89: 2,
    MeshTap.S121: 3,
    MeshTap.S152: 4,
    MeshTap.S183: 5,
    MeshTap.S214: 6,
}


class Block(nn.Module):
    """A bottleneck beside an identity.

    Args:
        inputs: maps that come in.
        outputs: maps that go out; where they are more, the identity is filled up with zeros.
        halves: whether the side is halved.
    """

    def __init__(self, inputs: int, outputs: int, *, halves: bool) -> None:
        super().__init__()
        narrow = outputs // 2
        side = 2 if halves else 1
        self.halves = halves
        self.added = outputs - inputs
        self.squeeze = nn.Conv2d(inputs, narrow, side, stride=side)
        self.squeezed = nn.PReLU(narrow)
        self.depthwise = nn.Conv2d(narrow, narrow, 3, padding=1, groups=narrow)
        self.widen = nn.Conv2d(narrow, outputs, 1)
        self.joined = nn.PReLU(outputs)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W), or half of both sides."""
        kept = functional.max_pool2d(maps, 2) if self.halves else maps
        if self.added:
            kept = functional.pad(kept, (0, 0, 0, 0, 0, self.added))
        found = self.widen(self.depthwise(self.squeezed(self.squeeze(maps))))
        out: Tensor = self.joined(kept + found)
        return out


class FaceMeshNetwork(nn.Module):
    """Pictures in, maps of chosen stages or the points of the face out."""

    def __init__(self) -> None:
        super().__init__()
        first, *others = STAGE_WIDTHS
        self.stem = nn.Conv2d(3, first, 3, stride=2)
        self.stemmed = nn.PReLU(first)
        stages = [nn.Sequential(*(Block(first, first, halves=False) for _ in range(_BLOCKS)))]
        inputs = first
        for width in others:
            blocks = [Block(inputs, width, halves=True)]
            blocks += [Block(width, width, halves=False) for _ in range(_BLOCKS)]
            stages.append(nn.Sequential(*blocks))
            inputs = width
        self.stages = nn.ModuleList(stages)
        self.points = nn.Conv2d(inputs, LANDMARK_COUNT * 3, 2)

    def forward(self, pictures: Tensor) -> Tensor:
        """Points (N, 478, 3) in pixels of pictures (N, 3, 256, 256) in 0..1; z has x's scale."""
        *_, last = self._maps(pictures)
        found: Tensor = self.points(last)
        return found.reshape(-1, LANDMARK_COUNT, 3)

    def tapped(self, pictures: Tensor, taps: Iterable[MeshTap]) -> list[Tensor]:
        """Maps (N, C, side, side) at the end of these stages; what lies behind is not computed."""
        wanted = [_STAGE_OF[tap] for tap in taps]
        found = {}
        for number, maps in enumerate(self._maps(pictures)):
            found[number] = maps
            if number == max(wanted):
                break
        return [found[number] for number in wanted]

    def stage(self, tap: MeshTap) -> nn.Module:
        """The layers that end at a tap."""
        return self.stages[_STAGE_OF[tap]]

    def layers(self) -> Iterator[nn.Module]:
        """Every layer with weights, in the order of the published file."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.PReLU):
                yield layer

    def _maps(self, pictures: Tensor) -> Iterator[Tensor]:
        # "Same" padding of an even side with a stride of 2 is one pixel right and below.
        maps = self.stemmed(self.stem(functional.pad(pictures, (0, 1, 0, 1))))
        for stage in self.stages:
            maps = stage(maps)
            yield maps


def pooled(maps: Tensor, grid: int) -> Tensor:
    """Means of equal squares: (N, C, side, side) to (N, C * grid * grid), channel by channel."""
    side = maps.shape[-1] // grid
    means = functional.avg_pool2d(maps, side) if side > 1 else maps
    return torch.flatten(means, 1)
