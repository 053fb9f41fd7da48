"""The loop: AdamW on one cycle; what is kept is the moving average of the weights."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from pain.errors import ConfigError
from train.augment.vary import Augment
from train.distil.losses import Labels, Taught
from train.distil.network import PICTURE_AXES, StudentNet
from train.distil.pupil import Pupil
from train.distil.schema import Distillation

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


class Interrupted(KeyboardInterrupt):
    """Ctrl-C after at least one round; the network holds the average so far."""


def learn(
    network: StudentNet,
    lessons: Lessons,
    *,
    validate: Callable[[StudentNet], float],
    plan: Distillation,
    augment: Augment,
    device: torch.device,
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
        device: where.
        on_step: told how many of how many steps are done.
        on_round: told of every round.

    Raises:
        ConfigError: the loss is not finite.
        Interrupted: Ctrl-C after at least one round.
    """
    chance = torch.Generator().manual_seed(plan.seed)
    torch.manual_seed(plan.seed)
    taught = lessons.taught
    matched = None if taught is None or taught.features is None else taught.features.shape[1]
    learner = Pupil(network, plan=plan, augment=augment, matched=matched).to(device)
    # Channels last: a quarter less time for MobileNetV3 on a CPU, and the faster layout on a GPU.
    learner.to(memory_format=torch.channels_last)
    average = copy.deepcopy(network).requires_grad_(requires_grad=False)
    settings = plan.learning
    optimiser = torch.optim.AdamW(
        [p for p in learner.parameters() if p.requires_grad],
        lr=settings.lr,
        weight_decay=settings.weight_decay,
    )
    per_round = -(-len(lessons) // settings.batch_size)
    total = per_round * settings.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.lr, total_steps=total, pct_start=_warm_up(total)
    )
    step, rounds = 0, 0
    try:
        for number in range(1, settings.epochs + 1):
            learner.train()
            lost = 0.0
            for rows in torch.randperm(len(lessons), generator=chance).chunk(per_round):
                cost = learner(
                    _placed(_rows_of(lessons.prepared, rows), device),
                    lessons.labels.of(rows).to(device),
                    None if taught is None else taught.of(rows).to(device),
                )
                loss = cost.mean()
                if not bool(torch.isfinite(loss)):
                    raise ConfigError(
                        f"the loss is not finite in round {number}; try a smaller learning rate",
                        key="learning.lr",
                        value=settings.lr,
                    )
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(learner.parameters(), _LARGEST_STEP)
                optimiser.step()
                schedule.step()
                step += 1
                _follow(average, network, settings.average, step)
                lost += float(loss.detach()) * len(rows)
                on_step(step, total)
            rounds = number
            on_round(
                Round(
                    number=number,
                    loss=lost / len(lessons),
                    validation_mae=validate(average.eval()),
                    learning_rate=float(schedule.get_last_lr()[0]),
                )
            )
    except KeyboardInterrupt:
        if not rounds:
            raise
        _settle(network, average)
        raise Interrupted from None
    _settle(network, average)


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


def _follow(average: StudentNet, network: StudentNet, decay: float, step: int) -> None:
    """Move the average; early in training it is the mean of all steps, not of the first weights.

    Statistics of BatchNorm are averaged like weights.
    """
    keep = min(decay, (step - 1) / (step + 9))
    with torch.no_grad():
        for ours, theirs in zip(
            average.state_dict().values(), network.state_dict().values(), strict=True
        ):
            if ours.is_floating_point():
                ours.lerp_(theirs, 1.0 - keep)
            else:
                ours.copy_(theirs)


def _settle(network: StudentNet, average: StudentNet) -> None:
    network.cpu().to(memory_format=torch.contiguous_format)
    network.load_state_dict(average.cpu().state_dict())
    network.eval()


def _rows_of(prepared: tuple[Tensor, ...], rows: Tensor) -> tuple[Tensor, ...]:
    return tuple(part[rows].float() for part in prepared)


def _placed(prepared: tuple[Tensor, ...], device: torch.device) -> tuple[Tensor, ...]:
    return tuple(
        part.to(device, memory_format=torch.channels_last)
        if part.ndim == PICTURE_AXES
        else part.to(device)
        for part in prepared
    )
