"""MobileNetV3 (Howard et al. 2019) through timm, up to its global average pooling."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

import timm
from timm.models import mobilenetv3
from torch import Tensor, nn

from train.backbones.base import PictureBackbone
from train.backbones.names import BackboneName
from train.backbones.state import load_state
from train.preprocess import CENTRE_PX, Preprocess

_ARCHITECTURES: Final = {
    BackboneName.MOBILENETV3_SMALL: "mobilenetv3_small_100",
    BackboneName.MOBILENETV3_LARGE: "mobilenetv3_large_100",
}
_IMAGENET_HEAD: Final = ("conv_head.", "classifier.")


class MobileNetV3(PictureBackbone):
    """Means of the last feature maps: 576 (small) or 960 (large) numbers.

    The dense layer that timm puts between the pooling and ImageNet's classifier belongs to the
    head, which the thesis replaces by its own; it is left out here.

    Args:
        name: small or large.
        input_px: side of what the layers see, a multiple of the stride of 32 to lose nothing. 224
            is the thesis's; a face of a room camera has no such detail, and half the side costs a
            quarter of the time.
    """

    def __init__(self, name: BackboneName, *, input_px: int = CENTRE_PX) -> None:
        body = cast(
            "mobilenetv3.MobileNetV3",
            timm.create_model(_ARCHITECTURES[name], pretrained=False, num_classes=0),
        )
        body.conv_head = nn.Identity()
        body.classifier = nn.Identity()
        super().__init__(name=name, width=cast("int", body.num_features))
        self.preprocess = Preprocess(size_px=input_px)
        self.body = body

    @property
    def last_block(self) -> tuple[nn.Module, ...]:
        """The last stage of inverted residuals and the convolution that widens its maps."""
        return tuple(self.body.blocks[-2:])

    def features(self, prepared: Tensor, *_: Tensor) -> Tensor:
        """Features (N, width) of prepared pictures (N, 3, s, s)."""
        maps: Tensor = self.body.forward_features(prepared)
        return maps.mean(dim=(2, 3))

    def load(self, state: Mapping[str, Tensor], *, path: Path) -> None:
        """Copy weights in timm's layout; ImageNet's head in it is left aside.

        Args:
            state: tensors by key.
            path: where they come from, for the message.

        Raises:
            AssetError: they do not fit.
        """
        load_state(self.body, state, path=path, ignored=_IMAGENET_HEAD)
