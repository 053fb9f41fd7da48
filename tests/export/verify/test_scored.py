"""What a cross-validation prints is what its checkpoints ship, whatever the loss."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from torch import Tensor
from torch.nn import functional
from typer.testing import CliRunner

from export.cli import app
from export.faces import Faces, load_faces
from export.verify.scored import Shipped, hold_against_print
from pain.errors import AssetError, DataError
from tests.train.protocol.toy import Toy, toy
from train.backbones import BackboneName, make
from train.backbones.base import PictureBackbone
from train.cli import app as training
from train.experiment import load_experiment
from train.metrics import Predictions
from train.objectives import objective_names
from train.objectives.task import Task
from train.preprocess import Preprocess
from train.protocol.crossval import cross_validate
from train.protocol.engine import start_engine
from train.protocol.watcher import Watcher

YAML = """
task: {task}
loss: {{name: {loss}}}
backbone: {{name: {backbone}, weights: random}}
head: {{hidden: [16]}}
optimiser: {{epochs: 6, lr: 0.003}}
split: {{folds: 2}}
engine: {{accelerator: cpu, threads: 1}}
data: {{folder: {data}, cache: {cache}}}
"""
LOSSES = [
    (task, loss) for task in (Task.ORDINAL, Task.REGRESSION) for loss in objective_names(task)
]


class FourMeans(PictureBackbone):
    """Brightness of the four quarters: enough to learn the toy's levels by, and soon exported."""

    def __init__(self) -> None:
        super().__init__(name=BackboneName.MOBILENETV3_SMALL, width=4)
        self.preprocess = Preprocess(size_px=32)

    def features(self, prepared: Tensor, *_: Tensor) -> Tensor:
        return functional.avg_pool2d(prepared, 16).mean(dim=1).flatten(1)

    def load(self, state: Mapping[str, Tensor], *, path: Path) -> None:
        raise NotImplementedError


@pytest.fixture
def four_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands before the head is the same for all losses."""
    monkeypatch.setattr(make, "_network", lambda *_: FourMeans())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def written(out: Path, task: str, loss: str, faces: Toy, backbone: str) -> Path:
    config = out / f"{task}-{loss}.yaml"
    text = YAML.format(task=task, loss=loss, backbone=backbone, data=faces.data, cache=faces.cache)
    config.write_text(text, encoding="utf-8")
    return config


def crossval(task: str, loss: str, faces: Toy, out: Path) -> Path:
    """A real cross-validation on pictures; its folder. What is done is not done again."""
    experiment = load_experiment(written(out, task, loss, faces, "mobilenetv3_small"))
    run = out / str(experiment.name)
    cross_validate(experiment, run, fabric=start_engine(experiment.engine), watcher=Watcher())
    return run


@pytest.fixture(scope="module")
def pictures(tracked: Toy) -> Faces:
    return load_faces(tracked.data, tracked.cache, limit=None, needs=("face",))


@pytest.mark.usefixtures("four_means")
@pytest.mark.parametrize(("task", "loss"), LOSSES)
def test_a_graph_reads_from_raw_pictures_what_was_printed(
    tracked: Toy, pictures: Faces, runs: Path, task: str, loss: str
) -> None:
    run = crossval(task, loss, tracked, runs)
    found = hold_against_print(run, pictures)
    assert (found.task, found.loss, found.faces) == (task, loss, len(pictures))
    assert found.max_level < 1e-3
    assert found.max_probability < 1e-3
    assert found.shipped_mae == pytest.approx(found.printed_mae, abs=1e-3)
    printed = Predictions.read(run / "predictions.parquet")
    moved = abs(printed.predicted - printed.raw_level).max()
    assert moved > 0.02 if task is Task.ORDINAL else moved == 0.0


def test_the_command_holds_a_network_of_timm_and_says_when_something_else_would_ship(
    tracked: Toy, tmp_path: Path
) -> None:
    config = written(tmp_path, "ordinal", "ordinal", tracked, "timm:test_resnet")
    asked = ["crossval", str(config), "--out", str(tmp_path)]
    assert CliRunner().invoke(training, asked, catch_exceptions=False).exit_code == 0
    run = tmp_path / "ordinal-ordinal"
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


@pytest.mark.usefixtures("four_means")
def test_other_faces_than_those_of_the_run_are_told(
    tracked: Toy, runs: Path, tmp_path: Path
) -> None:
    run = crossval("regression", "mae", tracked, runs)
    fewer = toy(tmp_path / "fewer", people=2, per_person=4, crops=True)
    with pytest.raises(DataError, match=r"16 of which are not in .*the set and the cache"):
        hold_against_print(run, load_faces(fewer.data, fewer.cache, limit=None))


@pytest.mark.usefixtures("four_means")
def test_a_run_of_the_binary_task_ships_nothing(tracked: Toy, pictures: Faces, runs: Path) -> None:
    with pytest.raises(AssetError, match="binary task says nothing of levels"):
        hold_against_print(crossval("binary", "focal", tracked, runs), pictures)


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
