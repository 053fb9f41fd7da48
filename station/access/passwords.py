"""Passwords as Argon2id hashes."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from station.access.values import LEAST_PASSWORD, MOST_PASSWORD

_HASHER: Final = PasswordHasher()
"""The library's defaults are the second choice of RFC 9106, section 4."""

_NOBODY: Final = _HASHER.hash("nobody has this password")


def check_rule(password: str) -> None:
    """Ask for length alone.

    Raises:
        ValueError: it is too short or too long.
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise ValueError(
            f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters; a sentence is easy to "
            "remember"
        )


def hashed(password: str) -> str:
    """Hash a password with a new salt."""
    return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Compare; takes as long for a person who does not exist (``kept`` is None)."""
    try:
        _HASHER.verify(_NOBODY if kept is None else kept, password[:MOST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)
