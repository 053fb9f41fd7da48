"""Objectives by name."""

from __future__ import annotations

import difflib
import inspect
from typing import Any, Final

from torch import Tensor

from pain.errors import ConfigError
from train.objectives.binary import BinaryCrossEntropy, BinaryFocalLoss
from train.objectives.categorical import (
    CrossEntropy,
    ExpectedError,
    FocalLoss,
    OrdinalCrossEntropy,
    SoftLabels,
    WeightedCrossEntropy,
)
from train.objectives.cumulative import Coral, Corn
from train.objectives.objective import Objective
from train.objectives.point import AbsoluteError, SquaredError, WeightedSquaredError
from train.objectives.spread import Beta, Gaussian, Quantile
from train.objectives.task import Task

# The default of each task first, as the thesis found.
_OBJECTIVES: Final[tuple[type[Objective], ...]] = (
    OrdinalCrossEntropy,
    CrossEntropy,
    WeightedCrossEntropy,
    FocalLoss,
    SoftLabels,
    ExpectedError,
    Coral,
    Corn,
    AbsoluteError,
    SquaredError,
    WeightedSquaredError,
    Gaussian,
    Beta,
    Quantile,
    BinaryCrossEntropy,
    BinaryFocalLoss,
)


def objective_names(task: Task) -> tuple[str, ...]:
    """Names of a task's losses, the default first."""
    return tuple(objective.name for objective in _OBJECTIVES if objective.task is task)


def make_objective(
    name: str, task: Task, *, levels: Tensor | None = None, **options: Any
) -> Objective:
    """Make the objective of a name.

    Args:
        name: one of ``objective_names(task)``.
        task: what is asked.
        levels: float (M,), of the training set and of nothing else; what needs class weights or
            thresholds takes them from here. None when a state dict will be loaded.
        options: of the loss, e.g. ``gamma=1.0`` for ``focal``.

    Raises:
        ConfigError: no such loss or option, or a value that the loss refuses.
    """
    names = objective_names(task)
    if name not in names:
        raise ConfigError(
            f"the {task} task has no such loss; {_suggestion(name, names)}", key="loss", value=name
        )
    chosen = next(found for found in _OBJECTIVES if found.task is task and found.name == name)
    takes = [
        parameter.name
        for parameter in inspect.signature(chosen).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    known = tuple(option for option in takes if option != "levels")
    for option, value in options.items():
        if option not in known:
            raise ConfigError(
                f"{name} has no such option; {_suggestion(option, known)}", key=option, value=value
            )
    if "levels" in takes:
        return chosen(levels=levels, **options)
    return chosen(**options)


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    if not known:
        return "it has none"
    close = difflib.get_close_matches(name, known, n=1)
    listed = f"it has {', '.join(known)}"
    return f"did you mean {close[0]}? {listed}" if close else listed
