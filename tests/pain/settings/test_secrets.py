from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from pain.settings import Section
from pain.settings.broker import BrokerConfig
from pain.settings.secrets import secrets_in


class Camera(Section):
    uri: str = Field(description="Where.")


class Whole(Section):
    mqtt: BrokerConfig = Field(description="Broker.")
    cameras: tuple[Camera, ...] = Field(default=(), description="Cameras.")
    url: SecretStr | None = Field(default=None, description="Database.")


def broker(key: str, value: str) -> BrokerConfig:
    return BrokerConfig.model_validate({"host": "h", "username": "u", key: value})


def test_passwords_in_addresses_and_of_the_broker_are_found():
    whole = Whole(
        mqtt=broker("password", "from-yaml"),
        cameras=(Camera(uri="rtsp://cam:p%40ss1@10.0.0.1/x?token=abcd"), Camera(uri="/dev/video0")),
        url=SecretStr("postgresql://station:db-pass@host/painwatch"),
    )
    found = secrets_in(whole)
    assert {"from-yaml", "p%40ss1", "p@ss1", "token=abcd", "db-pass"} <= found


def test_passwords_in_files_variables_and_credentials_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("from-file\n")
    (tmp_path / "credential").write_text("from-credential\n")
    monkeypatch.setenv("BROKER_PASSWORD", "from-variable")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    sources = {
        "password_file": (str(tmp_path / "file"), "from-file"),
        "password_env": ("BROKER_PASSWORD", "from-variable"),
        "password_credential": ("credential", "from-credential"),
    }
    for key, (value, secret) in sources.items():
        assert secrets_in(Whole(mqtt=broker(key, value))) == {secret}


def test_a_password_that_cannot_be_read_is_nobodys_secret_yet():
    assert secrets_in(Whole(mqtt=broker("password_file", "/absent"))) == frozenset()


def test_a_short_password_does_not_blot_out_words():
    assert secrets_in(Whole(mqtt=broker("password", "a"))) == frozenset()
