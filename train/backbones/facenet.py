"""FaceNet (Schroff et al. 2015): Inception-ResNet-v1 taught to tell VGGFace2's people apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from train.backbones.base import PictureBackbone
from train.backbones.inception import InceptionResnetV1
from train.backbones.names import BackboneName
from train.backbones.state import load_state
from train.preprocess import FACENET, Preprocess

INPUT_PX: Final = 160
PUBLISHED_WIDTH: Final = 512
_WIDTHS: Final = {BackboneName.FACENET: PUBLISHED_WIDTH, BackboneName.FACENET_128: 128}
_PROJECTION_SEED: Final = 128


class FaceNet(PictureBackbone):
    """A unit-length embedding: 512 numbers, or 128 as in the paper.

    FaceNet's paper and its first TensorFlow models (2017) embed in 128 dimensions; of those, only
    TensorFlow and Keras files were published. The one official checkpoint in PyTorch embeds in 512.
    So the 128-d form is the same network with a bottleneck of 128, and takes either file:

    - weights with a 128-d bottleneck in the same layout, as they are;
    - weights with 512, projected onto 128 fixed random orthonormal directions before the length is
      set to 1 (Johnson & Lindenstrauss 1984: angles between faces are kept, roughly). That is a
      substitute for the original 128-d model, not the model.

    Args:
        name: which width.
    """

    def __init__(self, name: BackboneName) -> None:
        super().__init__(name=name, width=_WIDTHS[name])
        self.preprocess = Preprocess(FACENET, size_px=INPUT_PX)
        self.body = InceptionResnetV1(self.width)

    @property
    def last_block(self) -> tuple[nn.Module, ...]:
        """The last Inception block and the bottleneck after it."""
        body = self.body
        return (body.block8, body.dropout, body.last_linear, body.last_bn)

    def features(self, prepared: Tensor, *_: Tensor) -> Tensor:
        """Features (N, width) of length 1 of prepared pictures (N, 3, 160, 160)."""
        out: Tensor = self.body(prepared)
        return out

    def load(self, state: Mapping[str, Tensor], *, path: Path) -> None:
        """Copy weights in the layout of the published checkpoint; its classifier is left aside.

        Args:
            state: tensors by key.
            path: where they come from, for the message.

        Raises:
            AssetError: they do not fit.
        """
        bottleneck = state.get("last_linear.weight")
        projected = (
            self.width != PUBLISHED_WIDTH
            and bottleneck is not None
            and bottleneck.shape[0] == PUBLISHED_WIDTH
        )
        if not projected:
            load_state(self.body, state, path=path, ignored=("logits.",))
            return
        whole = InceptionResnetV1(PUBLISHED_WIDTH)
        load_state(whole, state, path=path, ignored=("logits.",))
        load_state(self.body, _project(whole, self.body), path=path)


def _project(source: InceptionResnetV1, target: InceptionResnetV1) -> dict[str, Tensor]:
    """State of ``target`` that embeds like ``source`` seen along fixed orthonormal directions.

    BatchNorm in evaluation is affine, s x + b, so P (s W x + b) = (P s W) x + P b is a linear layer
    and a BatchNorm of the same form.
    """
    width = target.last_linear.out_features
    generator = torch.Generator().manual_seed(_PROJECTION_SEED)
    square = torch.randn(PUBLISHED_WIDTH, width, generator=generator, dtype=torch.float64)
    directions = torch.linalg.qr(square).Q.T
    norm = source.last_bn
    mean, variance = _double(norm.running_mean), _double(norm.running_var)
    slope = norm.weight.detach().double() / torch.sqrt(variance + norm.eps)
    offset = norm.bias.detach().double() - slope * mean
    weight = directions @ (slope[:, None] * source.last_linear.weight.detach().double())
    state = dict(source.state_dict())
    state["last_linear.weight"] = weight.float()
    state["last_bn.weight"] = torch.ones(width)
    state["last_bn.bias"] = (directions @ offset).float()
    state["last_bn.running_mean"] = torch.zeros(width)
    state["last_bn.running_var"] = torch.full((width,), 1.0 - norm.eps)
    return state


def _double(buffer: Tensor | None) -> Tensor:
    if buffer is None:
        raise ValueError("a BatchNorm without running statistics cannot be projected")
    return buffer.double()
