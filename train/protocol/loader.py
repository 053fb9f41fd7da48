"""Training faces, epoch by epoch, on the device that trains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from lightning_fabric import Fabric
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from train.loop.loop import epoch_seed
from train.protocol.sources import Batch, InputSource, Rows, Source

_Order = tuple[Rows, npt.NDArray[np.bool_]]


class TrainingFaces:
    """Every face once an epoch, in an order that seed and epoch alone decide; a context manager.

    A rest too small for one face per device and for batch normalisation is left out of its epoch.

    Args:
        source: the faces.
        size: faces a step, all devices together.
        flip: probability that a face is mirrored.
        seed: of order and mirror images; the same on every device.
        fabric: where to train.
        workers: processes that read pictures ahead; 0 for none. Features in memory need none.
    """

    def __init__(
        self, source: Source, *, size: int, flip: float, seed: int, fabric: Fabric, workers: int
    ) -> None:
        self._source, self._size, self._flip, self._seed = source, size, flip, seed
        self._fabric = fabric
        self._orders: list[_Order] = []
        self._loader: DataLoader[Batch] | None = None
        if workers and isinstance(source, InputSource):
            self._loader = DataLoader(
                _Taken(source),
                batch_size=None,
                sampler=_Orders(self._orders),
                num_workers=workers,
                persistent_workers=True,
                pin_memory=fabric.device.type == "cuda",
            )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End the processes that read ahead."""
        self._loader = None

    def __len__(self) -> int:
        """Steps of an epoch."""
        return len(self._drawn(0))

    def epoch(self, number: int) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        """Batches of an epoch: what the module takes, and levels.

        Args:
            number: from 1.
        """
        self._orders[:] = self._drawn(number)
        taken = self._loader or (self._source.take(*order) for order in self._orders)
        device = self._fabric.device
        for inputs, levels in taken:
            on_device = tuple(part.to(device, non_blocking=True) for part in inputs)
            yield on_device, levels.to(device, non_blocking=True)

    def _drawn(self, number: int) -> list[_Order]:
        """This device's faces of every step, and which of them are mirrored."""
        rng = np.random.default_rng(epoch_seed(self._seed, number))
        order = rng.permutation(len(self._source)).astype(np.intp)
        mirror = rng.random(len(self._source)) < self._flip
        rank, world = self._fabric.global_rank, self._fabric.world_size
        mine = slice(rank, None, world)
        chosen = [
            slice(start, min(start + self._size, len(order)))
            for start in range(0, len(order), self._size)
        ]
        if len(chosen) > 1 and len(order[chosen[-1]]) < 2 * world:
            chosen.pop()
        return [(order[part][mine], mirror[part][mine]) for part in chosen]


@dataclass(frozen=True, slots=True)
class _Taken(Dataset[Batch]):
    """What a process that reads ahead is asked for."""

    source: InputSource

    def __getitem__(self, order: _Order) -> Batch:
        return self.source.take(*order)


@dataclass(frozen=True, slots=True)
class _Orders:
    """The steps of the epoch at hand, for a loader that outlives it."""

    orders: list[_Order]

    def __len__(self) -> int:
        return len(self.orders)

    def __iter__(self) -> Iterator[_Order]:
        return iter(self.orders)
