"""What every backbone is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from torch import Tensor, nn

from pain.action_units import BLENDSHAPES
from train.backbones.names import AnyBackbone, Sees, Trainable


class Backbone(nn.Module):
    """A face in, numbers out: ``forward`` of the tensors of ``sees.inputs`` to (N, width).

    What rests (see ``set_trainable``) stays in evaluation mode whatever ``train`` is told: a
    BatchNorm that does not learn must not go on averaging the pictures that pass, and features of
    a frozen network are the same every time, so they can be computed once.

    Args:
        name: which one.
        width: number of features.

    Attributes:
        trainable: what of it learns.
    """

    def __init__(self, *, name: AnyBackbone, width: int) -> None:
        super().__init__()
        self.name = name
        self.width = width
        self.trainable = Trainable.ALL

    @property
    def sees(self) -> Sees:
        """What it takes."""
        return self.name.sees

    @property
    def blocks(self) -> Mapping[str, int]:
        """How many features belong together, by name and in order; their sum is ``width``."""
        return {"features": self.width}

    @property
    def textbook(self) -> slice | None:
        """Where the blendshapes lie among the features, which end with them; None without."""
        seen = "blendshapes" in self.sees.inputs
        return slice(self.width - len(BLENDSHAPES), self.width) if seen else None

    @property
    def last_block(self) -> tuple[nn.Module, ...]:
        """The layers nearest to the features; none where there is nothing to learn."""
        return ()

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - nn.Module's signature
        """Set training mode of what learns, and evaluation mode of all that rests."""
        super().train(mode)
        if self.trainable is not Trainable.ALL:
            for child in self.children():
                child.eval()
        if self.trainable is Trainable.LAST_BLOCK:
            for module in self.last_block:
                module.train(mode)
        return self


class PictureBackbone(Backbone, ABC):
    """A network that sees uint8 (N, 256, 256, 3) RGB; its preprocessing is part of it.

    Attributes:
        preprocess: what happens to pictures before ``features``; nothing in it learns.
    """

    preprocess: nn.Module

    def forward(self, pictures: Tensor, *tracked: Tensor) -> Tensor:
        """Features (N, width) of pictures uint8 (N, 256, 256, 3) RGB.

        Args:
            pictures: of N faces.
            *tracked: what the tracker measured, where ``sees`` has more than ``face``.
        """
        return self.features(self.preprocess(pictures), *tracked)

    @abstractmethod
    def features(self, prepared: Tensor, *tracked: Tensor) -> Tensor:
        """Features (N, width) of what ``preprocess`` made of pictures, float (N, 3, s, s)."""

    @abstractmethod
    def load(self, state: Mapping[str, Tensor], *, path: Path) -> None:
        """Copy weights in the layout that the network's authors publish.

        Args:
            state: tensors by key.
            path: where they come from, for the message.

        Raises:
            AssetError: they do not fit.
        """


def set_trainable(backbone: Backbone, trainable: Trainable) -> None:
    """Choose what of a backbone learns.

    Gradients are computed for that alone, and the rest stays in evaluation mode.

    Args:
        backbone: changed in place.
        trainable: what learns.
    """
    backbone.trainable = trainable
    backbone.requires_grad_(trainable is Trainable.ALL)
    if trainable is Trainable.LAST_BLOCK:
        for module in backbone.last_block:
            module.requires_grad_(True)
    backbone.train(backbone.training)
