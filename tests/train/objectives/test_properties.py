"""What holds for any outputs and any truth."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.objectives.outputs import EVERY, LEVELS
from train.objectives import Task, make_objective

EXTREME = 6e4
"""Near the largest float16."""

MAY_BE_NEGATIVE = {"gaussian", "beta"}
OBJECTIVES = {(name, task): make_objective(name, task, levels=LEVELS) for name, task in EVERY}

number = st.one_of(
    st.sampled_from([0.0, -EXTREME, EXTREME]),
    st.floats(-20.0, 20.0, width=32),
    st.floats(-EXTREME, EXTREME, width=32),
)


@st.composite
def batches(draw: st.DrawFn, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    rows = draw(st.lists(st.lists(number, min_size=width, max_size=width), min_size=1, max_size=4))
    level = st.one_of(st.sampled_from([0.0, 0.5, 6.0]), st.floats(0.0, 6.0, width=32))
    levels = draw(st.lists(level, min_size=len(rows), max_size=len(rows)))
    return torch.tensor(rows, dtype=torch.float32), torch.tensor(levels, dtype=torch.float32)


@pytest.mark.parametrize(("name", "task"), EVERY)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_output_is_a_distribution_with_its_level_as_mean(
    name: str, task: Task, data: st.DataObject
):
    objective = OBJECTIVES[name, task]
    outputs, _ = data.draw(batches(objective.outputs))
    decoded = objective.decode(outputs)
    classes = 2 if task is Task.BINARY else 7
    assert decoded.probabilities.shape == (len(outputs), classes)
    assert decoded.probabilities.min() >= 0.0
    torch.testing.assert_close(decoded.probabilities.sum(1), torch.ones(len(outputs)))
    mean = decoded.probabilities.double() @ torch.arange(classes, dtype=torch.float64)
    torch.testing.assert_close(decoded.level.double(), mean, rtol=1e-5, atol=1e-5)
    assert decoded.level.min() >= 0.0
    assert decoded.level.max() <= classes - 1 + 1e-5


@pytest.mark.parametrize(("name", "task"), EVERY)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_loss_and_gradient_are_finite_at_any_output(name: str, task: Task, data: st.DataObject):
    objective = OBJECTIVES[name, task]
    outputs, levels = data.draw(batches(objective.outputs))
    outputs.requires_grad_()
    loss = objective(outputs, levels)
    assert loss.shape == levels.shape
    assert torch.isfinite(loss).all()
    if name not in MAY_BE_NEGATIVE:
        assert loss.min() >= 0.0
    (gradient,) = torch.autograd.grad(loss.sum(), outputs)
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize(("name", "task"), EVERY)
def test_half_precision_outputs_cost_what_their_float32_values_cost(
    name: str, task: Task, dtype: torch.dtype
):
    objective = OBJECTIVES[name, task]
    half = torch.linspace(-EXTREME, EXTREME, 5 * objective.outputs).to(dtype)
    half = half.reshape(5, objective.outputs).requires_grad_()
    levels = torch.tensor([0.0, 1.0, 3.0, 4.5, 6.0])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, decoded = objective(half, levels), objective.decode(half)
    torch.testing.assert_close(loss, objective(half.float(), levels))
    torch.testing.assert_close(decoded.level, objective.decode(half.float()).level)
    assert loss.dtype is decoded.level.dtype is torch.float32
    # A step of the gradient scaler may scale what float16 cannot hold; NaN would never mend.
    (gradient,) = torch.autograd.grad(loss.mean(), half)
    assert not torch.isnan(gradient).any()


@pytest.mark.parametrize(("name", "task"), EVERY)
@pytest.mark.parametrize("level", [0.0, 3.0, 6.0])
def test_gradients_are_those_of_the_loss(name: str, task: Task, level: float):
    generator = torch.Generator().manual_seed(3)
    objective = make_objective(name, task, levels=LEVELS).double()
    outputs = torch.randn(4, objective.outputs, generator=generator, dtype=torch.float64)
    levels = torch.full((4,), level, dtype=torch.float64)
    if name == "ordinal":  # its weight is a constant to the gradient: check away from a change
        outputs = outputs.round() + torch.arange(7) * 0.01
    assert torch.autograd.gradcheck(
        lambda x: objective(x, levels), outputs.requires_grad_(), raise_exception=True
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(number, min_size=5, max_size=5))
def test_quantiles_never_cross(row: list[float]):
    objective = OBJECTIVES["quantile", Task.REGRESSION]
    found = objective.quantiles(torch.tensor([row]))
    assert (found.diff(dim=1) >= 0.0).all()
    level = objective.decode(torch.tensor([row])).level.item()
    assert level == pytest.approx(min(max(row[0], 0.0), 6.0), abs=1e-4)


@pytest.mark.parametrize(("mean", "raw"), [(3.0, -30.0), (3.4, 0.0), (0.5, 1.0), (6.2, 0.5)])
def test_the_normal_reads_as_the_mean_of_its_cut_self(mean: float, raw: float):
    objective = OBJECTIVES["gaussian", Task.REGRESSION]
    sigma = 0.1 + torch.nn.functional.softplus(torch.tensor(raw)).item()
    draws = mean + sigma * torch.randn(400_000, generator=torch.Generator().manual_seed(0))
    decoded = objective.decode(torch.tensor([[mean, raw]]))
    draws = draws.clamp(0.0, 6.0)
    assert decoded.level.item() == pytest.approx(draws.mean().item(), abs=0.01)
    shared = (1.0 - (draws[:, None] - torch.arange(7)).abs()).clamp(min=0.0).mean(0)
    torch.testing.assert_close(decoded.probabilities[0], shared, atol=5e-3, rtol=0.0)


def test_the_beta_reads_as_a_binomial_of_its_draws():
    objective = OBJECTIVES["beta", Task.REGRESSION]
    outputs = torch.tensor([[0.4, -0.5]])
    precision = 1000.0 ** torch.sigmoid(outputs[0, 1])
    mean = torch.sigmoid(outputs[0, 0])
    torch.manual_seed(0)
    chance = torch.distributions.Beta(mean * precision, (1 - mean) * precision).sample((200_000,))
    drawn = torch.distributions.Binomial(6, chance).sample()
    shares = torch.bincount(drawn.long(), minlength=7) / len(drawn)
    torch.testing.assert_close(
        objective.decode(outputs).probabilities[0], shares, atol=5e-3, rtol=0
    )
