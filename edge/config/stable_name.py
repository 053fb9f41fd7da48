"""Names of local cameras that stay when the camera is plugged in again.

The kernel gives /dev/videoN in the order in which cameras come. One that comes back may get another
number, and another camera its old one. udev's links tell cameras apart by model and serial number,
or by the port that they are plugged into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from edge.config.camera import CameraConfig
from edge.config.source_uri import SourceKind, parse_uri

LINK_FOLDERS: Final = (Path("/dev/v4l/by-id"), Path("/dev/v4l/by-path"))
"""The better name first: by-id stays in another port too."""

_NUMBERED: Final = re.compile(r"/dev/video\d+")
_PICTURES: Final = "-video-index0"
"""A USB camera has further nodes, which carry no pictures."""


def is_numbered(device: str) -> bool:
    """Whether a device is named by a number that may change."""
    return _NUMBERED.fullmatch(device) is not None


def stable_name(device: Path, folders: Sequence[Path] = LINK_FOLDERS) -> Path | None:
    """The best link to a device, None without any.

    Args:
        device: such as /dev/video0.
        folders: where links are, the better ones first.
    """
    target = device.resolve()
    return next((link for link in _links(folders) if link.resolve() == target), None)


def better_uri(camera: CameraConfig, folders: Sequence[Path] = LINK_FOLDERS) -> str | None:
    """The address of a numbered camera by its lasting name; None where nothing is to be mended.

    Args:
        camera: with an address that can be read.
        folders: where links are, the better ones first.
    """
    source = parse_uri(camera.uri)
    if source.kind is not SourceKind.V4L2 or not is_numbered(source.location):
        return None
    link = stable_name(Path(source.location), folders)
    return None if link is None else f"v4l2://{quote(str(link), safe='/:')}"


def cameras_now(folders: Sequence[Path] = LINK_FOLDERS) -> Sequence[Path]:
    """One link to each camera that is plugged in."""
    found: dict[Path, Path] = {}
    for link in _links(folders):
        if link.name.endswith(_PICTURES) and link.exists():
            found.setdefault(link.resolve(), link)
    return tuple(found.values())


def _links(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        try:
            links = sorted(folder.iterdir())
        except OSError:
            continue
        yield from links
