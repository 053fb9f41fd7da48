"""``painwatch station users`` as an administrator meets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import Engine, insert, select
from typer.testing import CliRunner

from pain.errors import UsageError
from station.access.passwords import matches
from station.access.tables import SessionRow, UserRow
from station.cli import app
from station.store.engine import open_engine, sqlite_url
from station.store.tables import AuditRow

GOOD = "a sentence is easy"
OTHER = "another sentence!"

Users = Callable[..., Result]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "state").mkdir()
    opened = open_engine(sqlite_url(tmp_path / "state"))
    yield opened
    opened.dispose()


@pytest.fixture
def users(tmp_path: Path, engine: Engine) -> Users:
    config = tmp_path / "station.yaml"
    config.write_text(
        "site: elm-court\nstation: ward-2\nmqtt: {host: 127.0.0.1, plaintext: true}\n"
        "storage: {folder: state}\n"
    )

    def run(*arguments: str, password: str | None = None) -> Result:
        given = () if password is None else ("--password-stdin",)
        text = None if password is None else f"{password}\n"
        return CliRunner().invoke(app, ["users", *arguments, "-c", str(config), *given], input=text)

    return run


@pytest.fixture
def ann(users: Users) -> str:
    assert users("add", "ann", "--name", "Ann", "--role", "admin", password=GOOD).exit_code == 0
    return "ann"


def refused(result: Result) -> str:
    assert isinstance(result.exception, UsageError), result.exception
    assert result.exception.exit_code == 2
    return str(result.exception)


def person(engine: Engine, person_id: str) -> UserRow | None:
    with engine.connect() as connection:
        query = select(UserRow.__table__).where(UserRow.id == person_id)
        return connection.execute(query).one_or_none()


def log_in(engine: Engine, person_id: str) -> None:
    with engine.begin() as connection:
        until = datetime.now(UTC) + timedelta(hours=1)
        connection.execute(
            insert(SessionRow).values(token_sha256="0" * 64, user=person_id, expires_at=until)
        )


def sessions(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(SessionRow.user)))


def test_somebody_who_was_added_is_listed_with_the_role_and_without_the_password(
    users, ann, engine
):
    assert users("add", "bob", "--name", "Bob [b]", password=OTHER).exit_code == 0
    listed = users("list")
    assert listed.exit_code == 0
    assert [word in listed.output for word in ("ann", "admin", "Bob [b]", "nurse")] == [True] * 4
    assert "argon2" not in listed.output
    assert matches(OTHER, person(engine, "bob").password)


def test_changes_stand_in_the_audit_with_who_made_them(users, ann, engine):
    users("add", "bob", "--name", "Bob", password=OTHER)
    users("role", "bob", "viewer")
    users("remove", "bob")
    with engine.connect() as connection:
        lines = connection.execute(select(AuditRow.action, AuditRow.person, AuditRow.detail)).all()
    assert [(line.action, json.loads(line.detail)["user"]) for line in lines] == [
        ("user_added", "ann"),
        ("user_added", "bob"),
        ("user_role", "bob"),
        ("user_removed", "bob"),
    ]
    assert all(line.person.startswith("cli:") for line in lines)


def test_a_new_password_replaces_the_old_one_and_ends_the_sessions(users, ann, engine):
    log_in(engine, "ann")
    assert users("password", "ann", password=OTHER).exit_code == 0
    kept = person(engine, "ann").password
    assert (matches(OTHER, kept), matches(GOOD, kept)) == (True, False)
    assert sessions(engine) == []


def test_another_role_ends_the_sessions(users, ann, engine):
    users("add", "bob", "--name", "Bob", password=OTHER)
    log_in(engine, "bob")
    assert users("role", "bob", "viewer").exit_code == 0
    assert person(engine, "bob").role == "viewer"
    assert sessions(engine) == []


def test_somebody_who_was_removed_is_gone_with_the_sessions(users, ann, engine):
    users("add", "bob", "--name", "Bob", password=OTHER)
    log_in(engine, "bob")
    assert users("remove", "bob").exit_code == 0
    assert person(engine, "bob") is None
    assert sessions(engine) == []


@pytest.mark.parametrize("arguments", [("remove", "ann"), ("role", "ann", "nurse")])
def test_the_last_administrator_stays_until_there_is_another(users, ann, engine, arguments):
    users("add", "bob", "--name", "Bob", password=OTHER)
    assert "last administrator" in refused(users(*arguments))
    assert person(engine, "ann").role == "admin"
    assert users("role", "bob", "admin").exit_code == 0
    assert users(*arguments).exit_code == 0


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (("add", "ann", "--name", "Ann"), GOOD, "already somebody"),
        (("add", "Bob", "--name", "Bob"), GOOD, "must be 1 to 32"),
        (("add", "bob", "--name", " "), GOOD, "1 to 64"),
        (("add", "bob", "--name", "Bob"), "short", "10 to 200"),
        (("add", "bob", "--name", "Bob"), None, "--password-stdin"),
        (("password", "ann"), "short", "10 to 200"),
        (("password", "bob"), GOOD, "nobody with the id 'bob'"),
        (("role", "bob", "nurse"), None, "nobody with the id 'bob'"),
        (("remove", "bob"), None, "nobody with the id 'bob'"),
    ],
)
def test_mistakes_are_told_and_change_nothing(users, engine, arguments, password, words):
    assert words in refused(users(*arguments, password=password))
    assert person(engine, "bob") is None
    assert matches(GOOD, person(engine, "ann").password)


def test_a_role_that_is_none_is_a_mistake(users, ann):
    assert users("role", "ann", "queen").exit_code == 2
