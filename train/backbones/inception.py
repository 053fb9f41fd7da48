"""Inception-ResNet-v1 (Szegedy et al. 2016, figures 9 to 15) as FaceNet's weights want it.

Modules bear the names of the published PyTorch checkpoint, so that its keys fit. It differs from
the paper as the original FaceNet training code does: residuals are scaled by 0.17, 0.10 and 0.20,
and a last block without ReLU closes the trunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

TRUNK_WIDTH: Final = 1792
_EPSILON: Final = 0.001
_DROPOUT: Final = 0.6

Side = int | tuple[int, int]


class Convolution(nn.Module):
    """Convolution without bias, BatchNorm, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: Side, *, stride: int = 1, padding: Side = 0
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=_EPSILON)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, inputs, H, W) to (N, outputs, H', W')."""
        return functional.relu(self.bn(self.conv(maps)))


class Residual(nn.Module):
    """x + scale * conv(branches of x), then ReLU unless it is the last block.

    Args:
        width: maps in and out.
        branches: side by side, named ``branch0`` and so on.
        joined: maps of all branches together.
        scale: of the residual; the paper, section 3.3, damps it to keep training stable.
        relu: whether ReLU follows.
    """

    def __init__(
        self,
        width: int,
        branches: Sequence[nn.Module],
        *,
        joined: int,
        scale: float,
        relu: bool = True,
    ) -> None:
        super().__init__()
        self.branches = len(branches)
        for index, branch in enumerate(branches):
            self.add_module(f"branch{index}", branch)
        self.conv2d = nn.Conv2d(joined, width, 1)
        self.scale = scale
        self.relu = relu

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, width, H, W) to the same shape."""
        found = [self.get_submodule(f"branch{index}")(maps) for index in range(self.branches)]
        out: Tensor = maps + self.scale * self.conv2d(torch.cat(found, dim=1))
        return functional.relu(out) if self.relu else out


def block35() -> Residual:
    """Inception-ResNet-A on 35 x 35 maps (17 x 17 at 160 px): 256 maps."""
    return Residual(
        256,
        (
            Convolution(256, 32, 1),
            nn.Sequential(Convolution(256, 32, 1), Convolution(32, 32, 3, padding=1)),
            nn.Sequential(
                Convolution(256, 32, 1),
                Convolution(32, 32, 3, padding=1),
                Convolution(32, 32, 3, padding=1),
            ),
        ),
        joined=96,
        scale=0.17,
    )


def block17() -> Residual:
    """Inception-ResNet-B on 17 x 17 maps (8 x 8 at 160 px): 896 maps."""
    return Residual(
        896,
        (
            Convolution(896, 128, 1),
            nn.Sequential(
                Convolution(896, 128, 1),
                Convolution(128, 128, (1, 7), padding=(0, 3)),
                Convolution(128, 128, (7, 1), padding=(3, 0)),
            ),
        ),
        joined=256,
        scale=0.10,
    )


def block8(*, scale: float = 0.20, relu: bool = True) -> Residual:
    """Inception-ResNet-C on 8 x 8 maps (3 x 3 at 160 px): 1792 maps."""
    return Residual(
        TRUNK_WIDTH,
        (
            Convolution(1792, 192, 1),
            nn.Sequential(
                Convolution(1792, 192, 1),
                Convolution(192, 192, (1, 3), padding=(0, 1)),
                Convolution(192, 192, (3, 1), padding=(1, 0)),
            ),
        ),
        joined=384,
        scale=scale,
        relu=relu,
    )


class ReductionA(nn.Module):
    """Halves the maps: 256 to 896 of them."""

    def __init__(self) -> None:
        super().__init__()
        self.branch0 = Convolution(256, 384, 3, stride=2)
        self.branch1 = nn.Sequential(
            Convolution(256, 192, 1),
            Convolution(192, 192, 3, padding=1),
            Convolution(192, 256, 3, stride=2),
        )
        self.branch2 = nn.MaxPool2d(3, stride=2)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 256, H, W) to (N, 896, H', W')."""
        return torch.cat([self.branch0(maps), self.branch1(maps), self.branch2(maps)], dim=1)


class ReductionB(nn.Module):
    """Halves the maps: 896 to 1792 of them."""

    def __init__(self) -> None:
        super().__init__()
        self.branch0 = nn.Sequential(Convolution(896, 256, 1), Convolution(256, 384, 3, stride=2))
        self.branch1 = nn.Sequential(Convolution(896, 256, 1), Convolution(256, 256, 3, stride=2))
        self.branch2 = nn.Sequential(
            Convolution(896, 256, 1),
            Convolution(256, 256, 3, padding=1),
            Convolution(256, 256, 3, stride=2),
        )
        self.branch3 = nn.MaxPool2d(3, stride=2)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 896, H, W) to (N, 1792, H', W')."""
        branches = (self.branch0, self.branch1, self.branch2, self.branch3)
        return torch.cat([branch(maps) for branch in branches], dim=1)


class InceptionResnetV1(nn.Module):
    """The whole network up to the unit-length embedding.

    Args:
        width: of the embedding, 512 or 128.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv2d_1a = Convolution(3, 32, 3, stride=2)
        self.conv2d_2a = Convolution(32, 32, 3)
        self.conv2d_2b = Convolution(32, 64, 3, padding=1)
        self.maxpool_3a = nn.MaxPool2d(3, stride=2)
        self.conv2d_3b = Convolution(64, 80, 1)
        self.conv2d_4a = Convolution(80, 192, 3)
        self.conv2d_4b = Convolution(192, 256, 3, stride=2)
        self.repeat_1 = nn.Sequential(*(block35() for _ in range(5)))
        self.mixed_6a = ReductionA()
        self.repeat_2 = nn.Sequential(*(block17() for _ in range(10)))
        self.mixed_7a = ReductionB()
        self.repeat_3 = nn.Sequential(*(block8() for _ in range(5)))
        self.block8 = block8(scale=1.0, relu=False)
        self.avgpool_1a = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(_DROPOUT)
        self.last_linear = nn.Linear(TRUNK_WIDTH, width, bias=False)
        self.last_bn = nn.BatchNorm1d(width, eps=_EPSILON)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # PyTorch's own choice shrinks the maps layer by layer until they are denormal.
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, pictures: Tensor) -> Tensor:
        """Embed.

        Args:
            pictures: float (N, 3, 160, 160), (x - 127.5) / 128.

        Returns:
            (N, width) of length 1.
        """
        maps = self.conv2d_2b(self.conv2d_2a(self.conv2d_1a(pictures)))
        maps = self.conv2d_4b(self.conv2d_4a(self.conv2d_3b(self.maxpool_3a(maps))))
        maps = self.mixed_6a(self.repeat_1(maps))
        maps = self.mixed_7a(self.repeat_2(maps))
        maps = self.block8(self.repeat_3(maps))
        pooled = self.dropout(self.avgpool_1a(maps)).flatten(1)
        return functional.normalize(self.last_bn(self.last_linear(pooled)), dim=1)
