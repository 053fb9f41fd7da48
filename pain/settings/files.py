"""Files that settings name: relative to the settings' own folder, and there when they are read."""

from __future__ import annotations

import os
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
    """A copy in which every path is absolute, relative ones taken from ``folder``."""
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
    if not file.path.exists():
        message = f"no such {kind}: {file.path}; relative paths start at the config file's folder"
    elif file.folder != file.path.is_dir():
        message = f"{file.path} is not a {kind}"
    elif not os.access(file.path, os.R_OK):
        message = f"{file.path} may not be read by this user; change its owner or mode"
    else:
        return None
    return Problem(message=message, path=file.key)
