"""Outputs of a last layer that say one level, for every objective."""

from __future__ import annotations

import torch
from torch import Tensor

from train.objectives import Objective, Task, make_objective, objective_names
from train.objectives.categorical import SoftLabels
from train.objectives.cumulative import Coral, Corn
from train.objectives.spread import Beta, Gaussian, Quantile

EVERY = [(name, task) for task in Task for name in objective_names(task)]
SURE = 12.0

LEVELS = torch.tensor([0.0] * 10 + [1, 1, 2, 2, 2, 3, 3, 4, 5, 6])


def made(name: str, task: Task) -> Objective:
    objective = make_objective(name, task, levels=LEVELS)
    if isinstance(objective, Coral):
        with torch.no_grad():
            objective.first.fill_(0.0)
            objective.raw_gaps.fill_(2.0 * SURE)
    return objective


def saying(objective: Objective, level: float) -> Tensor:
    """Outputs (1, outputs) that are sure of a whole level; in the binary task, of pain or none."""
    if objective.task is Task.BINARY:
        return torch.tensor([[SURE if level > 0 else -SURE]])
    if objective.task is Task.ORDINAL:
        return _ordinal(objective, level)
    return _regression(objective, level)


def _ordinal(objective: Objective, level: float) -> Tensor:
    if isinstance(objective, Coral):
        return torch.tensor([[2.0 * SURE * (level - 0.5)]])
    if isinstance(objective, Corn):
        return torch.where(torch.arange(6) < level, SURE, -SURE)[None]
    if isinstance(objective, SoftLabels):
        return objective.log_labels(torch.tensor([level]))
    return torch.where(torch.arange(7) == level, SURE, -SURE)[None]


def _regression(objective: Objective, level: float) -> Tensor:
    if isinstance(objective, Gaussian):
        return torch.tensor([[level, -30.0]])
    if isinstance(objective, Beta):
        return torch.tensor([[torch.logit(torch.tensor(level / 6.0), eps=1e-6), 30.0]])
    if isinstance(objective, Quantile):
        return torch.tensor([[level, *[-30.0] * (objective.outputs - 1)]])
    return torch.tensor([[level]])


def cost(objective: Objective, said: float, truth: float) -> float:
    return objective(saying(objective, said), torch.tensor([truth])).item()
