"""The password for the broker, from wherever the settings say that it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pain.errors import ConfigError
from pain.settings.broker import BrokerConfig

CREDENTIALS: Final = Path("/etc/painwatch/credentials")
"""Where the shipped units have systemd take credentials from; root alone may read it."""


def password_of(mqtt: BrokerConfig) -> str | None:
    """The password for the broker, None without one.

    Raises:
        ConfigError: it cannot be read.
    """
    if mqtt.password is not None:
        return mqtt.password.get_secret_value()
    if mqtt.password_file is not None:
        return _read(mqtt.password_file, key="password_file", value=str(mqtt.password_file))
    if mqtt.password_credential is not None:
        return _credential(mqtt.password_credential)
    if mqtt.password_env is None:
        return None
    password = os.environ.get(mqtt.password_env)
    if password is None:
        raise ConfigError(
            "there is no such environment variable: set it where painwatch is started",
            key="mqtt.password_env",
            value=mqtt.password_env,
        )
    return password


def credential_file(name: str) -> Path:
    """Where a credential is: as systemd gave it to this service, else where units take it from.

    So a command that a person gives reads the same password as the service does.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return (CREDENTIALS if folder is None else Path(folder)) / name


def _credential(name: str) -> str:
    file = credential_file(name)
    if "CREDENTIALS_DIRECTORY" not in os.environ and not os.access(file, os.R_OK):
        raise ConfigError(
            f"$CREDENTIALS_DIRECTORY is not set and {file} cannot be read. By hand: run the "
            f"command as root, or as systemd-run --pty -p LoadCredential={name}:FILE; in a unit: "
            f"LoadCredential={name}:FILE; or use mqtt.password_file",
            key="mqtt.password_credential",
            value=name,
        )
    return _read(file, key="password_credential", value=name)


def secret_in(file: Path, *, key: str) -> str:
    """What a file holds, without the ends of its lines.

    Raises:
        ConfigError: it cannot be read.
    """
    return _text(file, key=key, value=str(file))


def _read(file: Path, *, key: str, value: str) -> str:
    return _text(file, key=f"mqtt.{key}", value=value)


def _text(file: Path, *, key: str, value: str) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the password cannot be read: {_plain(error)}", key=key, value=value
        ) from None
    return text.rstrip("\r\n")


def _plain(error: OSError | UnicodeDecodeError) -> str:
    # The words of a decoding error could show a part of the password.
    return "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
