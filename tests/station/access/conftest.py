"""A database with nobody in it, and a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

import station.access.tables  # noqa: F401  the people's tables are made with the others
from station.access import passwords
from station.access.access import Access
from station.access.values import Person, Role
from station.store.engine import open_engine, sqlite_url
from tests.station.messages import START, HandClock

SENTENCE = "a sentence is easy to remember"
NURSE = Person(id="nurse-7", name="Nurse Seven", role=Role.NURSE)
ADMIN = Person(id="admin", name="Administrator", role=Role.ADMIN)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose, which ``test_passwords`` holds; the others test what is around."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody has this password"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(sqlite_url(tmp_path))
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def access(engine: Engine, clock: HandClock) -> Access:
    """Nobody is there yet."""
    return Access(engine, clock, session_hours=12)


@pytest.fixture
def staffed(access: Access) -> Access:
    """A nurse and an administrator are there."""
    for person in (NURSE, ADMIN):
        access.people.add(person, SENTENCE, by="test", at=START)
    return access
