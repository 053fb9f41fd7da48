"""Files that a config names: relative to its own folder, and there when it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from edge.config.camera import CameraConfig
from edge.config.source_uri import SourceKind, parse_uri
from pain.errors import SourceError
from pain.settings.problem import KeyPath, Problem
from pain.settings.section import Section

_FOLDERS: Final[frozenset[KeyPath]] = frozenset({("scoring", "bundle")})
_MADE: Final[frozenset[KeyPath]] = frozenset({("scoring", "engines"), ("storage", "folder")})
"""Folders that are made when absent."""
_URI: Final = "uri"

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
    changes: dict[str, object] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(section, CameraConfig) and name == _URI:
            changes[name] = _resolved_uri(section.uri, folder)
        else:
            changes[name] = _resolved_value(value, folder)
    return section.model_copy(update=changes)


def _resolved_value(value: object, folder: Path) -> object:
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, Section):
        return resolved(value, folder)
    if isinstance(value, tuple):
        return tuple(_resolved_value(item, folder) for item in value)
    return value


def _resolved_uri(uri: str, folder: Path) -> str:
    # A URI with a scheme is absolute already; only a plain path can be relative.
    return uri if "://" in uri else str(folder / Path(uri).expanduser())


def named_files(section: Section, key: KeyPath = ()) -> Iterator[NamedFile]:
    """Every file that a section and those below it name and need, video files included.

    Cameras are not looked for: one that is unplugged now may be back at noon.
    """
    for name in type(section).model_fields:
        yield from _files_of(getattr(section, name), (*key, name))
    if isinstance(section, CameraConfig):
        source = parse_uri(section.uri)
        if source.kind is SourceKind.FILE:
            yield NamedFile(key=(*key, _URI), path=Path(source.location), folder=False)


def _files_of(value: object, key: KeyPath) -> Iterator[NamedFile]:
    if isinstance(value, Path):
        if key in _MADE:
            return
        yield NamedFile(key=key, path=value, folder=key in _FOLDERS)
    elif isinstance(value, Section):
        yield from named_files(value, key)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _files_of(item, (*key, index))


def bad_uris(cameras: Iterator[tuple[KeyPath, CameraConfig]]) -> Iterator[Problem]:
    """A problem for every camera whose URI cannot be understood."""
    for key, camera in cameras:
        try:
            parse_uri(camera.uri)
        except SourceError as error:
            yield Problem(message=str(error), path=(*key, _URI))


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
