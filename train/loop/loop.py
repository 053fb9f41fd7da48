"""Epoch after epoch: steps, averages, validation, when to stop, what to keep, where to go on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from pain.errors import ConfigError
from train.loop.average import Average
from train.loop.epoch import Epoch, Training, TrainingInterrupted
from train.loop.resume import Resume


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How long a training lasts, and how its steps are held in check.

    Attributes:
        epochs: at most so many.
        patience: epochs without a better validation loss that end it; None: all epochs are done
            and the last one is kept, since a cycle that is cut short has not arrived.
        warm_up: epochs that patience does not count.
        at_least: epochs that are done in any case.
        clip: largest norm of all gradients together; None for any.
        average: decay of the moving average, which is then what is validated and kept; 0 for none.
        seed: of everything that chance decides.
        rate_key: key of the learning rate in the file, for the message when it is too large.
    """

    epochs: int
    patience: int | None
    warm_up: int = 0
    at_least: int = 1
    clip: float | None = None
    average: float = 0.0
    seed: int = 0
    rate_key: str = "optimiser.lr"

    def ends_after(self, number: int, best: int) -> bool:
        """Whether an epoch was the last one.

        Args:
            number: of the epoch, from 1.
            best: epoch with the lowest validation loss so far.
        """
        if number >= self.epochs:
            return True
        if self.patience is None or number < self.at_least:
            return False
        return number - max(best, self.warm_up) >= self.patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What is trained, on what, and how it is judged.

    Attributes:
        module: arguments of a batch in, cost (n,) of each face out.
        kept: the module, or the part of it that is validated, averaged and kept.
        optimiser: of what learns in ``module``.
        schedule: stepped after each step.
        batches: of an epoch, on the device, each the arguments of ``module``.
        begin: told of an epoch and its seed, before its first batch.
        validate: of ``kept`` or of its average, on the device, in evaluation mode; low is good.
    """

    module: nn.Module
    kept: nn.Module
    optimiser: torch.optim.Optimizer
    schedule: LRScheduler
    batches: Callable[[int], Iterable[tuple[Any, ...]]]
    begin: Callable[[int, int], None]
    validate: Callable[[nn.Module], float]


def epoch_seed(seed: int, *numbers: int) -> int:
    """A seed of its own for every epoch and device, below 2^31.

    Chance begins anew in each epoch, so that nothing of it has to be kept for a killed training.
    """
    return int(np.random.SeedSequence((seed, *numbers)).generate_state(1)[0]) & 0x7FFFFFFF


def learn(
    lesson: Lesson,
    course: Course,
    *,
    fabric: Fabric,
    resume: Resume | None = None,
    on_step: Callable[[], None] = lambda: None,
    on_epoch: Callable[[Epoch], None] = lambda _epoch: None,
) -> Training:
    """Train; afterwards ``lesson.kept`` holds what is to be kept, on the CPU, in evaluation mode.

    A training that was killed goes on after the last epoch whose state ``resume`` has, and ends as
    if it had not been: ``on_epoch`` is told of the epochs before it as well.

    Args:
        lesson: fresh, on the CPU.
        course: how long.
        fabric: where to train.
        resume: where states are kept; None for nowhere.
        on_step: told of every step.
        on_epoch: told of every epoch.

    Raises:
        ConfigError: the loss is not finite.
        TrainingInterrupted: Ctrl-C after at least one epoch.
    """
    run = Run(lesson, course, fabric)
    try:
        if resume is not None:
            run.go_on(resume.load())
        for epoch in run.epochs:
            on_epoch(epoch)
        while not run.is_over:
            epoch = run.epoch(on_step)
            on_epoch(epoch)
            if resume is not None and fabric.is_global_zero:
                resume.keep(run.state)
    except KeyboardInterrupt:
        if not run.epochs:
            raise
        raise TrainingInterrupted(run.settle()) from None
    return run.settle()


class Run:
    """One training while it lasts; ``learn`` is all of it.

    Attributes:
        epochs: that are done.
    """

    def __init__(self, lesson: Lesson, course: Course, fabric: Fabric) -> None:
        self._lesson, self._course, self._fabric = lesson, course, fabric
        module, optimiser = fabric.setup(lesson.module, lesson.optimiser)
        self._module, self._optimiser = module, optimiser
        self._average = Average(lesson.kept, course.average) if course.average else None
        self._weights: dict[str, Tensor] = {}
        self._step = 0
        self.epochs: list[Epoch] = []

    @property
    def best(self) -> Epoch:
        """The epoch whose weights are kept."""
        if self._course.patience is None:
            return self.epochs[-1]
        return min(self.epochs, key=lambda epoch: epoch.validation_loss)

    @property
    def is_over(self) -> bool:
        """Whether the epoch that was done last was the last one."""
        return bool(self.epochs) and self._course.ends_after(len(self.epochs), self.best.number)

    @property
    def _judged(self) -> nn.Module:
        return self._lesson.kept if self._average is None else self._average.module

    def epoch(self, on_step: Callable[[], None]) -> Epoch:
        """One more round over the data."""
        number = len(self.epochs) + 1
        lesson, course, fabric = self._lesson, self._course, self._fabric
        seed = epoch_seed(course.seed, number, fabric.global_rank)
        torch.manual_seed(seed)
        lesson.begin(number, seed)
        train_loss = self._steps(number, on_step)
        with torch.no_grad(), fabric.autocast():
            # Rounding may differ between unlike devices; the first one's word counts.
            found = fabric.broadcast(lesson.validate(self._judged.eval()), src=0)
        rates = [float(group["lr"]) for group in lesson.optimiser.param_groups]
        epoch = Epoch(
            number=number,
            train_loss=train_loss,
            validation_loss=float(found),
            learning_rate=max(rates),
        )
        if not math.isfinite(epoch.train_loss + epoch.validation_loss):
            raise ConfigError(
                f"the loss is not finite in epoch {number}; try a smaller learning rate",
                key=course.rate_key,
                value=lesson.optimiser.defaults["lr"],
            )
        self.epochs.append(epoch)
        if course.patience is not None and self.best is epoch:
            state = self._judged.state_dict()
            self._weights = {k: v.detach().cpu().clone() for k, v in state.items()}
        return epoch

    def _steps(self, number: int, on_step: Callable[[], None]) -> float:
        """Learn from every batch; mean loss over the faces of all devices."""
        fabric, course = self._fabric, self._course
        self._module.train()
        total, seen = torch.zeros((), dtype=torch.float64, device=_exact(fabric)), 0
        for batch in self._lesson.batches(number):
            cost = self._module(*batch)
            self._optimiser.zero_grad()
            fabric.backward(cost.mean())
            if course.clip is not None:
                # Gradients that are no numbers are told by the loss, with what to do about it.
                fabric.clip_gradients(
                    self._module,
                    self._optimiser,
                    max_norm=course.clip,
                    error_if_nonfinite=False,
                )
            self._optimiser.step()
            self._lesson.schedule.step()
            self._step += 1
            if self._average is not None:
                self._average.follow(self._step)
            total += cost.detach().sum().to(total)
            seen += len(cost)
            on_step()
        both = torch.stack([total, total.new_tensor(float(seen))])
        summed = fabric.all_reduce(both, reduce_op="sum")
        return float(summed[0] / summed[1].clamp(min=1.0))

    def state(self) -> Mapping[str, Any]:
        """Everything that the epochs to come depend on."""
        return {
            "epochs": [asdict(epoch) for epoch in self.epochs],
            "step": self._step,
            "module": self._lesson.module.state_dict(),
            "optimiser": self._lesson.optimiser.state_dict(),
            "schedule": self._lesson.schedule.state_dict(),
            "precision": self._fabric.strategy.precision.state_dict(),
            "average": {} if self._average is None else self._average.state_dict(),
            "best": self._weights,
        }

    def go_on(self, state: Mapping[str, Any] | None) -> None:
        """Take up what ``state`` gave; nothing when there is none."""
        if state is None:
            return
        lesson = self._lesson
        lesson.module.load_state_dict(state["module"])
        lesson.optimiser.load_state_dict(state["optimiser"])
        lesson.schedule.load_state_dict(state["schedule"])
        self._fabric.strategy.precision.load_state_dict(state["precision"])
        if self._average is not None:
            self._average.load_state_dict(state["average"])
        self._weights, self._step = dict(state["best"]), int(state["step"])
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]

    def settle(self) -> Training:
        """Put what is kept into its module, on the CPU."""
        kept = self._lesson.kept
        weights = self._weights or self._judged.state_dict()
        self._lesson.module.cpu()
        kept.load_state_dict({k: v.detach().cpu() for k, v in weights.items()})
        kept.eval()
        return Training(best=self.best, epochs=len(self.epochs))


def _exact(fabric: Fabric) -> torch.device:
    """Where float64 exists: Apple's GPUs have none."""
    return torch.device("cpu") if fabric.device.type == "mps" else fabric.device
