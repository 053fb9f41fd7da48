"""Faces made ready and the head's start."""

from __future__ import annotations

import torch

from tests.train.distil.conftest import plan
from train.distil.losses import Labels
from train.distil.network import Readable, build_student
from train.distil.prepare import start_at
from train.track.tracked import UNITS

NAN = float("nan")


def test_a_student_starts_at_what_is_common_among_the_labels():
    network = build_student(plan().student)
    torch.nn.init.zeros_(network.head.last.weight)
    labels = Labels(
        level=torch.tensor([1.0, 1.0, 4.0, NAN]),
        pspi=torch.tensor([2.0, 4.0, NAN, NAN]),
        units=torch.full((4, len(UNITS)), 0.5),
    )
    start_at(network, labels)
    read = Readable(network, temperature=1.0).eval()(torch.zeros(1, 478, 3), torch.zeros(1, 52))
    torch.testing.assert_close(read.level, torch.tensor([2.0]), atol=0.05, rtol=0)
    torch.testing.assert_close(read.probabilities[0, 1], torch.tensor(2 / 3), atol=0.02, rtol=0)
    torch.testing.assert_close(read.pspi, torch.tensor([3.0]))
    torch.testing.assert_close(read.action_units, torch.full((1, len(UNITS)), 0.5))


def test_where_nothing_is_known_it_starts_at_nothing():
    network = build_student(plan().student)
    nothing = Labels(
        level=torch.tensor([NAN]), pspi=torch.tensor([NAN]), units=torch.full((1, len(UNITS)), NAN)
    )
    start_at(network, nothing)
    assert torch.equal(network.head.last.bias, torch.zeros_like(network.head.last.bias))
