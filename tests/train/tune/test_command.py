"""The search, by one process and by two that share a storage."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from typer.testing import CliRunner

from pain.errors import ConfigError
from tests.train.protocol.toy import Toy, toy
from train.cli import app
from train.experiment import load_experiment
from train.tune import study
from train.tune.space import suggest

TINY = """
task: {task}
backbone: {{name: landmarks}}
optimiser: {{epochs: 2}}
split: {{folds: 2}}
engine: {{accelerator: cpu, threads: 1}}
"""


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("toy"), people=8, per_person=4)


def command(folder: Path, faces: Toy, *, task: str = "ordinal", trials: int = 3) -> list[str]:
    path = folder / "tiny.yaml"
    path.write_text(TINY.format(task=task), encoding="utf-8")
    storage = f"sqlite:///{folder / 'study.db'}"
    return ["tune", str(path), *faces.places, "--trials", str(trials), "--storage", storage]


def trials_in(folder: Path) -> list[optuna.trial.FrozenTrial]:
    storage = f"sqlite:///{folder / 'study.db'}"
    return optuna.load_study(study_name="tiny", storage=storage).trials


@pytest.mark.parametrize("task", ["ordinal", "regression", "binary"])
def test_the_best_trial_becomes_an_experiment(tmp_path: Path, faces: Toy, task: str):
    arguments = command(tmp_path, faces, task=task)
    best = tmp_path / "best.yaml"
    result = CliRunner().invoke(app, [*arguments, "--seed", "1", "--out", str(best)])
    assert result.exit_code == 0, result.output
    found = re.search(r"best of 3 trials: ([0-9.]+)", result.output)
    assert found is not None
    done = [trial for trial in trials_in(tmp_path) if trial.value is not None]
    values = [trial.value for trial in done if trial.value is not None]
    assert float(found[1]) == pytest.approx(
        max(values) if task == "binary" else min(values), abs=1e-3
    )
    tuned = load_experiment(best)
    assert tuned.name == "tiny-tuned"
    assert tuned.optimiser.lr in {trial.params["lr"] for trial in done}


def test_a_search_goes_on_where_it_stopped(tmp_path: Path, faces: Toy):
    for trials in (1, 2, 2):
        result = CliRunner().invoke(app, command(tmp_path, faces, trials=trials))
        assert result.exit_code == 0, result.output
        assert len(trials_in(tmp_path)) == trials


@pytest.mark.parametrize("at", ["train_network", "suggest"])
def test_ctrl_c_loses_the_trial_at_hand_and_says_so_without_a_traceback(
    tmp_path: Path,
    faces: Toy,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    at: str,
):
    arguments = command(tmp_path, faces)
    assert CliRunner().invoke(app, [*arguments[:-3], "1", *arguments[-2:]]).exit_code == 0
    usual = getattr(study, at)

    def interrupted(*given: object, **named: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return usual(*given, **named)

    monkeypatch.setattr(study, at, interrupted)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 130
    said = result.output + "".join(capfd.readouterr())
    assert "Traceback" not in said
    assert "2 trials are kept in" in said
    assert [trial.state.name for trial in trials_in(tmp_path)] == ["COMPLETE", "FAIL"]
    monkeypatch.undo()
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert len(trials_in(tmp_path)) == 3


def test_a_trial_that_cannot_be_run_is_told_and_counted(
    tmp_path: Path, faces: Toy, monkeypatch: pytest.MonkeyPatch
):
    assert CliRunner().invoke(app, command(tmp_path, faces, trials=1)).exit_code == 0

    def refuse(*given: object, **named: object) -> object:
        raise ConfigError("no such network")

    monkeypatch.setattr(study, "train_network", refuse)
    result = CliRunner().invoke(app, command(tmp_path, faces, trials=2))
    assert result.exit_code == 0
    assert "trial 1 failed: no such network" in result.output
    assert len(trials_in(tmp_path)) == 2


@pytest.mark.slow
def test_two_processes_share_one_study(tmp_path: Path, faces: Toy):
    arguments = command(tmp_path, faces, trials=6)
    # Made first, so that both find the tables there.
    optuna.create_study(storage=arguments[-1], study_name="tiny", direction="minimize")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "painwatch", "train", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=240)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    trials = trials_in(tmp_path)
    # A trial that the other had begun when the last was counted is finished too.
    assert 6 <= len(trials) <= 7
    assert len({trial.params["lr"] for trial in trials}) == len(trials)


@pytest.mark.parametrize("storage", ["nonsense", "sqlite:////nowhere/at/all.db"])
def test_a_storage_that_cannot_be_opened_is_told(tmp_path: Path, faces: Toy, storage: str):
    arguments = command(tmp_path, faces)[:-1]
    result = CliRunner().invoke(app, [*arguments, storage])
    assert isinstance(result.exception, ConfigError)
    assert "sqlite:///tune.db" in str(result.exception)


def test_a_study_of_another_task_is_refused(tmp_path: Path, faces: Toy):
    assert CliRunner().invoke(app, command(tmp_path, faces, trials=1)).exit_code == 0
    result = CliRunner().invoke(app, command(tmp_path, faces, task="binary"))
    assert isinstance(result.exception, ConfigError)
    assert "another task" in str(result.exception)


def test_smote_is_searched_only_where_features_rest(tmp_path: Path):
    path = tmp_path / "all.yaml"
    path.write_text("task: ordinal\nbackbone: {name: facenet, train: all}\n", encoding="utf-8")
    moving = load_experiment(path)
    params = {"lr": 1e-3, "weight_decay": 1e-4, "hidden": "64-32", "dropout": 0.1, "loss": "focal"}
    tried = suggest(moving, optuna.trial.FixedTrial(params))
    assert (tried.head.hidden, tried.loss.name, tried.smote.enabled) == ((64, 32), "focal", False)
