"""One station writes one SQLite file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from pain.errors import StorageError


@contextmanager
def only_station(url: str) -> Iterator[None]:
    """Hold the database's lock for the length of a block; the system drops it when we die.

    A server database has none: there, each station needs a database of its own all the same.

    Args:
        url: SQLAlchemy URL.

    Raises:
        StorageError: another station holds it, or the folder cannot be written.
    """
    database = _file(url)
    if database is None:
        yield
        return
    file = Path(f"{database}.lock")
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(
            f"{file} cannot be made ({error.strerror}): check that the folder is there and that "
            "this user may write to it"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageError(
                f"another station writes {database}: stop it, or give this one a "
                "storage.folder of its own"
            ) from None
        yield
    finally:
        os.close(descriptor)


def _file(url: str) -> str | None:
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None  # whoever opens it explains what is wrong
    return parsed.database if parsed.get_backend_name() == "sqlite" else None
