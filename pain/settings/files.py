"""Files that settings name: relative to the settings' own folder, and there when they are read."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pain.settings.problem import KeyPath, Problem
from pain.settings.section import Section

SectionType = TypeVar("SectionType", bound=Section)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file or folder that a key names.

    Attributes:
        key: path of the key.
        path: the file, absolute.
        folder: whether it must be a folder.
    """

    key: KeyPath
    path: Path
    folder: bool


def resolved(section: SectionType, folder: Path) -> SectionType:
    """A copy in which every path is absolute, relative ones taken from ``folder``.

    There must be none without a home, see ``homeless``.
    """
    changes = {
        name: _resolved_value(getattr(section, name), folder) for name in type(section).model_fields
    }
    return section.model_copy(update=changes)


def _resolved_value(value: object, folder: Path) -> object:
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, Section):
        return resolved(value, folder)
    if isinstance(value, tuple):
        return tuple(_resolved_value(item, folder) for item in value)
    return value


def homeless(section: Section) -> Iterator[Problem]:
    """A problem for every path in a home folder that the system does not know."""
    for key, path in _paths(section, ()):
        yield from no_home(key, path)


def no_home(key: KeyPath, path: Path) -> Iterator[Problem]:
    """A problem if a path begins with ``~`` or ``~user`` and there is no such home."""
    try:
        path.expanduser()
    except (RuntimeError, ValueError):  # ValueError: a name that no user can have
        message = f"no home folder is known for {path.parts[0]}; write the whole path"
        yield Problem(message=message, path=key)


def named_files(
    section: Section, *, folders: Collection[KeyPath] = (), made: Collection[KeyPath] = ()
) -> Iterator[NamedFile]:
    """Every file that a section and those below it name and need.

    Args:
        section: the settings.
        folders: keys that name folders.
        made: keys whose folders are made when absent; they are left out.
    """
    for key, path in _paths(section, ()):
        if key not in made:
            yield NamedFile(key=key, path=path, folder=key in folders)


def _paths(value: object, key: KeyPath) -> Iterator[tuple[KeyPath, Path]]:
    if isinstance(value, Path):
        yield key, value
    elif isinstance(value, Section):
        for name in type(value).model_fields:
            yield from _paths(getattr(value, name), (*key, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _paths(item, (*key, index))


def absent(file: NamedFile) -> Problem | None:
    """What keeps a named file from being used, if anything."""
    kind = "folder" if file.folder else "file"
    try:
        mode = file.path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: NUL in the name
        message = f"no such {kind}: {file.path}; relative paths start at the config file's folder"
    except OSError as error:
        message = f"{file.path} cannot be looked at ({error.strerror})"
    else:
        if file.folder == stat.S_ISDIR(mode):
            return _unreadable(file)
        message = f"{file.path} is not a {kind}"
    return Problem(message=message, path=file.key)


def _unreadable(file: NamedFile) -> Problem | None:
    if os.access(file.path, os.R_OK):
        return None
    message = f"{file.path} may not be read by this user; change its owner or mode"
    return Problem(message=message, path=file.key)
