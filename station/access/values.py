"""People, their roles, and what becomes of a log-in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person may do; each may do what the one before it may.

    VIEWER: look. NURSE: acknowledge, pause, write notes, judge alarms. ADMIN: also measure and
    delete what concerns a resident's face (neutral and enrolment).
    """

    VIEWER = "viewer"
    NURSE = "nurse"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        """Whether this role includes another."""
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER: Final = (Role.VIEWER, Role.NURSE, Role.ADMIN)

PERSON_PATTERN: Final = r"[a-z0-9][a-z0-9._-]{0,31}"
"""Ids go into MQTT commands, alarms and records: short, lower case, no spaces."""

LEAST_PASSWORD: Final = 10
MOST_PASSWORD: Final = 200
"""Length alone is asked for, as NIST SP 800-63B advises; the upper end bounds the hashing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may log in.

    Attributes:
        id: short name; what alarms and records show.
        name: name for people.
        role: what the person may do.
    """

    id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A session has begun.

    Attributes:
        token: the secret that stands for it; kept by the browser alone.
        person: whose it is.
    """

    token: str
    person: Person


class Refusal(StrEnum):
    """Why nobody was let in."""

    WRONG = "wrong"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused:
    """Nobody was let in.

    Attributes:
        why: wrong name or password (which of them is not said), or too many tries.
        wait_s: how long to wait after too many, seconds; 0 otherwise.
    """

    why: Refusal
    wait_s: float = 0.0
