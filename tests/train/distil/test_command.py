"""``painwatch train distil``."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pain.errors import ConfigError
from tests.train.protocol.toy import Toy
from train.cli import app
from train.distil.checkpoint import load_student

runner = CliRunner()

CONFIG = """
name: tiny
student: {backbone: landmarks, weights: random, hidden: [8]}
learning: {epochs: 2, batch_size: 32}
validation: 0.2
"""


def command(config: Path, made: Toy, out: Path, *more: str) -> list[str]:
    return ["distil", str(config), *made.places, "--out", str(out), *more]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_a_student_and_its_figures_come_out(
    config: Path, landmark_set: Toy, other_people: Toy, tmp_path: Path
):
    out = tmp_path / "student"
    said = runner.invoke(app, command(config, landmark_set, out, "--test", str(other_people.data)))
    assert said.exit_code == 0, said.output
    assert "level MAE" in said.output
    assert "48 synthetic faces of 6 people" in said.output.replace("\n", " ")
    assert "AUROC others" in said.output
    student = load_student(out)
    assert student.training.command.startswith(
        "painwatch train distil configs/distil/tiny.yaml --data data"
    )
    assert str(tmp_path) not in student.training.command


def test_a_device_that_is_not_there_is_told(config: Path, landmark_set: Toy, tmp_path: Path):
    said = runner.invoke(app, command(config, landmark_set, tmp_path, "--device", "cuda:77"))
    assert isinstance(said.exception, ConfigError)
    assert said.exception.key == "--device"
