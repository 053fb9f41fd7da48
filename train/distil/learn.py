"""How a student learns: AdamW on one cycle; what is kept is the moving average of the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor

from train.augment.vary import Augment
from train.distil.losses import Labels, Taught
from train.distil.network import PICTURE_AXES, StudentNet
from train.distil.pupil import Pupil
from train.distil.schema import Distillation
from train.loop.epoch import Epoch
from train.loop.loop import Course, Lesson, epoch_seed
from train.loop.loop import learn as run
from train.loop.resume import Resume

_WARM_UP: Final = 0.2
"""Share of the cycle in which the learning rate rises."""

_LONGEST_WARM_UP: Final = 0.9
_LEAST_WARM_UP_STEPS: Final = 2.5

_LARGEST_STEP: Final = 5.0
"""Norm to which gradients are clipped."""

_SCORED_AT_ONCE: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lessons:
    """N faces to learn from.

    Attributes:
        prepared: what ``StudentNet.prepare`` gave, N rows each; half precision is enough.
        labels: what is known.
        taught: what the teachers say; None without teachers.
    """

    prepared: tuple[Tensor, ...]
    labels: Labels
    taught: Taught | None = None

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.prepared[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round over the faces.

    Attributes:
        number: from 1.
        loss: mean over the training faces, while learning.
        validation_mae: level MAE of the averaged weights on the people kept aside.
        learning_rate: at its end.
    """

    number: int
    loss: float
    validation_mae: float
    learning_rate: float


def learn(
    network: StudentNet,
    lessons: Lessons,
    *,
    validate: Callable[[StudentNet], float],
    plan: Distillation,
    augment: Augment,
    fabric: Fabric,
    resume: Resume | None = None,
    on_step: Callable[[int, int], None] = lambda _done, _total: None,
    on_round: Callable[[Round], None] = lambda _round: None,
) -> None:
    """Train; afterwards the network holds the averaged weights, on the CPU, in evaluation mode.

    Args:
        network: fresh, on the CPU.
        lessons: faces to learn from.
        validate: level MAE on people that are not learnt from, for the watcher.
        plan: how.
        augment: varies the faces.
        fabric: where.
        resume: what a killed training goes on from; None for nothing.
        on_step: told how many of how many steps are done.
        on_round: told of every round.

    Raises:
        ConfigError: the loss is not finite.
        TrainingInterrupted: Ctrl-C after at least one round.
    """
    torch.manual_seed(plan.seed)
    taught, settings = lessons.taught, plan.learning
    matched = None if taught is None or taught.features is None else taught.features.shape[1]
    pupil = Pupil(network, plan=plan, augment=augment, matched=matched)
    # Channels last: a quarter less time for MobileNetV3 on a CPU, and the faster layout on a GPU.
    pupil.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(
        [p for p in pupil.parameters() if p.requires_grad],
        lr=settings.lr,
        weight_decay=settings.weight_decay,
    )
    per_round = -(-len(lessons) // settings.batch_size)
    total = per_round * settings.epochs
    done = 0

    def batches(number: int) -> Iterator[tuple[tuple[Tensor, ...], Labels, Taught | None]]:
        chance = torch.Generator().manual_seed(epoch_seed(plan.seed, number))
        for rows in torch.randperm(len(lessons), generator=chance).chunk(per_round):
            yield (
                _placed(_rows_of(lessons.prepared, rows), fabric.device),
                lessons.labels.of(rows).to(fabric.device),
                None if taught is None else taught.of(rows).to(fabric.device),
            )

    def begin(number: int, seed: int) -> None:
        nonlocal done
        done = per_round * (number - 1)
        augment.begin(seed)

    def step() -> None:
        nonlocal done
        done += 1
        on_step(done, total)

    lesson = Lesson(
        module=pupil,
        kept=network,
        optimiser=optimiser,
        schedule=torch.optim.lr_scheduler.OneCycleLR(
            optimiser, settings.lr, total_steps=total, pct_start=_warm_up(total)
        ),
        batches=batches,
        begin=begin,
        validate=lambda judged: validate(cast("StudentNet", judged)),
    )
    course = Course(
        epochs=settings.epochs,
        patience=None,
        clip=_LARGEST_STEP,
        average=settings.average,
        seed=plan.seed,
        rate_key="learning.lr",
    )
    try:
        run(
            lesson,
            course,
            fabric=fabric,
            resume=resume,
            on_step=step,
            on_epoch=lambda epoch: on_round(_round(epoch)),
        )
    finally:
        network.to(memory_format=torch.contiguous_format)


def _round(epoch: Epoch) -> Round:
    return Round(
        number=epoch.number,
        loss=epoch.train_loss,
        validation_mae=epoch.validation_loss,
        learning_rate=epoch.learning_rate,
    )


@torch.inference_mode()
def read_all(network: StudentNet, prepared: tuple[Tensor, ...], *, device: torch.device) -> Tensor:
    """Raw outputs (N, OUTPUTS) of a student for prepared faces, on the CPU."""
    found = []
    for start in range(0, len(prepared[0]), _SCORED_AT_ONCE):
        rows = torch.arange(start, min(start + _SCORED_AT_ONCE, len(prepared[0])))
        some = _placed(_rows_of(prepared, rows), device)
        found.append(network.head(network.features(some)).cpu())
    return torch.cat(found)


def _warm_up(steps: int) -> float:
    """Share of the steps in which the rate rises; PyTorch divides by 0 when that is one step."""
    return min(_LONGEST_WARM_UP, max(_WARM_UP, _LEAST_WARM_UP_STEPS / steps))


def _rows_of(prepared: tuple[Tensor, ...], rows: Tensor) -> tuple[Tensor, ...]:
    return tuple(part[rows].float() for part in prepared)


def _placed(prepared: tuple[Tensor, ...], device: torch.device) -> tuple[Tensor, ...]:
    return tuple(
        part.to(device, memory_format=torch.channels_last)
        if part.ndim == PICTURE_AXES
        else part.to(device)
        for part in prepared
    )
