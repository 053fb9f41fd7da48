"""Opens the database: a SQLite file by default, anything that SQLAlchemy speaks by URL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from pain.errors import StorageError
from station.store.base import Base
from station.store.failures import reason

BUSY_S: Final = 5.0
"""How long a writer waits for another one before it says that the database is locked."""

_PATIENCE: Final = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=20000 -c lock_timeout=5000",
}
"""Of libpq: seconds, milliseconds, and milliseconds on the server."""

FILE_NAME: Final = "station.sqlite3"


def sqlite_url(folder: Path) -> str:
    """URL of the database in a folder."""
    return URL.create("sqlite", database=str(folder / FILE_NAME)).render_as_string()


def open_engine(url: str) -> Engine:
    """Open the database and make the tables that it lacks.

    SQLite runs with a write-ahead log, so that pages read while events are written, and with
    ``synchronous = FULL``: what was committed is on the disk.

    Args:
        url: SQLAlchemy URL, ``sqlite:////var/lib/painwatch/station.sqlite3`` for example.

    Returns:
        The engine; safe from any thread.

    Raises:
        StorageError: it cannot be opened, or another version made it; says what to do, and never
            shows a password.
    """
    try:
        parsed = make_url(url)
        engine = _engine(parsed)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError(
            f"the database URL cannot be used ({type(error).__name__}): write "
            "sqlite:////FOLDER/station.sqlite3 or postgresql+psycopg://USER@HOST/NAME"
        ) from error
    shown = parsed.render_as_string(hide_password=True)
    try:
        Base.metadata.create_all(engine)
        lacking = _lacking(engine)
        if not lacking:
            _index(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StorageError(
            f"{shown} cannot be opened ({reason(error)}): check that the folder or the server is "
            "there, that this user may write to it, and that its disk has room"
        ) from error
    if lacking:
        engine.dispose()
        raise StorageError(
            f"{shown} was made by another version of painwatch (it lacks {', '.join(lacking)}): "
            "run that version, or keep the old database and name a new one"
        )
    return engine


def _index(engine: Engine) -> None:
    """Make indexes that came after the tables; they change nothing that is kept."""
    for table in Base.metadata.sorted_tables:
        for index in table.indexes:
            index.create(engine, checkfirst=True)


def _lacking(engine: Engine) -> list[str]:
    """Columns that we would write and that are not there."""
    there = inspect(engine)
    return [
        f"{table.name}.{name}"
        for table in Base.metadata.sorted_tables
        for name in sorted(
            {column.name for column in table.columns}
            - {column["name"] for column in there.get_columns(table.name)}
        )
    ]


def _engine(url: URL) -> Engine:
    backend = url.get_backend_name()
    if backend != "sqlite":
        # A connection that the server has closed is found out before it is used, and a server
        # that is gone is given up soon.
        arguments = _PATIENCE if backend == "postgresql" else {}
        return create_engine(url, pool_pre_ping=True, connect_args=arguments)
    engine = create_engine(url, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
