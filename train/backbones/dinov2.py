"""DINOv2 (Oquab et al. 2024), vision transformers with 14 px patches, through timm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import timm
import torch
from timm.models.vision_transformer import VisionTransformer, checkpoint_filter_fn
from torch import Tensor, nn

from pain.errors import AssetError
from train.backbones.base import PictureBackbone
from train.backbones.names import BackboneName
from train.backbones.state import load_state
from train.preprocess import CENTRE_PX, Preprocess

PATCH_PX: Final = 14
GRID: Final = CENTRE_PX // PATCH_PX
"""Patches along a side: 16."""

_ARCHITECTURES: Final = {
    BackboneName.DINOV2_S14: "vit_small_patch14_dinov2",
    BackboneName.DINOV2_L14: "vit_large_patch14_dinov2",
}


class Dinov2(PictureBackbone):
    """The normalised class token of the last layer: 384 (S/14) or 1024 (L/14) numbers.

    The position embedding was learnt on 37 x 37 patches and is resampled to 16 x 16 once, when
    weights are loaded (timm: bicubic, antialiased), so the exported graph holds it as a constant.

    Args:
        name: S/14 or L/14.
    """

    def __init__(self, name: BackboneName) -> None:
        body = cast(
            "VisionTransformer",
            timm.create_model(
                _ARCHITECTURES[name], pretrained=False, num_classes=0, img_size=CENTRE_PX
            ),
        )
        super().__init__(name=name, width=body.embed_dim)
        self.preprocess = Preprocess()
        self.body = body

    @property
    def last_block(self) -> tuple[nn.Module, ...]:
        """The last transformer block and the norm after it."""
        return (self.body.blocks[-1], self.body.norm)

    def features(self, prepared: Tensor, *_: Tensor) -> Tensor:
        """Class tokens (N, width) of prepared pictures (N, 3, 224, 224)."""
        out: Tensor = self.body.forward_features(prepared)
        return out[:, 0]

    def patch_features(self, pictures: Tensor) -> Tensor:
        """What the last layer says of each patch, normalised like the class token.

        Args:
            pictures: uint8 (N, 256, 256, 3) RGB.

        Returns:
            (N, 16, 16, width): row, column of the 224 px centre square.
        """
        patches = self._tokens(pictures)[:, self.body.num_prefix_tokens :]
        return patches.reshape(-1, GRID, GRID, self.width)

    def class_attention(self, pictures: Tensor) -> Tensor:
        """How the class token of the last layer shares out its attention, softmax(q k / sqrt(d)).

        PyTorch's fused attention keeps no weights, so they are computed again from the last
        layer's queries and keys.

        Args:
            pictures: uint8 (N, 256, 256, 3) RGB.

        Returns:
            (N, heads, 16, 16) in 0..1; sums to one less what the token keeps for itself.
        """
        attention = cast("Any", self.body.blocks[-1]).attn
        seen: list[Tensor] = []
        hook = attention.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
        try:
            self._tokens(pictures)
        finally:
            hook.remove()
        count, tokens, _ = seen[0].shape
        split = attention.qkv(seen[0]).reshape(count, tokens, 3, attention.num_heads, -1)
        queries, keys, _ = split.permute(2, 0, 3, 1, 4)
        queries, keys = attention.q_norm(queries), attention.k_norm(keys)
        logits = queries[:, :, :1] @ keys.transpose(-2, -1) * attention.scale
        weights = torch.softmax(logits, dim=-1)[:, :, 0, self.body.num_prefix_tokens :]
        return weights.reshape(count, -1, GRID, GRID)

    def load(self, state: Mapping[str, Tensor], *, path: Path) -> None:
        """Copy weights in the layout of Meta's file or of timm's.

        Args:
            state: tensors by key.
            path: where they come from, for the message.

        Raises:
            AssetError: they do not fit.
        """
        try:
            converted = checkpoint_filter_fn(dict(state), self.body)
        except (RuntimeError, ValueError, IndexError, KeyError) as error:
            raise AssetError(f"weights {path} are not of a DINOv2 network: {error}") from error
        load_state(self.body, converted, path=path)

    def _tokens(self, pictures: Tensor) -> Tensor:
        """Normalised tokens of the last layer (N, 1 + 256, width), class token first."""
        out: Tensor = self.body.forward_features(self.preprocess(pictures))
        return out
