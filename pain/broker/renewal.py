"""Whether the password or a certificate on the disk is another one than before."""

from __future__ import annotations

from pathlib import Path

from pain.settings.broker import BrokerConfig
from pain.settings.credentials import credential_file

Marks = tuple[tuple[str, int, int, int] | None, ...]
"""Path, inode, size and time of change of every file; None where it cannot be looked at."""


def marks(mqtt: BrokerConfig) -> Marks:
    """What tells the files that the settings name from others in their place."""
    return tuple(_mark(file) for file in _files(mqtt))


def _files(mqtt: BrokerConfig) -> list[Path]:
    tls = mqtt.tls
    named = [mqtt.password_file, tls.ca_file, tls.client_cert_file, tls.client_key_file]
    if mqtt.password_credential is not None:
        named.append(credential_file(mqtt.password_credential))
    return [file for file in named if file is not None]


def _mark(file: Path) -> tuple[str, int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return str(file), found.st_ino, found.st_size, found.st_mtime_ns
