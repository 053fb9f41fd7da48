"""A database's own words, as an error that people can act upon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from pain.errors import StorageError


def reason(error: SQLAlchemyError) -> str:
    """What the database itself said; never a statement or its values."""
    return str(getattr(error, "orig", None) or type(error).__name__)


def unwritable(error: SQLAlchemyError) -> StorageError:
    """Explain a database that failed."""
    return StorageError(
        f"the database failed ({reason(error)}): look whether its disk is full, another program "
        "has locked it, or its server is away"
    )


@contextmanager
def told() -> Iterator[None]:
    """Turn failures of the database into ``StorageError`` for the length of a block."""
    try:
        yield
    except SQLAlchemyError as error:
        raise unwritable(error) from error
