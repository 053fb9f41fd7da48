"""Learning rates step by step, and parts with their own."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from train.loop.kinds import Schedule
from train.loop.schedule import make_schedule, parameter_groups, rate_share


@pytest.mark.parametrize(
    ("step", "warm_up", "schedule", "share"),
    [
        (0, 0, Schedule.CONSTANT, 1.0),
        (99, 0, Schedule.CONSTANT, 1.0),
        (0, 3, Schedule.CONSTANT, 0.25),
        (2, 3, Schedule.CONSTANT, 0.75),
        (3, 3, Schedule.CONSTANT, 1.0),
        (0, 0, Schedule.COSINE, 1.0),
        (50, 0, Schedule.COSINE, 0.5),
        (100, 0, Schedule.COSINE, 0.0),
        (20, 20, Schedule.COSINE, 1.0),
        (60, 20, Schedule.COSINE, 0.5),
    ],
)
def test_the_rate_is_the_one_of_the_formula(
    step: int, warm_up: int, schedule: Schedule, share: float
):
    found = rate_share(step, steps=100, warm_up=warm_up, schedule=schedule)
    assert found == pytest.approx(share, abs=1e-9)


@given(st.integers(1, 200), st.data(), st.sampled_from(Schedule))
def test_the_rate_rises_through_the_warm_up_and_never_afterwards(
    steps: int, data: st.DataObject, schedule: Schedule
):
    warm_up = data.draw(st.integers(0, steps))
    shares = [
        rate_share(step, steps=steps, warm_up=warm_up, schedule=schedule) for step in range(steps)
    ]
    assert all(0.0 < share <= 1.0 for share in shares)
    assert shares[:warm_up] == sorted(set(shares[:warm_up]))
    assert shares[warm_up:] == sorted(shares[warm_up:], reverse=True)


def test_a_backbone_has_its_own_rate_in_every_step_and_what_rests_has_none():
    backbone, head = nn.Linear(2, 2), nn.Linear(2, 1)
    backbone.bias.requires_grad_(False)
    both = nn.Sequential(backbone, head)
    groups = parameter_groups(both, slow=[backbone], lr=0.1, slow_share=0.2)
    adam = torch.optim.Adam(groups, lr=0.1)
    schedule = make_schedule(adam, steps=10, warm_up=4, schedule=Schedule.COSINE)
    assert [len(group["params"]) for group in adam.param_groups] == [1, 2]
    adam.step()
    schedule.step()
    slow, fast = (group["lr"] for group in adam.param_groups)
    assert (slow, fast) == pytest.approx((0.2 * 0.04, 0.04))


def test_one_rate_is_one_group():
    (group,) = parameter_groups(nn.Linear(2, 1), slow=[nn.Linear(1, 1)], lr=0.1, slow_share=1.0)
    assert len(group["params"]) == 2
