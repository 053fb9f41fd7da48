"""From a 256 px picture to what a network takes, as nodes of its graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pain.align import CROP_SIZE

CENTRE_PX: Final = 224
"""Side of the centre square that is kept of 256 px, as in the thesis."""

_BRIGHTEST: Final = 255.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelScale:
    """What a network was taught to take for zero and for one, of pixels scaled to 0..1.

    Attributes:
        mean: of red, green, blue.
        std: of red, green, blue.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


IMAGENET: Final = PixelScale(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
"""Mean and standard deviation of ImageNet's training pictures; MobileNetV3 and DINOv2."""

FACENET: Final = PixelScale(mean=(127.5 / 255,) * 3, std=(128 / 255,) * 3)
"""(x - 127.5) / 128, the fixed standardisation of FaceNet's VGGFace2 weights."""


class Preprocess(nn.Module):
    """Centre crop, change of size, change of range: uint8 (N, 256, 256, 3) to float (N, 3, s, s).

    It is part of the network, so what is exported is what was trained. Nothing in it depends on
    the pixels.

    Args:
        scale: mean and standard deviation that the network expects.
        size_px: side s. Other than 224, the crop is resampled with antialiasing, as Pillow and
            ``torch.nn.functional.interpolate(antialias=True)`` do. It is written as two matrix
            products, because ONNX exporters refuse the latter.
        cubic: resample bicubically instead of bilinearly.
    """

    mean: Tensor
    factor: Tensor
    resample: Tensor | None

    def __init__(
        self, scale: PixelScale = IMAGENET, *, size_px: int = CENTRE_PX, cubic: bool = False
    ) -> None:
        super().__init__()
        mean = torch.tensor(scale.mean, dtype=torch.float64) * _BRIGHTEST
        factor = 1.0 / (torch.tensor(scale.std, dtype=torch.float64) * _BRIGHTEST)
        # Constants of the code, not of a training: they do not belong in a checkpoint.
        self.register_buffer("mean", mean.float(), persistent=False)
        self.register_buffer("factor", factor.float(), persistent=False)
        matrix = None if size_px == CENTRE_PX else _resample_matrix(CENTRE_PX, size_px, cubic=cubic)
        self.register_buffer("resample", matrix, persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Make the network's input.

        Args:
            pictures: uint8 (N, 256, 256, 3) RGB.

        Returns:
            float (N, 3, s, s).
        """
        margin = (CROP_SIZE - CENTRE_PX) // 2
        # To float before anything else: TensorRT reads uint8 only where it feeds a Cast
        # (github.com/NVIDIA/TensorRT/issues/3985, export.tensorrt.importer).
        pixels = pictures.to(self.mean.dtype)
        centre = pixels[:, margin : margin + CENTRE_PX, margin : margin + CENTRE_PX, :]
        # Channels come first before any arithmetic: ONNX Runtime needs 12 times as long for the
        # same differences and products where the three colours are the innermost axis.
        channels_first = centre.permute(0, 3, 1, 2)
        scaled = (channels_first - self.mean[:, None, None]) * self.factor[:, None, None]
        if self.resample is None:
            return scaled
        return self.resample @ scaled @ self.resample.transpose(0, 1)


def _resample_matrix(source_px: int, target_px: int, *, cubic: bool) -> Tensor:
    """Weights (target_px, source_px) of antialiased resampling along one side."""
    identity = torch.eye(source_px)[None, None]
    resized = functional.interpolate(
        identity,
        size=(target_px, source_px),
        mode="bicubic" if cubic else "bilinear",
        antialias=True,
    )
    return resized[0, 0]
