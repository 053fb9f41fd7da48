from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.train.protocol.conftest import experiment
from train.protocol.curves import open_curves
from train.protocol.learner import Epoch

EPOCH = Epoch(number=1, train_loss=1.0, validation_loss=2.0, learning_rate=0.1)


def write(folder: Path, **changes: object) -> None:
    with open_curves(experiment(**changes), folder, wanted=True) as curves:
        assert curves is not None
        curves.epoch("fold-0", EPOCH)


def test_without_its_variables_wandb_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in list(os.environ):
        if name.startswith("WANDB_"):
            monkeypatch.delenv(name)
    # None there makes the import fail.
    monkeypatch.setitem(sys.modules, "wandb", None)
    write(tmp_path)
    assert list((tmp_path / "tensorboard").glob("events.*"))
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    with pytest.raises(ImportError):
        write(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("variables", [{"WANDB_MODE": "offline"}, {"WANDB_PROJECT": "mine"}])
def test_wandb_writes_locally_when_it_is_offline_or_has_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
):
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_CONSOLE", "off")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write(tmp_path)
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
    assert list((tmp_path / "tensorboard").glob("events.*"))


def test_the_folder_of_curves_can_be_elsewhere(tmp_path: Path):
    write(tmp_path / "run", logging={"tensorboard": str(tmp_path / "board")})
    assert list((tmp_path / "board" / "toy").glob("events.*"))
    assert not (tmp_path / "run" / "tensorboard").exists()


def test_other_devices_write_nothing(tmp_path: Path):
    with open_curves(experiment(), tmp_path, wanted=False) as curves:
        assert curves is None
    assert not list(tmp_path.iterdir())
