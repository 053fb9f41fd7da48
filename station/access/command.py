"""``painwatch station users``: who may log in at the board."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.access.values import Person, Role

if TYPE_CHECKING:
    from station.access.people import People

app = typer.Typer(
    name="users",
    help=(
        "Add, change and remove people who may log in at the board.\n\nviewer: looks. nurse: "
        "also acknowledges, pauses, writes notes and judges alarms. admin: also measures a "
        "resident's neutral face, and enrols the resident."
    ),
    no_args_is_help=True,
)

ConfigFile = Annotated[
    Path, typer.Option("--config", "-c", help="YAML file of the station whose database is meant.")
]
PersonId = Annotated[str, typer.Argument(help="Short name, as in alarms and records: a-z, 0-9.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@contextmanager
def _people(config: Path) -> Iterator[People]:
    from station.access.people import People
    from station.config.load import load_config
    from station.run import storage_url
    from station.store.engine import open_engine

    engine = open_engine(storage_url(load_config(config).storage))
    try:
        yield People(engine)
    finally:
        engine.dispose()


@app.command("list")
def show(config: ConfigFile) -> None:
    """Show everybody with their roles."""
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "name", "role")
    with _people(config) as people:
        for person in people.all():
            table.add_row(person.id, person.name, person.role.value)
    Console().print(table, markup=False)


@app.command()
def add(
    person: PersonId,
    config: ConfigFile,
    *,
    name: Annotated[str, typer.Option(help="Name for people.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.NURSE,
    password_stdin: FromStdin = False,
) -> None:
    """Add somebody; asks for the password."""
    with _people(config) as people:
        password = _password(from_stdin=password_stdin)
        added = Person(id=person, name=name, role=role)
        people.add(added, password, by=_who(), at=datetime.now(UTC))


@app.command()
def password(person: PersonId, config: ConfigFile, *, password_stdin: FromStdin = False) -> None:
    """Give somebody a new password and end their sessions."""
    with _people(config) as people:
        new = _password(from_stdin=password_stdin)
        people.set_password(person, new, by=_who(), at=datetime.now(UTC))


@app.command()
def role(person: PersonId, role: Annotated[Role, typer.Argument()], config: ConfigFile) -> None:
    """Give somebody another role and end their sessions."""
    with _people(config) as people:
        people.set_role(person, role, by=_who(), at=datetime.now(UTC))


@app.command()
def remove(person: PersonId, config: ConfigFile) -> None:
    """Remove somebody and end their sessions; what they did stays in the records."""
    with _people(config) as people:
        people.remove(person, by=_who(), at=datetime.now(UTC))


def _password(*, from_stdin: bool) -> str:
    """Never an argument: those stand in the process list and in the shell's history."""
    from pain.errors import UsageError

    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise UsageError("no terminal to ask for the password: use --password-stdin")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise UsageError("the two passwords differ")
    return first


def _who() -> str:
    """The administrator of the computer, for the audit."""
    return f"cli:{getpass.getuser()}"
