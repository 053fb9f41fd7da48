"""Objectives by name, their options, and what they take from the training set."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from pain.errors import ConfigError
from tests.train.objectives.outputs import EVERY, LEVELS
from train.objectives import Task, has_pain, make_objective, nearest_level, objective_names

WEIGHTED = [("weighted_cross_entropy", Task.ORDINAL), ("weighted_mse", Task.REGRESSION)]


def test_the_default_of_each_task_is_first():
    assert [objective_names(task)[0] for task in Task] == ["ordinal", "mae", "binary_cross_entropy"]


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_an_objective_says_its_name_and_task(name: str, task: Task):
    objective = make_objective(name, task, levels=LEVELS)
    assert (objective.name, objective.task) == (name, task)


@pytest.mark.parametrize(
    ("name", "task", "options", "message"),
    [
        ("ordnal", Task.ORDINAL, {}, "did you mean ordinal"),
        ("mae", Task.ORDINAL, {}, "the ordinal task has no such loss"),
        ("focal", Task.ORDINAL, {"gama": 1.0}, "did you mean gamma"),
        ("mse", Task.REGRESSION, {"gamma": 1.0}, "it has none"),
        ("focal", Task.ORDINAL, {"gamma": 0.5}, "0 or at least 1"),
        ("focal", Task.BINARY, {"gamma": -1.0}, "0 or at least 1"),
        ("soft_labels", Task.ORDINAL, {"spread": 0.0}, "above 0"),
        ("quantile", Task.REGRESSION, {"quantiles": [0.1, 0.5, 0.8]}, "symmetric"),
        ("quantile", Task.REGRESSION, {"quantiles": [0.5]}, "three or more"),
        ("quantile", Task.REGRESSION, {"quantiles": [0.9, 0.5, 0.1]}, "must rise"),
        ("quantile", Task.REGRESSION, {"quantiles": [0.1, 0.4, 0.6, 0.9]}, "middle of 0.5"),
    ],
)
def test_what_cannot_be_made_is_refused(
    name: str, task: Task, options: dict[str, object], message: str
):
    with pytest.raises(ConfigError, match=message):
        make_objective(name, task, **options)


@pytest.mark.parametrize(
    ("level", "nearest", "pain"),
    [
        (0.0, 0, False),
        (0.49, 0, False),
        (0.5, 1, True),
        (2.5, 3, True),
        (3.5, 4, True),
        (6.0, 6, True),
    ],
)
def test_a_fractional_level_counts_as_the_nearest_whole_one(level: float, nearest: int, pain: bool):
    assert nearest_level(torch.tensor([level])).item() == nearest
    assert has_pain(torch.tensor([level])).item() is pain


@pytest.mark.parametrize(("name", "task"), WEIGHTED)
def test_weights_are_inverse_frequencies_of_the_training_levels(name: str, task: Task):
    objective = make_objective(name, task, levels=LEVELS)
    expected = compute_class_weight("balanced", classes=np.arange(7), y=LEVELS.long().numpy())
    np.testing.assert_allclose(objective.weights.numpy(), expected, rtol=1e-6)
    assert objective.weights[LEVELS.long()].mean().item() == pytest.approx(1.0)


@pytest.mark.parametrize(("name", "task"), WEIGHTED)
def test_a_level_that_training_lacks_weighs_as_much_as_the_rarest(name: str, task: Task):
    objective = make_objective(name, task, levels=torch.tensor([0.0, 0.0, 0.0, 1.0]))
    np.testing.assert_allclose(objective.weights.numpy(), [2 / 3, *[2.0] * 6], rtol=1e-6)


@pytest.mark.parametrize(("name", "task"), WEIGHTED)
def test_validation_levels_leave_no_trace(name: str, task: Task):
    """A leak through the weights would show as a change, or as other weights for other rows."""
    objective = make_objective(name, task, levels=LEVELS)
    before = objective.weights.clone()
    validation = torch.tensor([6.0, 6.0, 6.0])
    outputs = torch.ones(3, objective.outputs)
    alone = objective(outputs[:1], validation[:1])
    assert objective(outputs, validation)[0].item() == alone.item()
    torch.testing.assert_close(objective.weights, before)
    rare = objective(outputs[:1], torch.tensor([6.0])) / objective.weights[6]
    plain_name = name.removeprefix("weighted_")
    plain = make_objective(plain_name, task)(outputs[:1], torch.tensor([6.0]))
    torch.testing.assert_close(rare, plain)


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_a_state_dict_carries_what_came_from_training(name: str, task: Task):
    trained = make_objective(name, task, levels=LEVELS)
    loaded = make_objective(name, task)
    outputs = torch.linspace(-1.0, 1.0, 4 * trained.outputs).reshape(4, -1)
    levels = torch.tensor([0.0, 1.0, 3.0, 6.0])
    if "weighted" in name:  # unknown weights must not pass for equal ones
        assert loaded(outputs, levels).isnan().all()
    loaded.load_state_dict(trained.state_dict())
    torch.testing.assert_close(loaded(outputs, levels), trained(outputs, levels))
    torch.testing.assert_close(loaded.decode(outputs).level, trained.decode(outputs).level)


@pytest.mark.parametrize(
    ("outputs", "levels", "message"),
    [((2, 6), (2,), r"\(N, 7\)"), ((7,), (7,), r"\(N, 7\)"), ((2, 7), (2, 1), "as many levels")],
)
def test_other_shapes_are_refused(outputs: tuple[int, ...], levels: tuple[int, ...], message: str):
    with pytest.raises(ValueError, match=message):
        make_objective("ordinal", Task.ORDINAL)(torch.zeros(outputs), torch.zeros(levels))
