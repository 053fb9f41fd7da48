from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.track.command import models_app
from edge.track.model_file import LANDMARKER_NAME, LANDMARKER_SHA256, MODELS_VARIABLE, cache_folder
from pain.errors import ModelFileError

runner = CliRunner()


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(MODELS_VARIABLE, raising=False)


def test_fetch_takes_a_given_copy_and_says_where_it_went(landmarker_path: Path) -> None:
    done = runner.invoke(models_app, ["fetch", "--from", str(landmarker_path)])
    assert done.exit_code == 0
    assert str(cache_folder() / LANDMARKER_NAME) in done.output
    assert LANDMARKER_SHA256 in runner.invoke(models_app, ["check"]).output


def test_fetch_leaves_a_good_copy_alone(landmarker_path: Path) -> None:
    cache_folder().mkdir(parents=True)
    shutil.copy(landmarker_path, cache_folder())
    before = (cache_folder() / LANDMARKER_NAME).stat()
    done = runner.invoke(models_app, ["fetch"])
    assert done.exit_code == 0
    assert "Already here" in done.output
    assert (cache_folder() / LANDMARKER_NAME).stat().st_ino == before.st_ino


def test_check_fails_when_there_is_no_model() -> None:
    done = runner.invoke(models_app, ["check"])
    assert isinstance(done.exception, ModelFileError)
    assert done.exception.exit_code == 2
