"""Files that a config names, video files included: relative to its own folder, and there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.config.camera import CameraConfig
from edge.config.root import EdgeConfig
from edge.config.source_uri import SourceKind, parse_uri
from pain.errors import SourceError
from pain.settings import files
from pain.settings.files import NamedFile
from pain.settings.problem import KeyPath, Problem

_FOLDERS: Final[frozenset[KeyPath]] = frozenset({("scoring", "bundle")})
_MADE: Final[frozenset[KeyPath]] = frozenset({("scoring", "engines"), ("storage", "folder")})
"""Folders that are made when absent."""
_URI: Final = "uri"


def resolved(config: EdgeConfig, folder: Path) -> EdgeConfig:
    """A copy in which every path is absolute, relative ones taken from ``folder``.

    There must be none without a home, see ``homeless``.
    """
    absolute = files.resolved(config, folder)
    rooms = tuple(
        room.model_copy(update={"camera": _resolved_camera(room.camera, folder)})
        for room in absolute.rooms
    )
    return absolute.model_copy(update={"rooms": rooms})


def _resolved_camera(camera: CameraConfig, folder: Path) -> CameraConfig:
    # A URI with a scheme is absolute already; only a plain path can be relative.
    if not _is_path(camera):
        return camera
    return camera.model_copy(update={_URI: str(folder / Path(camera.uri).expanduser())})


def _is_path(camera: CameraConfig) -> bool:
    return "://" not in camera.uri


def homeless(config: EdgeConfig) -> Iterator[Problem]:
    """A problem for every path in a home folder that the system does not know."""
    yield from files.homeless(config)
    for key, camera in cameras_of(config):
        if _is_path(camera):
            yield from files.no_home((*key, _URI), Path(camera.uri))


def named_files(config: EdgeConfig) -> Iterator[NamedFile]:
    """Every file that the config names and needs, video files included.

    Cameras are not looked for: one that is unplugged now may be back at noon.
    """
    embeddings = {("rooms", index, "identity", "bundle") for index in range(len(config.rooms))}
    yield from files.named_files(config, folders=_FOLDERS | embeddings, made=_MADE)
    for key, camera in cameras_of(config):
        source = parse_uri(camera.uri)
        if source.kind is SourceKind.FILE:
            yield NamedFile(key=(*key, _URI), path=Path(source.location), folder=False)


def cameras_of(config: EdgeConfig) -> Iterator[tuple[KeyPath, CameraConfig]]:
    """Every camera and its key."""
    for index, room in enumerate(config.rooms):
        yield ("rooms", index, "camera"), room.camera


def bad_uris(config: EdgeConfig) -> Iterator[Problem]:
    """A problem for every camera whose URI cannot be understood."""
    for key, camera in cameras_of(config):
        try:
            parse_uri(camera.uri)
        except SourceError as error:
            yield Problem(message=str(error), path=(*key, _URI))
