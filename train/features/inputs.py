"""What a backbone is fed: landmarks in memory, or pictures on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train.preprocess import flip_blendshapes, flip_landmarks, flip_pictures
from train.preprocess.mirror import mirror_order
from train.track.tracked import Crops

Rows = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]


class Inputs(Protocol):
    """Faces by row, as a backbone's ``forward`` takes them."""

    def __len__(self) -> int:
        """Number of faces."""
        ...

    def batch(self, rows: Rows) -> tuple[Tensor, ...]:
        """Arguments of ``Backbone.forward`` for these rows, on the CPU."""
        ...

    def flipped(self, batch: tuple[Tensor, ...], which: Tensor) -> tuple[Tensor, ...]:
        """The same faces, those of ``which`` (bool (n,)) as a mirror shows them."""
        ...

    @property
    def mirror(self) -> bytes:
        """What decides how a mirror shows them, beside the code; of pictures nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInputs:
    """Pictures uint8 (256, 256, 3) RGB on disk; only those asked for are read.

    Attributes:
        pictures: all that there are.
        chosen: positions in them, one per face.
        tracked: what the tracker measured on the same faces, where the backbone takes it too.
    """

    pictures: Crops
    chosen: Rows
    tracked: TrackedInputs | None = None

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.chosen)

    def batch(self, rows: Rows) -> tuple[Tensor, ...]:
        """Pictures uint8 (n, 256, 256, 3) and, where it is taken, what was tracked."""
        pictures = torch.from_numpy(self.pictures.stack(self.chosen[rows].tolist()))
        return (pictures, *(self.tracked.batch(rows) if self.tracked else ()))

    def flipped(self, batch: tuple[Tensor, ...], which: Tensor) -> tuple[Tensor, ...]:
        """Left and right exchanged."""
        pictures, *others = batch
        turned = self.tracked.flipped(tuple(others), which) if self.tracked else ()
        return (flip_pictures(pictures, which), *turned)

    @property
    def mirror(self) -> bytes:
        """Of pictures nothing; of landmarks, which is whose counterpart."""
        return self.tracked.mirror if self.tracked else b""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendshapeInputs:
    """Blendshapes alone.

    Attributes:
        blendshapes: float32 (n, 52).
    """

    blendshapes: Floats

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.blendshapes)

    def batch(self, rows: Rows) -> tuple[Tensor, ...]:
        """One tensor (n, 52)."""
        return (torch.from_numpy(self.blendshapes[rows]),)

    def flipped(self, batch: tuple[Tensor, ...], which: Tensor) -> tuple[Tensor, ...]:
        """Left and right exchanged."""
        return (flip_blendshapes(batch[0], which),)

    @property
    def mirror(self) -> bytes:
        """Nothing: their names say it."""
        return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkInputs:
    """Landmarks, with blendshapes where the backbone takes them.

    Attributes:
        landmarks: float32 (n, 478, 3) from ``pain.align.pose_normalise``.
        blendshapes: float32 (n, 52), None when they are not used.
        order: (478,) counterpart of each landmark, None before ``learn_mirror``.
    """

    landmarks: Floats
    blendshapes: Floats | None = None
    order: Rows | None = None

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.landmarks)

    def batch(self, rows: Rows) -> tuple[Tensor, ...]:
        """Landmarks (n, 478, 3) and, where they are used, blendshapes (n, 52)."""
        arrays = (self.landmarks, self.blendshapes)
        return tuple(torch.from_numpy(array[rows]) for array in arrays if array is not None)

    def flipped(self, batch: tuple[Tensor, ...], which: Tensor) -> tuple[Tensor, ...]:
        """Left and right exchanged.

        Raises:
            ValueError: the counterparts were not learnt.
        """
        if self.order is None:
            raise ValueError("learn_mirror comes first")
        landmarks, *blendshapes = batch
        return (
            flip_landmarks(landmarks, which, self.order),
            *(flip_blendshapes(scores, which) for scores in blendshapes),
        )

    @property
    def mirror(self) -> bytes:
        """Which landmark is whose counterpart; nothing before ``learn_mirror``."""
        return b"" if self.order is None else self.order.astype("<i8").tobytes()

    def learn_mirror(self, rows: Rows) -> LandmarkInputs:
        """The same with each landmark's counterpart, found on the mean of these rows.

        Raises:
            ValueError: the mean face is not symmetric.
        """
        order = mirror_order(self.landmarks[rows].mean(axis=0, dtype=np.float64))
        return LandmarkInputs(landmarks=self.landmarks, blendshapes=self.blendshapes, order=order)


TrackedInputs = LandmarkInputs | BlendshapeInputs
