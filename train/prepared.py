"""A backbone in two halves: what no weight has a say in, and what learns."""

from __future__ import annotations

from torch import Tensor

from train.backbones.base import Backbone, PictureBackbone


def prepared(backbone: Backbone, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What the layers take: pictures at their size and range, anything else as it is.

    Args:
        backbone: any.
        inputs: as ``backbone.forward`` takes them.
    """
    if isinstance(backbone, PictureBackbone):
        pictures, *tracked = inputs
        return (backbone.preprocess(pictures), *tracked)
    return inputs


def features_of_prepared(backbone: Backbone, shown: tuple[Tensor, ...]) -> Tensor:
    """Features (N, W) of what ``prepared`` gave."""
    if isinstance(backbone, PictureBackbone):
        return backbone.features(*shown)
    out: Tensor = backbone(*shown)
    return out
