"""The best and the worst answers, and whether far costs more than near."""

from __future__ import annotations

import math

import pytest
import torch

from tests.train.objectives.outputs import EVERY, cost, made, saying
from train.objectives import Task, make_objective

UNORDERED = {"cross_entropy", "weighted_cross_entropy", "focal"}
ORDERED = [
    (name, task)
    for name, task in EVERY
    if task is not Task.BINARY and name not in UNORDERED | {"corn"}
]
DENSITIES = {"gaussian", "beta"}
LIKELY_BUT_NOT_AT_THE_MEAN = 0.06
"""A beta's mode is not its mean: at the ends of the scale another mean fits by this much better."""


@pytest.mark.parametrize(("name", "task"), EVERY)
@pytest.mark.parametrize("truth", [0.0, 1.0, 3.0, 6.0])
def test_no_output_beats_the_perfect_one(name: str, task: Task, truth: float):
    objective = made(name, task)
    generator = torch.Generator().manual_seed(0)
    others = torch.randn(4000, objective.outputs, generator=generator) * 8.0
    best = objective(others, torch.full((4000,), truth)).min().item()
    slack = LIKELY_BUT_NOT_AT_THE_MEAN if name == "beta" else 1e-4
    assert cost(objective, truth, truth) <= best + slack


@pytest.mark.parametrize(("name", "task"), [pair for pair in EVERY if pair[0] not in DENSITIES])
def test_the_perfect_answer_costs_nothing(name: str, task: Task):
    objective = made(name, task)
    assert [cost(objective, truth, truth) for truth in range(7)] == pytest.approx([0] * 7, abs=2e-3)


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_the_perfect_answer_reads_as_the_truth(name: str, task: Task):
    objective = made(name, task)
    for truth in range(7):
        expected = min(truth, 1) if task is Task.BINARY else truth
        # Soft labels and the binomial keep, on purpose, some mass beside the truth.
        slack = 0.15 if name in {"soft_labels", "gaussian"} else 1e-3
        assert objective.decode(saying(objective, truth)).level.item() == pytest.approx(
            expected, abs=slack
        )


@pytest.mark.parametrize(("name", "task"), ORDERED)
def test_further_off_costs_more(name: str, task: Task):
    objective = made(name, task)
    for truth in range(7):
        for said in range(7):
            step = 1 if said >= truth else -1
            if 0 <= said + step <= 6:
                further = cost(objective, said + step, truth)
                assert further > cost(objective, said, truth) + 1e-3, (truth, said)


@pytest.mark.parametrize(("name", "task"), ORDERED)
def test_the_other_end_of_the_scale_is_worst(name: str, task: Task):
    objective = made(name, task)
    costs = [cost(objective, said, 0.0) for said in range(7)]
    assert costs.index(max(costs)) == 6


@pytest.mark.parametrize("name", sorted(UNORDERED))
def test_a_loss_without_order_charges_every_wrong_level_alike(name: str):
    objective = made(name, Task.ORDINAL)
    wrong = [cost(objective, said, 3.0) for said in (0, 1, 2, 4, 5, 6)]
    assert wrong == pytest.approx([wrong[0]] * 6, rel=1e-6)
    assert wrong[0] > 1.0


def test_corn_charges_distance_below_the_truth_and_not_above():
    corn = made("corn", Task.ORDINAL)
    assert cost(corn, 1, 3.0) > cost(corn, 2, 3.0) + 1.0
    assert cost(corn, 5, 3.0) == pytest.approx(cost(corn, 4, 3.0), abs=1e-3)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "focal"])
def test_the_wrong_side_costs_more_the_surer_it_is(name: str):
    objective = made(name, Task.BINARY)
    logits = torch.linspace(-8.0, 8.0, 9)[:, None]
    assert (objective(logits, torch.zeros(9)).diff() > 0.0).all()
    assert (objective(logits, torch.full((9,), 4.0)).diff() < 0.0).all()


@pytest.mark.parametrize(
    ("truth", "factor"), [(0.0, 10 / 6), (2.0, 8 / 6), (3.0, 7 / 6), (4.0, 1.0), (6.0, 8 / 6)]
)
def test_the_ordinal_loss_multiplies_cross_entropy_by_the_distance(truth: float, factor: float):
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0]])
    entropy = make_objective("cross_entropy", Task.ORDINAL)(logits, torch.tensor([truth]))
    found = make_objective("ordinal", Task.ORDINAL)(logits, torch.tensor([truth]))
    assert (found / entropy).item() == pytest.approx(factor)


def test_known_answers():
    half = torch.zeros(1, 1)
    uniform = torch.zeros(1, 7)
    top = torch.tensor([6.0])
    value = {
        (name, task): make_objective(name, task)
        for name, task in EVERY
        if "weighted" not in name and name != "coral"
    }
    assert value["cross_entropy", Task.ORDINAL](uniform, top).item() == pytest.approx(math.log(7))
    assert value["focal", Task.ORDINAL](uniform, top).item() == pytest.approx(
        (6 / 7) ** 2 * math.log(7)
    )
    assert value["expected_error", Task.ORDINAL](uniform, top).item() == pytest.approx(3.0)
    assert value["corn", Task.ORDINAL](torch.zeros(1, 6), top).item() == pytest.approx(
        6 * math.log(2)
    )
    assert value["binary_cross_entropy", Task.BINARY](half, top).item() == pytest.approx(
        math.log(2)
    )
    assert value["focal", Task.BINARY](half, top).item() == pytest.approx(0.25 * math.log(2))
    assert value["mse", Task.REGRESSION](half, top).item() == 36.0
    assert value["mae", Task.REGRESSION](half, top).item() == 6.0


def test_the_densities_are_those_of_torch():
    level = torch.tensor([0.0, 2.5, 6.0])
    outputs = torch.tensor([[1.0, 0.3], [2.0, -1.0], [5.0, 2.0]])
    sigma = 0.1 + torch.nn.functional.softplus(outputs[:, 1])
    normal = torch.distributions.Normal(outputs[:, 0], sigma)
    found = make_objective("gaussian", Task.REGRESSION)(outputs, level)
    torch.testing.assert_close(found, -normal.log_prob(level))
    mean = 0.01 + 0.98 * torch.sigmoid(outputs[:, 0])
    precision = 1000.0 ** torch.sigmoid(outputs[:, 1])
    beta = torch.distributions.Beta(mean * precision, (1.0 - mean) * precision)
    found = make_objective("beta", Task.REGRESSION)(outputs, level)
    torch.testing.assert_close(
        found, -beta.log_prob(0.01 + 0.98 * level / 6.0), rtol=1e-4, atol=1e-4
    )


def test_the_pinball_loss_is_least_at_the_quantiles_of_the_data():
    levels = torch.arange(0.0, 6.0, 0.06)
    objective = make_objective("quantile", Task.REGRESSION, quantiles=[0.1, 0.5, 0.9])
    steps = torch.linspace(0.3, 4.0, 75)
    raw = steps + torch.log(-torch.expm1(-steps))
    costs = [
        objective(torch.tensor([[2.97, r, r]]).expand(len(levels), 3), levels).mean().item()
        for r in raw
    ]
    assert steps[torch.tensor(costs).argmin()].item() == pytest.approx(2.4, abs=0.06)
