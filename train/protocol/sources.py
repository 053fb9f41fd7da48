"""Training faces in batches: features in memory, or pictures that the whole network sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train.features.inputs import Inputs

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]
Batch = tuple[tuple[Tensor, ...], Tensor]
"""Arguments of the module that is trained, and levels (n,)."""


class Source(Protocol):
    """Faces to train on, or to watch the loss of."""

    def __len__(self) -> int:
        """Number of faces."""
        ...

    def take(self, rows: Rows, mirror: npt.NDArray[np.bool_]) -> Batch:
        """These faces, those marked as a mirror shows them, on the CPU or where they are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSource:
    """Features in memory, on the device that trains.

    Attributes:
        plain: float32 (n, W).
        mirrored: float32 (n, W), None when no face is ever mirrored.
        levels: float32 (n,).
    """

    plain: Tensor
    mirrored: Tensor | None
    levels: Tensor

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.levels)

    def take(self, rows: Rows, mirror: npt.NDArray[np.bool_]) -> Batch:
        """Features (n, W)."""
        chosen = torch.from_numpy(rows).to(self.levels.device)
        features = self.plain[chosen]
        if self.mirrored is not None and mirror.any():
            turned = torch.from_numpy(mirror).to(self.levels.device)[:, None]
            features = torch.where(turned, self.mirrored[chosen], features)
        return (features,), self.levels[chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSource:
    """Faces as the backbone takes them.

    Attributes:
        inputs: all faces.
        rows: (n,) those of this part.
        levels: float32 (n,).
    """

    inputs: Inputs
    rows: Rows
    levels: Tensor

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.rows)

    def take(self, rows: Rows, mirror: npt.NDArray[np.bool_]) -> Batch:
        """What the backbone takes, e.g. uint8 (n, 256, 256, 3)."""
        batch = self.inputs.batch(self.rows[rows])
        if mirror.any():
            batch = self.inputs.flipped(batch, torch.from_numpy(mirror))
        return batch, self.levels[torch.from_numpy(rows)]


def plain_batches(source: Source, *, size: int) -> Iterator[Batch]:
    """All faces in order, none mirrored."""
    rows = np.arange(len(source), dtype=np.intp)
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        yield source.take(part, np.zeros(len(part), np.bool_))
