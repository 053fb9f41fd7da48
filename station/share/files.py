"""Writes an export: whole or not at all, readable by its owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pain.errors import UsageError


def refuse_overwrite(path: Path, *, force: bool) -> None:
    """Look before the work begins.

    Raises:
        UsageError: the file is there and nobody said ``--force``, or its folder is absent.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file with --out")
    if path.exists() and not force:
        raise UsageError(f"{path} is there already: name another file, or give --force")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path.absolute().parent} is no folder: make it first")


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write the pieces one after another, and put the file in its place when it is complete.

    Args:
        path: the file; one that is there is replaced.
        pieces: its text; what they raise leaves everything as it was.

    Raises:
        UsageError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # Whatever the umask: readings of residents are nobody else's.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)  # noqa: PTH105  (the atomic one, by its name)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink()
