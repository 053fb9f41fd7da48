"""A student on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from pain.bundle import Calibration, Metric, Training
from pain.errors import AssetError
from tests.train.distil.conftest import plan
from train.distil.checkpoint import Student, load_student, save_student
from train.distil.network import Readable, build_student
from train.track.tracked import UNITS

CARD = Training(
    data="d", data_licence="l", split_protocol="s", task="t", loss="o", backbone="b", command="c"
)


@pytest.fixture
def student() -> Student:
    asked = plan()
    network = build_student(asked.student, seed=3)
    return Student(
        name=asked.name,
        module=Readable(network, temperature=1.4).eval(),
        plan=asked,
        training=CARD,
        calibration=Calibration(temperature=1.4),
        metrics=(Metric(name="level_mae", value=1.0, on="toy"),),
        libraries={"torch": "x"},
        finished=True,
    )


def test_what_was_saved_is_what_is_loaded(student: Student, tmp_path: Path):
    save_student(student, tmp_path)
    loaded = load_student(tmp_path)
    inputs = (torch.randn(3, 478, 3), torch.rand(3, 52))
    with torch.inference_mode():
        for ours, theirs in zip(student.module(*inputs), loaded.module(*inputs), strict=True):
            torch.testing.assert_close(ours, theirs)
    assert (loaded.name, loaded.plan, loaded.training) == ("toy", student.plan, CARD)
    assert (loaded.metrics, loaded.calibration) == (student.metrics, student.calibration)
    assert loaded.inputs == ("landmarks", "blendshapes")
    assert loaded.units == UNITS


def test_a_changed_file_is_refused(student: Student, tmp_path: Path):
    save_student(student, tmp_path)
    weights = tmp_path / "student.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(AssetError, match="SHA-256 differs"):
        load_student(tmp_path)


@pytest.mark.parametrize("key", ["plan", "training", "calibration", "units", "sha256"])
def test_a_description_without_a_part_is_refused(student: Student, tmp_path: Path, key: str):
    save_student(student, tmp_path)
    path = tmp_path / "student.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    del described[key]
    path.write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(AssetError, match="train it again"):
        load_student(tmp_path)


def test_an_empty_folder_says_what_to_do(tmp_path: Path):
    with pytest.raises(AssetError, match="painwatch train distil"):
        load_student(tmp_path)
