"""A small convolutional network with one fixed recipe, trained from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from train.study.estimate import Floats
from train.study.twins import Pixels

_CHANNELS: Final = (16, 32, 64, 128)
_BATCH: Final = 64
_MOST_SHIFT_PX: Final = 4
_GAIN: Final = 0.25
_BIAS: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How every network of a study is trained; the same for all of them.

    Attributes:
        epochs: passes over the training pictures.
        learning_rate: peak of the one-cycle schedule (Smith & Topin 2018).
        weight_decay: of AdamW.
        seed: of weights, order and augmentation.
    """

    epochs: int = 25
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    seed: int = 0


class SmallNetwork(nn.Module):
    """Grey crops to numbers, (B, 1, 96, 96) -> (B, outputs); 0.1 million weights."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        first, *deeper = _CHANNELS
        layers = [_block(1, first, kernel=5)]
        before = first
        for width in deeper:
            layers.append(_block(before, width))
            before = width
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Dropout(0.3), nn.Linear(9 * before, outputs)
        )

    def forward(self, crops: Tensor) -> Tensor:
        """Outputs (B, outputs) of normalised crops."""
        out: Tensor = self.head(self.features(crops))
        return out


def train_network(
    crops: Pixels, targets: Floats, recipe: Recipe, *, device: torch.device
) -> SmallNetwork:
    """Train a network by the recipe; the same arguments give the same network on a CPU.

    Args:
        crops: uint8 (n, 96, 96).
        targets: (n, t), each of about unit variance.
        recipe: how.
        device: where.
    """
    order = torch.Generator().manual_seed(recipe.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = SmallNetwork(targets.shape[1])
    network.to(device).to(memory_format=torch.channels_last)
    pictures = torch.from_numpy(crops)
    truth = torch.from_numpy(targets.astype(np.float32))
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    batches = -(-len(crops) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=recipe.epochs * batches
    )
    with torch.random.fork_rng(devices=[]):
        # Dropout draws from the global generator.
        torch.manual_seed(recipe.seed)
        for _ in range(recipe.epochs):
            for rows in torch.randperm(len(crops), generator=order).chunk(batches):
                shown = _augmented(_scaled(pictures[rows]), order).to(
                    device, memory_format=torch.channels_last
                )
                loss = functional.smooth_l1_loss(network(shown), truth[rows].to(device))
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                optimiser.step()
                schedule.step()
    return network


@torch.inference_mode()
def predict(network: SmallNetwork, crops: Pixels, *, device: torch.device) -> Floats:
    """Outputs for crops uint8 (n, 96, 96), mean of the picture and its mirror image: (n, t)."""
    network.eval()
    told = []
    for start in range(0, len(crops), _BATCH):
        rows = torch.from_numpy(crops[start : start + _BATCH])
        shown = _scaled(rows).to(device, memory_format=torch.channels_last)
        told.append((network(shown) + network(shown.flip(3))).cpu().numpy() / 2)
    return np.concatenate(told).astype(np.float64)


def _block(before: int, after: int, *, kernel: int = 3) -> nn.Sequential:
    """Halves width and height."""
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride=2, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


def _scaled(pictures: Tensor) -> Tensor:
    """Grey values uint8 (B, H, W) to (B, 1, H, W), each picture with mean 0 and deviation 1."""
    values = pictures[:, None].float()
    mean, spread = (of((1, 2, 3), keepdim=True) for of in (values.mean, values.std))
    return (values - mean) / spread.clamp_min(1.0)


def _augmented(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Mirror images, shifts of up to 4 pixels, other contrast and brightness; (B, 1, H, W)."""
    count, _, height, width = pictures.shape
    flipped = torch.rand(count, generator=chance) < 0.5  # noqa: PLR2004
    pictures = torch.where(flipped[:, None, None, None], pictures.flip(3), pictures)
    padded = functional.pad(pictures, (_MOST_SHIFT_PX,) * 4, mode="replicate")
    down, right = torch.randint(2 * _MOST_SHIFT_PX + 1, (2, count), generator=chance).tolist()
    shifted = torch.stack(
        [
            picture[:, y : y + height, x : x + width]
            for picture, y, x in zip(padded, down, right, strict=True)
        ]
    )
    gain, bias = torch.rand((2, count, 1, 1, 1), generator=chance) * 2.0 - 1.0
    out: Tensor = shifted * (1.0 + _GAIN * gain) + _BIAS * bias
    return out
