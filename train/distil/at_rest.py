"""Features of a student's backbone that does not learn, computed once and kept in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train.distil.faces import Faces, Rows
from train.distil.network import StudentNet
from train.features.frozen import Features, frozen_features
from train.preprocess import flip_inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """Rows of faces as a backbone takes them; see ``train.features.inputs.Inputs``."""

    faces: Faces
    names: tuple[str, ...]
    rows: Rows
    order: npt.NDArray[np.intp] | None

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, rows: Rows) -> tuple[Tensor, ...]:
        return self.faces.batch(self.names, self.rows[rows])

    def flipped(self, batch: tuple[Tensor, ...], which: Tensor) -> tuple[Tensor, ...]:
        return flip_inputs(self.names, batch, which, self.order)

    @property
    def mirror(self) -> bytes:
        return b"" if self.order is None else self.order.astype("<i8").tobytes()


def features_at_rest(
    network: StudentNet,
    faces: Faces,
    rows: Rows,
    *,
    cache: Path,
    device: torch.device,
    order: npt.NDArray[np.intp] | None,
    on_done: Callable[[int, int], None],
) -> Features:
    """Features of faces and of their mirror images.

    Args:
        network: its backbone does not learn.
        faces: all of them.
        rows: n of them.
        cache: the tracker's; features are kept below it, by the content of the faces.
        device: where to compute what is missing.
        order: (478,) counterpart of each landmark; None where no landmarks are taken.
        on_done: told how many vectors are there, and of how many.
    """
    shown = _Shown(faces=faces, names=network.inputs, rows=rows, order=order)
    keys = [_key(shown, number) for number in range(len(rows))]
    found = frozen_features(
        shown,
        keys,
        network.backbone,
        cache_folder=cache,
        device=device,
        mirrored=True,
        on_done=on_done,
    )
    network.cpu()
    return found


def _key(shown: _Shown, number: int) -> bytes:
    digest = hashlib.sha256()
    for part in shown.batch(np.array([number], np.intp)):
        digest.update(f"{part.dtype} {tuple(part.shape)}\n".encode())
        digest.update(part.contiguous().numpy().data)
    return digest.digest()
