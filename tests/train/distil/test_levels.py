"""A student as the network of an experiment."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pain.bundle import Calibration
from tests.train.distil.conftest import plan
from tests.train.distil.test_checkpoint import CARD
from tests.train.explain.checkpoints import write_checkpoint
from train.distil.checkpoint import Student, save_student
from train.distil.levels import open_levels
from train.distil.network import Readable, build_student

PICTURES = {"backbone": "mobilenetv3_small", "weights": "random", "input_px": 64}


@pytest.mark.parametrize("section", [None, PICTURES], ids=["landmarks", "pictures"])
def test_it_says_of_levels_what_the_student_says(tmp_path: Path, section: dict[str, object] | None):
    asked = plan() if section is None else plan(student=section)
    module = Readable(build_student(asked.student, seed=4), temperature=1.7).eval()
    student = Student(
        name="toy",
        module=module,
        plan=asked,
        training=CARD,
        calibration=Calibration(temperature=1.7),
        metrics=(),
        libraries={},
        finished=True,
    )
    save_student(student, tmp_path)
    found = open_levels(tmp_path)
    inputs = (
        (torch.randn(5, 478, 3), torch.rand(5, 52))
        if section is None
        else (torch.randint(0, 256, (5, 256, 256, 3), dtype=torch.uint8),)
    )
    with torch.inference_mode():
        ours = module(*inputs)
        raw = found.network.decode(found.network(*inputs)).probabilities
    theirs = found.calibration.read(raw.double())
    torch.testing.assert_close(theirs.probabilities.float(), ours.probabilities)
    torch.testing.assert_close(theirs.level.float(), ours.level)
    assert not found.experiment.plumbing_only
    assert found.data["data"] == CARD.data


def test_a_network_of_an_experiment_is_opened_as_it_is(tmp_path: Path):
    found = open_levels(write_checkpoint(tmp_path, "landmarks"))
    assert found.experiment.name == "landmarks-trial"
