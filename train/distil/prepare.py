"""Faces made ready: people parted, pictures brought to size once, the head's start."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from torch import Tensor

from pain.errors import DataError
from train.distil.faces import Faces, Rows
from train.distil.losses import Labels
from train.distil.network import PICTURE_AXES, PSPI_SCALE, StudentNet
from train.distil.schema import Distillation
from train.objectives.spread import neighbours

_AT_ONCE: Final = 64
_RAREST: Final = 1e-3


def split_people(faces: Faces, plan: Distillation) -> tuple[Rows, Rows]:
    """Rows to learn from, and rows of other people for the temperature.

    A person's name decides, not a seed: who is kept aside from a student was also kept aside from
    the one that it goes on from, whatever other sets came in between. Faces without a level of the
    others are learnt from; they could calibrate nothing.

    Raises:
        DataError: nobody is left on one of the sides.
    """
    subjects = faces.subjects
    people = sorted(set(subjects.tolist()))
    apart = {person for person in people if _ticket(person) < plan.validation}
    mask = np.array([subject in apart for subject in subjects.tolist()], bool)
    aside = np.flatnonzero(mask & np.isfinite(faces.levels))
    learnt = np.flatnonzero(~mask)
    if not len(aside) or not len(learnt):
        raise DataError(
            f"{len(people)} people are too few to keep {plan.validation:.0%} of them aside for the "
            "temperature; take larger sets, or another validation"
        )
    return learnt, aside


def _ticket(person: str) -> float:
    """A number in 0..1 that a person keeps for ever."""
    return int.from_bytes(hashlib.sha256(person.encode()).digest()[:8]) / 2.0**64


@torch.inference_mode()
def prepare(
    network: StudentNet,
    faces: Faces,
    rows: Rows,
    *,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Tensor, ...]:
    """What the layers of a student take, for these rows.

    Pictures are kept in half precision: a step of a pixel is twenty times larger than what that
    loses. Landmarks are not: pain moves them by thousandths.
    """
    parts = []
    for start in range(0, len(rows), _AT_ONCE):
        batch = network.prepare(faces.batch(network.inputs, rows[start : start + _AT_ONCE]))
        parts.append([part.half() if part.ndim == PICTURE_AXES else part for part in batch])
        on_done(min(start + _AT_ONCE, len(rows)), len(rows))
    return tuple(torch.cat(column) for column in zip(*parts, strict=True))


@torch.inference_mode()
def features_of(network: StudentNet, prepared: tuple[Tensor, ...]) -> Tensor:
    """Features (N, W) of prepared faces."""
    parts = [
        network.features(tuple(part[start : start + _AT_ONCE].float() for part in prepared))
        for start in range(0, len(prepared[0]), _AT_ONCE)
    ]
    return torch.cat(parts)


def labels_of(faces: Faces, rows: Rows) -> Labels:
    """What is known of these rows."""
    return Labels(
        level=torch.from_numpy(faces.levels[rows]),
        pspi=torch.from_numpy(faces.pspi[rows]),
        units=torch.from_numpy(faces.units[rows]),
    )


@torch.no_grad()
def start_at(network: StudentNet, labels: Labels) -> None:
    """Let the last layer start at what is common among the labels.

    Where nothing is known it starts at 0.
    """
    rated = labels.level[torch.isfinite(labels.level)]
    # The mean of nothing is no number; equal logits say nothing of the level.
    shares = neighbours(rated).mean(dim=0).clamp(min=_RAREST)
    start = torch.cat(
        [
            torch.nan_to_num(shares.log()),
            torch.nan_to_num(labels.pspi.nanmean() / PSPI_SCALE)[None],
            torch.nan_to_num(labels.units.nanmean(dim=0)),
        ]
    )
    network.head.last.bias.copy_(start)
