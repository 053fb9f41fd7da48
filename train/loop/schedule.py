"""Learning rates step by step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from train.loop.kinds import Schedule


def rate_share(step: int, *, steps: int, warm_up: int, schedule: Schedule) -> float:
    """Learning rate of a step as a share of the highest, 0..1.

    It rises in a straight line through the warm-up. Cosine then falls along half a cosine to 0
    (Loshchilov & Hutter 2017, without restarts).

    Args:
        step: from 0.
        steps: of the whole training.
        warm_up: steps of the warm-up.
        schedule: after it.
    """
    if step < warm_up:
        return (step + 1) / (warm_up + 1)
    if schedule is Schedule.CONSTANT:
        return 1.0
    gone = (step - warm_up) / max(1, steps - warm_up)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, gone)))


def make_schedule(
    optimiser: torch.optim.Optimizer, *, steps: int, warm_up: int, schedule: Schedule
) -> LambdaLR:
    """A scheduler of ``rate_share`` for all parts, each at its own highest rate."""
    return LambdaLR(
        optimiser,
        lambda step: rate_share(step, steps=steps, warm_up=warm_up, schedule=schedule),
    )


def parameter_groups(
    module: nn.Module, *, slow: Sequence[nn.Module], lr: float, slow_share: float
) -> list[dict[str, Any]]:
    """What learns, as an optimiser takes it: parts with a lower rate, then the rest.

    Args:
        module: all of it.
        slow: parts of it with a rate of their own.
        lr: of the rest.
        slow_share: rate of the slow parts as a share of ``lr``.
    """
    learning = [p for p in module.parameters() if p.requires_grad]
    if slow_share == 1.0:
        return [{"params": learning, "lr": lr}]
    held = {id(p) for part in slow for p in part.parameters()}
    groups = [
        {"params": [p for p in learning if id(p) in held], "lr": lr * slow_share},
        {"params": [p for p in learning if id(p) not in held], "lr": lr},
    ]
    return [group for group in groups if group["params"]]
