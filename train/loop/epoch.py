"""What is told of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One round over the data.

    Attributes:
        number: from 1.
        train_loss: mean over the training faces, while learning.
        validation_loss: mean over the validation faces, afterwards.
        learning_rate: at its end, the highest where parts have their own.
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
