"""What is searched over, and a trial's experiment."""

from __future__ import annotations

from typing import Final

import optuna

from train.experiment.schema import Experiment
from train.objectives import objective_names

_LR: Final = (1e-4, 1e-1)
_FINE_TUNING_LR: Final = (1e-5, 1e-2)
_WEIGHT_DECAY: Final = (1e-7, 1e-1)
_MOST_DROPOUT: Final = 0.6
_HIDDEN: Final = ("thesis", "none", "32", "100", "256", "64-32", "256-64")
"""Widths joined by a dash: Optuna's storage keeps words, not lists."""


def suggest(experiment: Experiment, trial: optuna.trial.BaseTrial) -> Experiment:
    """The experiment with this trial's values.

    Learning rate, weight decay, hidden layers, dropout and loss; SMOTE too where features are
    frozen. Everything else stays as it is written.

    Args:
        experiment: where to start from.
        trial: asks the sampler.
    """
    lr = _LR if experiment.frozen else _FINE_TUNING_LR
    optimiser = {
        "lr": trial.suggest_float("lr", *lr, log=True),
        "weight_decay": trial.suggest_float("weight_decay", *_WEIGHT_DECAY, log=True),
    }
    head = {
        "hidden": _widths(trial.suggest_categorical("hidden", _HIDDEN)),
        "dropout": trial.suggest_float("dropout", 0.0, _MOST_DROPOUT),
    }
    loss = trial.suggest_categorical("loss", objective_names(experiment.task))
    own = experiment.loss if loss == experiment.loss.name else None
    changes = {
        "optimiser": experiment.optimiser.model_copy(update=optimiser),
        "head": experiment.head.model_copy(update=head),
        "loss": own or type(experiment.loss)(name=loss),
    }
    if experiment.frozen:
        smote = {"enabled": trial.suggest_categorical("smote", (False, True))}
        changes["smote"] = experiment.smote.model_copy(update=smote)
    return experiment.model_copy(update=changes)


def _widths(written: str) -> tuple[int, ...] | None:
    if written == "thesis":
        return None
    return () if written == "none" else tuple(int(width) for width in written.split("-"))
