"""What a cross-validation prints is what its checkpoints ship, whatever the loss."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from export.cli import app
from export.faces import Faces, load_faces
from export.verify.scored import Shipped, hold_against_print
from pain.errors import AssetError, DataError
from tests.train.protocol.toy import Toy, toy
from train.cli import app as training
from train.metrics import Predictions
from train.objectives import objective_names
from train.objectives.task import Task

YAML = """
task: {task}
loss: {{name: {loss}}}
backbone: {{name: mobilenetv3_small, weights: random}}
head: {{hidden: [16]}}
optimiser: {{epochs: 6, lr: 0.003}}
split: {{folds: 2}}
engine: {{accelerator: cpu, threads: 1}}
"""
LOSSES = [
    (task, loss) for task in (Task.ORDINAL, Task.REGRESSION) for loss in objective_names(task)
]


def crossval(task: str, loss: str, faces: Toy, out: Path) -> Path:
    """A real cross-validation on pictures; its folder."""
    config = out / f"{task}-{loss}.yaml"
    config.write_text(YAML.format(task=task, loss=loss), encoding="utf-8")
    asked = ["crossval", str(config), *faces.places, "--out", str(out)]
    assert CliRunner().invoke(training, asked, catch_exceptions=False).exit_code == 0
    return out / config.stem


@pytest.fixture(scope="module")
def pictures(tracked: Toy) -> Faces:
    return load_faces(tracked.data, tracked.cache, limit=None, needs=("face",))


@pytest.mark.parametrize(("task", "loss"), LOSSES)
def test_a_graph_reads_from_raw_pictures_what_was_printed(
    tracked: Toy, pictures: Faces, tmp_path: Path, task: str, loss: str
) -> None:
    run = crossval(task, loss, tracked, tmp_path)
    found = hold_against_print(run, pictures)
    assert (found.task, found.loss, found.faces) == (task, loss, len(pictures))
    assert found.max_level < 1e-3
    assert found.max_probability < 1e-3
    assert found.shipped_mae == pytest.approx(found.printed_mae, abs=1e-3)
    printed = Predictions.read(run / "predictions.parquet")
    moved = abs(printed.predicted - printed.raw_level).max()
    assert moved > 0.02 if task is Task.ORDINAL else moved == 0.0


def test_the_command_writes_its_table_and_says_when_something_else_would_ship(
    tracked: Toy, tmp_path: Path
) -> None:
    run = crossval("ordinal", "ordinal", tracked, tmp_path)
    asked = ["scored", str(run), *tracked.places, "--out", str(tmp_path / "table.csv")]
    said = CliRunner().invoke(app, asked, catch_exceptions=False, env={"COLUMNS": "250"})
    assert said.exit_code == 0
    table = (tmp_path / "table.csv").read_text(encoding="utf-8")
    (row,) = csv.DictReader(io.StringIO(table))
    assert row["run"] == "ordinal-ordinal"
    assert row["printed_mae"] == row["shipped_mae"]
    described = run / "fold-1" / "checkpoint" / "checkpoint.json"
    other = json.loads(described.read_text(encoding="utf-8"))
    other["calibration"]["temperature"] *= 1.5
    described.write_text(json.dumps(other), encoding="utf-8")
    said = CliRunner().invoke(app, asked, catch_exceptions=False, env={"COLUMNS": "250"})
    assert said.exit_code == 1


def test_other_faces_than_those_of_the_run_are_told(tracked: Toy, tmp_path: Path) -> None:
    run = crossval("regression", "mae", tracked, tmp_path)
    fewer = toy(tmp_path / "fewer", people=2, per_person=4, crops=True)
    with pytest.raises(DataError, match=r"16 of which are not in .*the set and the cache"):
        hold_against_print(run, load_faces(fewer.data, fewer.cache, limit=None))


def test_a_run_of_the_binary_task_ships_nothing(tracked: Toy, pictures: Faces, tmp_path: Path):
    with pytest.raises(AssetError, match="binary task says nothing of levels"):
        hold_against_print(crossval("binary", "focal", tracked, tmp_path), pictures)


@pytest.mark.parametrize(
    ("level", "probability", "same"), [(1e-3, 1e-3, True), (1.1e-3, 0, False), (0, 2e-3, False)]
)
def test_level_and_probabilities_must_both_agree(level: float, probability: float, *, same: bool):
    found = Shipped(
        run="a",
        task="ordinal",
        loss="ordinal",
        faces=1,
        printed_mae=1.0,
        shipped_mae=1.0,
        printed_no_pain=0.0,
        shipped_no_pain=0.0,
        max_level=level,
        max_probability=probability,
    )
    assert found.is_what_was_scored is same
