"""Where the database is, and what ends the station before it begins."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pain.errors import ConfigError, StorageError
from station.config import StationConfig
from station.config.storage import StorageConfig
from station.run import run, storage_url
from station.store.engine import FILE_NAME


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("STATE_DIRECTORY", f"{folder}:{tmp_path / 'second'}")
    return folder


def test_without_a_word_the_database_is_in_systemds_folder(state):
    assert storage_url(StorageConfig()) == f"sqlite:///{state}/{FILE_NAME}"
    assert state.is_dir()
    assert state.stat().st_mode & 0o777 == 0o700, "it tells of residents"


def test_without_systemd_it_is_in_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert storage_url(StorageConfig()) == f"sqlite:///{tmp_path}/painwatch/{FILE_NAME}"


def test_a_folder_of_its_own_goes_first(state, tmp_path):
    url = storage_url(StorageConfig(folder=tmp_path / "own"))
    assert url == f"sqlite:///{tmp_path}/own/{FILE_NAME}"
    assert not state.exists()


def test_a_url_is_taken_as_it_is(state):
    url = "postgresql+psycopg://station:hunter22@db/painwatch"
    assert storage_url(StorageConfig.model_validate({"url": url})) == url
    assert not state.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"cannot be made .* storage\.folder"):
        storage_url(StorageConfig(folder=tmp_path / "file" / "state"))


def test_a_password_that_cannot_be_read_ends_it_and_closes_the_database(tmp_path):
    config = StationConfig.model_validate(
        {
            "site": "elm-court",
            "station": "ward-2",
            "mqtt": {
                "host": "localhost",
                "username": "ward-2",
                "password_file": tmp_path / "absent",
            },
            "storage": {"folder": tmp_path},
        }
    )
    with pytest.raises(ConfigError, match="password cannot be read"):
        asyncio.run(run(config, None))
