"""What the loop is given for a network of an experiment: its loss, its optimiser, its faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from train.experiment.schema import Experiment, Precision
from train.loop.epoch import Epoch, Training
from train.loop.loop import Course, Lesson, learn
from train.loop.resume import Resume
from train.loop.schedule import make_schedule, parameter_groups
from train.objectives import Objective
from train.protocol.engine import precision_of
from train.protocol.loader import TrainingFaces
from train.protocol.sources import Source, plain_batches
from train.protocol.varied import Varied

_SCORED_AT_ONCE = 256


class Learner(nn.Module):
    """What is trained, and its loss, as one module: losses may have parameters of their own.

    Args:
        body: outputs from what a ``Source`` gives.
        objective: loss of outputs.
        varied: the body on varied faces, which is what learns; None where none is varied.
        compiled: whether learning goes through ``torch.compile``; what judges does not.
        slow: parts of the body with a learning rate of their own.
    """

    def __init__(
        self,
        body: nn.Module,
        objective: Objective,
        varied: Varied | None = None,
        *,
        compiled: bool = False,
        slow: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__()
        self.body = body
        self.objective = objective
        self.slow = tuple(slow)
        self._varied = varied.compiled() if compiled and varied is not None else varied
        # The method, not the module: a second module would double every key of the state.
        self._compiled = torch.compile(body.forward) if compiled else None

    def forward(self, inputs: tuple[Tensor, ...], levels: Tensor) -> Tensor:
        """Loss of every face (n,)."""
        if not self.training:
            return self._loss(self.body(*inputs), levels)
        if self._varied is None:
            learning = self._compiled or self.body
            return self._loss(learning(*inputs), levels)
        outputs, mix = self._varied(inputs)
        if mix is None:
            return self._loss(outputs, levels)
        return mix.cost(lambda rows: self._loss(outputs, levels[rows]))

    def begin(self, seed: int) -> None:
        """Let chance in the variation of faces follow from a seed."""
        if self._varied is not None:
            self._varied.augment.begin(seed)

    def _loss(self, outputs: Tensor, levels: Tensor) -> Tensor:
        return cast("Tensor", self.objective(outputs, levels))


def fit_module(
    learner: Learner,
    training: Source,
    validation: Source,
    *,
    fabric: Fabric,
    experiment: Experiment,
    flip: float,
    seed: int,
    resume: Resume | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _epoch: None,
) -> Training:
    """Train until the validation loss has not fallen for ``patience`` epochs.

    Afterwards the module holds the weights of the best epoch, on the CPU.

    Args:
        learner: fresh; parameters that must not learn need no gradient.
        training: faces to learn from.
        validation: faces to stop by.
        fabric: where to train.
        experiment: Adam, when to stop, and how faces are fetched.
        flip: probability that a training face is mirrored.
        seed: of batches, flips, variation and dropout.
        resume: what a killed training goes on from; None for nothing.
        on_epoch: told of every epoch.

    Raises:
        ConfigError: the loss is not finite.
        TrainingInterrupted: Ctrl-C after at least one epoch.
    """
    asked = experiment.optimiser
    with TrainingFaces(
        training,
        size=asked.batch_size,
        flip=flip,
        seed=seed,
        fabric=fabric,
        workers=experiment.engine.workers,
    ) as faces:
        lesson = lesson_of(
            learner,
            faces,
            experiment=experiment,
            fabric=fabric,
            validate=lambda judged: _mean_loss(judged, validation, fabric.device),
        )
        course = course_of(experiment, seed)
        return learn(lesson, course, fabric=fabric, resume=resume, on_epoch=on_epoch)


def lesson_of(
    learner: Learner,
    faces: TrainingFaces,
    *,
    experiment: Experiment,
    fabric: Fabric,
    validate: Callable[[nn.Module], float],
) -> Lesson:
    """Adam and its schedule, as an experiment asks for them.

    Args:
        learner: fresh.
        faces: to learn from.
        experiment: what was asked for.
        fabric: where to train.
        validate: loss of the learner, or of its average, on faces to stop by.
    """
    asked = experiment.optimiser
    adam = torch.optim.Adam(
        parameter_groups(learner, slow=learner.slow, lr=asked.lr, slow_share=asked.backbone_lr),
        lr=asked.lr,
        weight_decay=asked.weight_decay,
        fused=_in_one_call(experiment, fabric),
    )
    return Lesson(
        module=learner,
        kept=learner,
        optimiser=adam,
        schedule=make_schedule(
            adam,
            steps=len(faces) * asked.epochs,
            warm_up=len(faces) * asked.warm_up,
            schedule=asked.schedule,
        ),
        batches=faces.epoch,
        begin=lambda _number, seed: learner.begin(seed),
        validate=validate,
    )


def course_of(experiment: Experiment, seed: int) -> Course:
    """How long an experiment trains."""
    asked = experiment.optimiser
    return Course(
        epochs=asked.epochs,
        patience=asked.patience,
        warm_up=asked.warm_up,
        at_least=asked.min_epochs,
        clip=asked.clip,
        average=asked.average,
        seed=seed,
    )


def _in_one_call(experiment: Experiment, fabric: Fabric) -> bool:
    """Whether Adam changes all parameters in one call; a scaler of gradients cannot clip then."""
    scaled = precision_of(experiment.engine) is Precision.FP16_MIXED
    return fabric.device.type in {"cpu", "cuda"} and not scaled


def _mean_loss(learner: nn.Module, source: Source, device: torch.device) -> float:
    """Mean loss; every device looks at all of it, so that all of them stop at the same epoch."""
    total, seen = 0.0, 0
    for inputs, levels in plain_batches(source, size=_SCORED_AT_ONCE):
        on_device = tuple(part.to(device) for part in inputs)
        total += float(learner(on_device, levels.to(device)).sum(dtype=torch.float32).double())
        seen += len(levels)
    return total / seen
