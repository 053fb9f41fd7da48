"""The loop: Adam over batches until the validation loss stops falling; the best epoch is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from pain.errors import ConfigError
from train.experiment.schema import OptimiserSection
from train.objectives import Objective
from train.protocol.sources import Source, plain_batches, training_batches
from train.protocol.varied import Varied

_SCORED_AT_ONCE = 256


class Learner(nn.Module):
    """What is trained, and its loss, as one module: losses may have parameters of their own.

    Args:
        body: outputs from what a ``Source`` gives.
        objective: loss of outputs.
        varied: the body on varied faces, which is what learns; None where none is varied.
    """

    def __init__(self, body: nn.Module, objective: Objective, varied: Varied | None = None) -> None:
        super().__init__()
        self.body = body
        self.objective = objective
        self._varied = varied

    def forward(self, inputs: tuple[Tensor, ...], levels: Tensor) -> Tensor:
        """Loss of every face (n,)."""
        if not self.training or self._varied is None:
            loss: Tensor = self.objective(self.body(*inputs), levels)
            return loss
        outputs, mix = self._varied(inputs)
        if mix is None:
            return cast("Tensor", self.objective(outputs, levels))
        return mix.cost(lambda rows: cast("Tensor", self.objective(outputs, levels[rows])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One round over the data.

    Attributes:
        number: from 1.
        train_loss: mean over the training faces, while learning.
        validation_loss: mean over the validation faces, afterwards.
        learning_rate: of this round.
    """

    number: int
    train_loss: float
    validation_loss: float
    learning_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a training ended.

    Attributes:
        best: the epoch whose weights are kept.
        epochs: rounds over the data.
    """

    best: Epoch
    epochs: int


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C while training; the module holds the best weights so far.

    Args:
        training: how far it came.
    """

    def __init__(self, training: Training) -> None:
        self.training = training
        super().__init__()


def fit_module(
    learner: Learner,
    training: Source,
    validation: Source,
    *,
    fabric: Fabric,
    optimiser: OptimiserSection,
    flip: float,
    seed: int,
    on_epoch: Callable[[Epoch], None] = lambda _epoch: None,
) -> Training:
    """Train until the validation loss has not fallen for ``patience`` epochs.

    Afterwards the module holds the weights of the best epoch, on the CPU.

    Args:
        learner: fresh; parameters that must not learn need no gradient.
        training: faces to learn from.
        validation: faces to stop by.
        fabric: where to train.
        optimiser: Adam and when to stop.
        flip: probability that a training face is mirrored.
        seed: of batches, flips and dropout.
        on_epoch: told of every epoch.

    Raises:
        ConfigError: the loss is not finite.
        TrainingInterrupted: Ctrl-C after at least one epoch.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    parameters = [p for p in learner.parameters() if p.requires_grad]
    adam = torch.optim.Adam(parameters, lr=optimiser.lr, weight_decay=optimiser.weight_decay)
    module, wrapped = fabric.setup(learner, adam)
    best: Epoch | None = None
    weights: dict[str, Tensor] = {}
    number = 0
    try:
        for number in range(1, optimiser.epochs + 1):
            epoch = Epoch(
                number=number,
                train_loss=_train_once(
                    module, wrapped, training, rng, fabric=fabric, optimiser=optimiser, flip=flip
                ),
                validation_loss=_mean_loss(module, validation, fabric),
                learning_rate=optimiser.lr,
            )
            if not math.isfinite(epoch.train_loss + epoch.validation_loss):
                raise ConfigError(
                    f"the loss is not finite in epoch {number}; try a smaller learning rate",
                    key="optimiser.lr",
                    value=optimiser.lr,
                )
            if best is None or epoch.validation_loss < best.validation_loss:
                weights = {k: v.detach().cpu().clone() for k, v in learner.state_dict().items()}
                best = epoch
            on_epoch(epoch)
            if number - best.number >= optimiser.patience:
                break
    except KeyboardInterrupt:
        if best is None:
            raise
        _restore(learner, weights)
        raise TrainingInterrupted(Training(best=best, epochs=number)) from None
    assert best is not None  # noqa: S101  (the schema asks for an epoch at least)
    _restore(learner, weights)
    return Training(best=best, epochs=number)


def _restore(learner: Learner, weights: dict[str, Tensor]) -> None:
    learner.cpu()
    learner.load_state_dict(weights)
    learner.eval()


def _train_once(
    module: nn.Module,
    adam: torch.optim.Optimizer,
    training: Source,
    rng: np.random.Generator,
    *,
    fabric: Fabric,
    optimiser: OptimiserSection,
    flip: float,
) -> float:
    module.train()
    total, seen = torch.zeros((), dtype=torch.float64, device=_exact(fabric)), 0
    for inputs, levels in training_batches(
        training,
        rng,
        size=optimiser.batch_size,
        flip=flip,
        rank=fabric.global_rank,
        world=fabric.world_size,
    ):
        on_device = tuple(part.to(fabric.device) for part in inputs)
        loss = module(on_device, levels.to(fabric.device))
        adam.zero_grad()
        fabric.backward(loss.mean())
        adam.step()
        total += loss.detach().sum().to(total)
        seen += len(levels)
    return _shared_mean(total, seen, fabric)


@torch.no_grad()
def _mean_loss(module: nn.Module, source: Source, fabric: Fabric) -> float:
    """Mean loss; every device looks at all of it, so that all of them stop at the same epoch."""
    module.eval()
    total, seen = torch.zeros((), dtype=torch.float64, device=_exact(fabric)), 0
    for inputs, levels in plain_batches(source, size=_SCORED_AT_ONCE):
        on_device = tuple(part.to(fabric.device) for part in inputs)
        total += module(on_device, levels.to(fabric.device)).sum().to(total)
        seen += len(levels)
    # Rounding may differ between unlike devices; the first one's word counts.
    return float(fabric.broadcast(float(total) / seen, src=0))


def _shared_mean(total: Tensor, seen: int, fabric: Fabric) -> float:
    both = torch.stack([total, total.new_tensor(float(seen))])
    summed = fabric.all_reduce(both, reduce_op="sum")
    return float(summed[0] / summed[1].clamp(min=1.0))


def _exact(fabric: Fabric) -> torch.device:
    """Where float64 exists: Apple's GPUs have none."""
    return torch.device("cpu") if fabric.device.type == "mps" else fabric.device
