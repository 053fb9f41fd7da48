"""Keep camera passwords out of everything that people or logs get to see."""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import unquote, urlsplit

REDACTED: Final = "***"

SHORTEST_SECRET: Final = 4
"""A shorter password is hidden inside its URL only; alone it would blot out ordinary words."""


def secrets_of(uri: str) -> tuple[str, ...]:
    """Parts of a source URI that must never be shown, longest first.

    Args:
        uri: the source as configured; may be malformed.

    Returns:
        User information, password and query in their written and decoded forms; empty for a
        path.
    """
    if "://" not in uri:
        return ()
    rest = uri.split("://", 1)[1]
    # The last '@', so that a password with an unescaped one is hidden whole.
    userinfo, _, after = rest.rpartition("@")
    found = {userinfo, unquote(userinfo)}
    password = userinfo.partition(":")[2]
    found |= {secret for secret in (password, unquote(password)) if len(secret) >= SHORTEST_SECRET}
    found |= _parameters(after)
    return tuple(sorted((secret for secret in found if secret), key=len, reverse=True))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """Replace every secret in a text, longest first."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a log record, tracebacks included, without the given secrets."""

    def __init__(self, *, fmt: str, secrets: tuple[str, ...]) -> None:
        super().__init__(fmt)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        return redact(super().format(record), self._secrets)


def _parameters(address: str) -> set[str]:
    """Whatever follows the host when it looks like parameters (``?user=…&password=…``)."""
    try:
        parts = urlsplit(f"//{address}")
    except ValueError:
        return {address}
    found = {parts.query} if parts.query else set()
    if "=" in parts.path:
        found.add(parts.path)
    return found
