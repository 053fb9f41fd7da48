"""Pieces of clips to learn from, and whole clips to be judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train.experiment.temporal import TemporalSection
from train.protocol.sources import Batch
from train.temporal.clips import Rows, Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Consecutive steps of one clip, T of them.

    Attributes:
        rows: intp (T,), position of each step's frame among the features.
        elapsed_s: float32 (T,), as the head wants it.
        counted: bool (T,), whether the loss sees the step.
    """

    rows: Rows
    elapsed_s: npt.NDArray[np.float32]
    counted: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of steps."""
        return len(self.rows)


def whole(steps: Steps, rows: Rows) -> Piece:
    """A clip from its first to its last step.

    Args:
        steps: T steps of F frames.
        rows: (F,), position of each frame among the features.
    """
    return Piece(rows=rows[steps.frame], elapsed_s=steps.elapsed_s, counted=steps.speaks)


def windows(steps: Steps, rows: Rows, asked: TemporalSection) -> list[Piece]:
    """Cut a clip into pieces of ``window_s``, each with its warm-up; every step is counted once.

    Args:
        steps: T steps of F frames.
        rows: (F,), position of each frame among the features.
        asked: how long.
    """
    clip = whole(steps, rows)
    since_s = steps.time_s - steps.time_s[0]
    part_s = asked.window_s - asked.warm_up_s
    number = np.floor(since_s / part_s).astype(np.intp)
    pieces = []
    for part in np.unique(number[clip.counted]).tolist():
        scored = number == part
        # In its first part a stream has no past either.
        warm_up_s = asked.warm_up_s if part else 0.0
        inside = scored | ((number < part) & (since_s >= part * part_s - warm_up_s))
        at = np.flatnonzero(inside)
        pieces.append(
            Piece(
                rows=clip.rows[at],
                elapsed_s=clip.elapsed_s[at],
                counted=(clip.counted & scored)[at],
            )
        )
    return pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceSource:
    """Pieces of clips as a ``train.protocol.sources.Source``: its levels are those that count.

    Attributes:
        pieces: n of them.
        plain: float32 (m, W), features by position.
        mirrored: float32 (m, W), None when no piece is ever mirrored.
        levels: float32 (m,).
    """

    pieces: Sequence[Piece]
    plain: Tensor
    mirrored: Tensor | None
    levels: Tensor

    def __len__(self) -> int:
        """Number of pieces."""
        return len(self.pieces)

    def take(self, rows: Rows, mirror: npt.NDArray[np.bool_]) -> Batch:
        """Features (n, T, W), elapsed seconds (n, T), what counts (n, T); levels of the latter.

        Shorter pieces are padded at their end, where no head looks back from.
        """
        chosen = [self.pieces[row] for row in rows.tolist()]
        longest = max(map(len, chosen))
        padded = [_padded(piece, longest) for piece in chosen]
        device = self.levels.device
        at = torch.from_numpy(np.stack([piece.rows for piece in padded])).to(device)
        elapsed_s = torch.from_numpy(np.stack([piece.elapsed_s for piece in padded])).to(device)
        counted = torch.from_numpy(np.stack([piece.counted for piece in padded])).to(device)
        features = self.plain[at]
        if self.mirrored is not None and mirror.any():
            turned = torch.from_numpy(mirror).to(device)[:, None, None]
            features = torch.where(turned, self.mirrored[at], features)
        return (features, elapsed_s, counted), self.levels[at][counted]


def _padded(piece: Piece, length: int) -> Piece:
    after = (0, length - len(piece))
    return Piece(
        rows=np.pad(piece.rows, after),
        elapsed_s=np.pad(piece.elapsed_s, after),
        counted=np.pad(piece.counted, after),
    )
