"""The commands, from a data set to figures."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pain.errors import ConfigError, DataError
from tests.train.protocol.toy import Toy
from train.cli import app
from train.metrics import Predictions, Split
from train.protocol.checkpoint import load_checkpoint

runner = CliRunner()

FAST = """
optimiser: {epochs: 5, lr: 0.003}
split: {folds: 3}
engine: {accelerator: cpu, threads: 1}
"""


def config(folder: Path, *, task: str = "ordinal", more: str = "", name: str = "toy") -> Path:
    path = folder / f"{name}.yaml"
    text = f"task: {task}\nbackbone: {{name: landmarks}}\n{FAST}{more}"
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> str:
    result = runner.invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None:
        raise result.exception
    return result.output


def history(run_folder: Path) -> list[dict[str, str]]:
    text = (run_folder / "history.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_crossval_leaves_everything_that_a_report_needs(tmp_path: Path, landmark_toy: Toy):
    configs = [
        config(tmp_path, more="smote: {enabled: true}"),
        config(tmp_path, task="binary", name="two"),
    ]
    said = run("crossval", *configs, *landmark_toy.places, "--out", tmp_path / "runs")
    assert "120 faces, 15" in said
    for name, classes in (("toy", 7), ("two", 2)):
        folder = tmp_path / "runs" / name
        predictions = Predictions.read(folder / "predictions.parquet")
        assert len(predictions) == 120
        assert predictions.probabilities.shape[1] == classes
        assert predictions.split is Split.SUBJECT
        assert predictions.origin == "synthetic"
        assert np.isfinite(predictions.height_px).all()
        assert np.corrcoef(predictions.predicted, predictions.truth)[0, 1] > 0.6
        rows = history(folder)
        assert {row["fold"] for row in rows} == {"0", "1", "2"}
        assert list(rows[0]) == ["fold", "epoch", "train_loss", "validation_loss", "learning_rate"]
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        expected = {
            "name": name,
            "backbone": "landmarks",
            "split": "subject",
            "folds": 3,
            "weights": "official",
            "origin": "synthetic",
            "samples": 120,
            "people": 15,
            "plumbing_only": False,
            "finished": True,
        }
        assert expected.items() <= record.items()
        assert record["peak_memory_mb"] > 50
        assert record["duration_s"] > 0
        assert list((folder / "tensorboard").glob("events.*"))
        for fold in range(3):
            kept = load_checkpoint(folder / f"fold-{fold}" / "checkpoint")
            assert kept.finished
            assert kept.data["people"] == 15
    assert (tmp_path / "runs" / "two" / "config.yaml").exists()


def test_same_config_same_numbers(tmp_path: Path, landmark_toy: Toy):
    path = config(tmp_path, more="smote: {enabled: true}\nhead: {dropout: 0.2}")
    for name in ("a", "b"):
        run("crossval", path, *landmark_toy.places, "--out", tmp_path / name)
    one, two = (
        Predictions.read(tmp_path / name / "toy" / "predictions.parquet") for name in ("a", "b")
    )
    np.testing.assert_array_equal(one.probabilities, two.probabilities)
    np.testing.assert_array_equal(one.predicted, two.predicted)
    assert (tmp_path / "a/toy/history.csv").read_bytes() == (
        tmp_path / "b/toy/history.csv"
    ).read_bytes()


def test_finished_folds_are_not_done_again(tmp_path: Path, landmark_toy: Toy):
    path = config(tmp_path)
    command = ("crossval", path, *landmark_toy.places, "--out", tmp_path / "runs")
    run(*command)
    folder = tmp_path / "runs" / "toy"
    before = Predictions.read(folder / "predictions.parquet")
    kept = (folder / "fold-0" / "checkpoint" / "model.safetensors").stat().st_mtime_ns
    (folder / "fold-1" / "fold.json").unlink()
    (folder / "predictions.parquet").unlink()
    run(*command)
    assert (folder / "fold-0" / "checkpoint" / "model.safetensors").stat().st_mtime_ns == kept
    after = Predictions.read(folder / "predictions.parquet")
    np.testing.assert_array_equal(after.predicted, before.predicted)
    rows = history(folder)
    assert len({(row["fold"], row["epoch"]) for row in rows}) == len(rows)
    assert {row["fold"] for row in rows} == {"0", "1", "2"}


def test_a_folder_of_another_experiment_is_refused(tmp_path: Path, landmark_toy: Toy):
    path = config(tmp_path)
    command = ("crossval", path, *landmark_toy.places, "--out", tmp_path / "runs")
    run(*command)
    with pytest.raises(DataError, match="another experiment or of other data"):
        run(*command, "--set", "optimiser.lr=0.01")


def test_image_wise_figures_are_called_flattering_wherever_they_are(
    tmp_path: Path, landmark_toy: Toy
):
    path = config(tmp_path)
    result = runner.invoke(
        app,
        [
            *("crossval", str(path), *landmark_toy.places, "--out", str(tmp_path / "runs")),
            *("--set", "split.by=image"),
        ],
    )
    assert result.exit_code == 0, result.output
    assert "flatter" in result.stdout
    assert "flatter" in result.stderr
    folder = tmp_path / "runs" / "toy"
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["split"] == "image"
    assert Predictions.read(folder / "predictions.parquet").split is Split.IMAGE


def test_fit_makes_one_checkpoint(tmp_path: Path, landmark_toy: Toy):
    path = config(tmp_path)
    said = run("fit", path, *landmark_toy.places, "--out", tmp_path / "fitted")
    assert "checkpoint:" in said
    kept = load_checkpoint(tmp_path / "fitted" / "checkpoint")
    assert kept.finished
    assert kept.calibration.thresholds is not None
    assert kept.metrics["validation_loss"] == pytest.approx(
        min(float(row["validation_loss"]) for row in history(tmp_path / "fitted")), rel=1e-4
    )


def test_features_ahead_are_used_by_training(tmp_path: Path, picture_toy: Toy):
    path = tmp_path / "net.yaml"
    text = f"task: ordinal\nbackbone: {{name: mobilenetv3_small, weights: random}}\n{FAST}"
    path.write_text(text, encoding="utf-8")
    # Features that another test left in the shared cache would not be computed here.
    cache = shutil.copytree(picture_toy.cache, tmp_path / "cache")
    shutil.rmtree(cache / "features", ignore_errors=True)
    places = ["--data", str(picture_toy.data), "--cache", str(cache)]
    said = run("features", path, config(tmp_path), *places)
    assert "net: 24 faces, 576 features each, 48 vectors computed now" in said
    assert "toy: nothing to compute ahead" in said
    assert "net: 24 faces, 576 features each, 0 vectors" in run("features", path, *places)
    said = run("crossval", path, *places, "--out", tmp_path / "runs")
    assert "plumbing only" in " ".join(said.split())
    folds = [tmp_path / "runs" / "net" / f"fold-{k}" / "checkpoint" for k in range(3)]
    shared = [folder / "backbone.safetensors" for folder in folds]
    assert shared[0].samefile(shared[1])
    assert shared[0].samefile(shared[2])
    record = json.loads((tmp_path / "runs/net/run.json").read_text(encoding="utf-8"))
    assert record["plumbing_only"]


@pytest.mark.slow
def test_two_devices_are_one_line(tmp_path: Path, landmark_toy: Toy):
    command = ["train", "crossval", str(config(tmp_path)), *landmark_toy.places]
    changes = ["--set", "engine.devices=2", "--set", "split.folds=2"]
    done = subprocess.run(
        [sys.executable, "-m", "painwatch", *command, *changes, "--out", str(tmp_path / "runs")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "MEMBER: 2/2" in done.stderr
    assert len(Predictions.read(tmp_path / "runs" / "toy" / "predictions.parquet")) == 120
    rows = history(tmp_path / "runs" / "toy")
    assert len({(row["fold"], row["epoch"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "optimizer.lr=1"], "did you mean 'optimiser'"),
        (["--data", "/nowhere"], "/nowhere does not exist"),
    ],
)
def test_bad_input_ends_with_a_sentence(
    tmp_path: Path, landmark_toy: Toy, arguments: list[str], says: str
):
    path = config(tmp_path)
    with pytest.raises((ConfigError, DataError), match=says):
        run("fit", path, *landmark_toy.places, "--out", tmp_path / "out", *arguments)


def test_data_and_cache_must_be_said(tmp_path: Path):
    with pytest.raises(DataError, match="--data and --cache"):
        run("fit", config(tmp_path), "--out", tmp_path / "out")


def test_two_experiments_of_one_name_are_refused(tmp_path: Path):
    (tmp_path / "other").mkdir()
    paths = config(tmp_path), config(tmp_path / "other")
    with pytest.raises(ConfigError, match="two experiments have this name"):
        run("crossval", *paths, "--out", tmp_path / "runs")


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_weights_and_the_run_goes_on_afterwards(
    tmp_path: Path, landmark_toy: Toy
):
    path = config(tmp_path, more="head: {hidden: [512, 512]}")
    command = ["train", "crossval", str(path), *landmark_toy.places, "--out", str(tmp_path / "r")]
    patient = ["--set", "optimiser.patience=100", "--set", "optimiser.epochs=100"]
    patient += ["--set", "split.folds=2"]
    folder = tmp_path / "r" / "toy"
    process = subprocess.Popen(
        [sys.executable, "-m", "painwatch", *command, *patient],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    wait_for_line(folder / "history.csv", process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "stopped; the weights of epoch" in said
    kept = load_checkpoint(folder / "fold-0" / "checkpoint")
    assert not kept.finished
    assert not (folder / "fold-0" / "fold.json").exists()
    assert not (folder / "predictions.parquet").exists()

    run(*command[1:], *patient)
    assert load_checkpoint(folder / "fold-0" / "checkpoint").finished
    assert len(Predictions.read(folder / "predictions.parquet")) == 120
    rows = history(folder)
    assert len({(row["fold"], row["epoch"]) for row in rows}) == len(rows) == 200


def wait_for_line(path: Path, process: subprocess.Popen[str]) -> None:
    """Return as soon as the file has a row below its head; between looks the core is the run's."""
    while not (path.exists() and path.read_text(encoding="utf-8").count("\n") > 1):
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.02)
            raise AssertionError(process.communicate()[1])


def test_help_loads_no_torch():
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom train.cli import app\n"
        "result = CliRunner().invoke(app, ['crossval', '--help'])\n"
        "assert result.exit_code == 0\n"
        "print([name for name in ('torch', 'optuna') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "[]"
