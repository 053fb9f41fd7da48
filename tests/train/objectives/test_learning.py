"""Every loss teaches a small network, and its reading of the outputs is what was taught."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.train.objectives.outputs import EVERY
from train.objectives import Task, has_pain, make_objective


def toy(people: int, seed: int) -> tuple[Tensor, Tensor]:
    """Eight features, one of which rises with the level; half of all faces are level 0."""
    generator = torch.Generator().manual_seed(seed)
    level = torch.randint(1, 7, (people,), generator=generator).float()
    level *= torch.rand(people, generator=generator) > 0.5
    features = torch.randn(people, 8, generator=generator)
    features[:, 0] = 0.5 * (level - 2.0) + 0.2 * features[:, 0]
    return features, level


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_every_loss_learns_far_better_than_chance(name: str, task: Task):
    torch.manual_seed(0)
    features, level = toy(400, seed=1)
    unseen, truth = toy(400, seed=2)
    objective = make_objective(name, task, levels=level)
    network = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, objective.outputs))
    with torch.no_grad():
        network[2].bias.copy_(objective.bias(level))
    optimiser = torch.optim.Adam([*network.parameters(), *objective.parameters()], lr=0.03)
    for _ in range(200):
        optimiser.zero_grad()
        objective(network(features), level).mean().backward()
        optimiser.step()
    with torch.no_grad():
        decoded = objective.decode(network(unseen))
    if task is Task.BINARY:
        right = ((decoded.level > 0.5) == has_pain(truth)).float().mean()
        chance = max(has_pain(truth).float().mean(), 1.0 - has_pain(truth).float().mean())
        assert right > 0.9 > chance + 0.3
        return
    chance = (truth - level.median()).abs().mean()
    assert (decoded.level - truth).abs().mean() < 0.35 * chance
    exact = (decoded.probabilities.argmax(dim=1) == truth).float().mean()
    assert exact > (truth == 0.0).float().mean()


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_the_first_bias_says_what_is_common_in_training(name: str, task: Task):
    _, level = toy(4000, seed=4)
    objective = make_objective(name, task, levels=level)
    decoded = objective.decode(objective.bias(level)[None])
    assert objective.bias(level).shape == (objective.outputs,)
    if task is Task.BINARY:
        expected = has_pain(level).float().mean()
    elif name in {"mae", "quantile"}:
        expected = level.median()
    else:
        expected = level.mean()
    # The normal is wide here, and cut at 0.
    slack = 0.4 if name == "gaussian" else 0.02
    assert decoded.level.item() == pytest.approx(expected.item(), abs=slack)
    if task is Task.ORDINAL:
        shares = torch.bincount(level.long(), minlength=7) / len(level)
        torch.testing.assert_close(decoded.probabilities[0], shares, atol=0.01, rtol=0.0)
