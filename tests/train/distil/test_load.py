"""A distillation's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pain.errors import ConfigError
from train.distil.load import load_distillation

GOOD = "name: s\nstudent: {backbone: mobilenetv3_small, weights: random}\n"
SHIPPED = sorted(Path("configs/distil").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_is_sound(path: Path):
    assert load_distillation(path).name == path.stem


def test_there_are_shipped_files():
    assert {"mobilenetv3s", "landmarks"} <= {path.stem for path in SHIPPED}


def test_paths_start_at_the_file_and_the_command_line_comes_first(tmp_path: Path):
    path = tmp_path / "s.yaml"
    path.write_text(GOOD.replace("random", "w.pth") + "teachers: [big]\n", encoding="utf-8")
    plan = load_distillation(path)
    assert plan.teachers == (tmp_path / "big",)
    assert plan.student.weights == str(tmp_path / "w.pth")
    assert load_distillation(path, teachers=[Path("/other")]).teachers == (Path("/other"),)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name: s\nstudent: {backbone: mobilnet}\n", 2, "backbone"),
        (GOOD + "teachings: {soft: 1}\n", 3, "teaching"),
        (GOOD + "learning: {lr: fast}\n", 3, "number"),
        (GOOD + "truth: {level: -1}\n", 3, "greater"),
        ("name: s\nstudent: {backbone: dinov2_s14, input_px: 112}\n", 2, "one input size"),
        ("name: s\nstudent: {backbone: landmarks, hidden: [0]}\n", 2, "width"),
        ("name: S s\nstudent: {backbone: landmarks}\n", 1, "pattern"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str):
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as caught:
        load_distillation(path)
    assert caught.value.line == line
    assert caught.value.file == str(path)
