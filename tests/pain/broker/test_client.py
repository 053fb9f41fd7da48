"""The client that the configuration makes."""

from __future__ import annotations

import ssl
import traceback
from pathlib import Path

import pytest
from paho.mqtt.client import MQTTv5, MQTTv311
from pydantic import ValidationError

from pain.broker.client import build_client, versions
from pain.errors import ConfigError
from pain.settings import credentials
from pain.settings.broker import BrokerConfig


@pytest.mark.parametrize(("protocol", "expected"), [("5", MQTTv5), ("3.1.1", MQTTv311)])
def test_the_protocol_is_the_configured_one(protocol: str, expected: int) -> None:
    config = BrokerConfig.model_validate({"host": "localhost", "protocol": protocol})
    assert build_client(config, "box").protocol == expected


def test_auto_tries_5_first() -> None:
    config = BrokerConfig(host="localhost")
    assert versions(config) == ("5", "3.1.1")
    assert build_client(config, "box").protocol == MQTTv5
    assert build_client(config, "box", version="3.1.1").protocol == MQTTv311


def test_tls_is_the_default_and_never_older_than_1_2(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts: list[ssl.SSLContext] = []
    monkeypatch.setattr(
        "paho.mqtt.client.Client.tls_set_context",
        lambda _client, context: contexts.append(context),
    )
    build_client(BrokerConfig(host="localhost"), "box")
    (context,) = contexts
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    build_client(BrokerConfig(host="localhost", plaintext=True), "box")
    assert len(contexts) == 1


def test_only_the_line_ending_of_a_password_file_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(" two words \n")
    config = BrokerConfig(host="localhost", username="box", password_file=file)
    read = build_client(config, "box").password
    assert read == " two words "


def test_a_password_file_that_is_not_text_is_an_error_of_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xff\xfe")
    config = BrokerConfig(host="localhost", username="box", password_file=file)
    with pytest.raises(ConfigError, match="password_file") as error:
        build_client(config, "box")
    assert error.value.exit_code == 2


def test_a_password_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    config = BrokerConfig.model_validate(
        {"host": "localhost", "username": "box", "password_env": "BOX_PASSWORD"}
    )
    with pytest.raises(ConfigError, match=r"mqtt\.password_env = 'BOX_PASSWORD'"):
        build_client(config, "box")
    monkeypatch.setenv("BOX_PASSWORD", "two words")
    read = build_client(config, "box").password
    assert read == "two words"


def test_a_password_may_be_a_systemd_credential(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = BrokerConfig.model_validate(
        {"host": "localhost", "username": "box", "password_credential": "mqtt-password"}
    )
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(credentials, "CREDENTIALS", tmp_path / "etc")
    with pytest.raises(ConfigError, match="run the command as root") as error:
        build_client(config, "box")
    assert "LoadCredential=mqtt-password:FILE" in str(error.value)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError, match=r"mqtt\.password_credential = 'mqtt-password'"):
        build_client(config, "box")
    (tmp_path / "mqtt-password").write_text("secret\n")
    read = build_client(config, "box").password
    assert read == "secret"


def test_by_hand_a_credential_is_read_where_the_units_take_it_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So doctor, watch and forget work for root, with the service's own config."""
    config = BrokerConfig.model_validate(
        {"host": "localhost", "username": "box", "password_credential": "mqtt-password"}
    )
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(credentials, "CREDENTIALS", tmp_path)
    (tmp_path / "mqtt-password").write_text("secret\n")
    assert build_client(config, "box").password == "secret"  # noqa: S105  made up


def test_a_password_that_cannot_be_read_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"half-a-secret\xff")
    config = BrokerConfig(host="localhost", username="box", password_file=file)
    with pytest.raises(ConfigError) as error:
        build_client(config, "box")
    assert "half" not in "".join(traceback.format_exception(error.value))


def test_one_place_for_the_password_is_enough(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="one of password_file and password_env"):
        BrokerConfig.model_validate(
            {"host": "localhost", "password_file": tmp_path / "a", "password_env": "B"}
        )
