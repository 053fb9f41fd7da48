"""Every secret in a room's settings, so that logs can keep them out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from pain.errors import ConfigError
from pain.settings.broker import BrokerConfig
from pain.settings.credentials import password_of, secret_in
from pain.settings.redact import SHORTEST_SECRET, secrets_of
from pain.settings.section import Section

_URI = "uri"
_FILES = frozenset({"password_file", "bearer_file", "token_file"})


def secrets_in(section: Section) -> frozenset[str]:
    """Passwords, wherever the settings say that they are, and what camera addresses hide."""
    return frozenset(_found(section))


def _found(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value:
            yield from _found(item)
    if not isinstance(value, Section):
        return
    if isinstance(value, BrokerConfig):
        yield from _long(_password(value))
    for name in type(value).model_fields:
        inner = getattr(value, name)
        if isinstance(inner, SecretStr):
            yield from _long(inner.get_secret_value())
            yield from secrets_of(inner.get_secret_value())
        elif name in _FILES and isinstance(inner, Path):
            yield from _long(_written(inner))
        elif name == _URI and isinstance(inner, str):
            yield from secrets_of(inner)
        else:
            yield from _found(inner)


def _password(broker: BrokerConfig) -> str | None:
    try:
        return password_of(broker)
    except ConfigError:
        return None  # told when the connection is made


def _written(file: Path) -> str | None:
    try:
        return secret_in(file, key=file.name)
    except ConfigError:
        return None  # told when it is used


def _long(secret: str | None) -> Iterator[str]:
    # A shorter one would blot out ordinary words of every line.
    if secret is not None and len(secret) >= SHORTEST_SECRET:
        yield secret
