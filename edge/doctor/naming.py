"""Whether cameras are named so that they are found again, and told where the resident is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.config import RoomConfig
from edge.config.room import NO_ZONE
from edge.config.stable_name import LINK_FOLDERS, better_uri
from edge.doctor.finding import Finding, warn


def camera_name(room: RoomConfig, folders: Sequence[Path] = LINK_FOLDERS) -> list[Finding]:
    """A warning where a camera goes by a number and has a name that stays.

    Args:
        room: with its camera.
        folders: where udev puts its links.
    """
    better = better_uri(room.camera, folders)
    if better is None:
        return []
    return [
        warn(
            f"camera name of {room.id}",
            f"{room.camera.uri} is a number: plugged in again the camera may get another one, and "
            "another camera this one",
            f"write uri: {better}",
        )
    ]


def zone(room: RoomConfig) -> list[Finding]:
    """A warning where nothing says which faces of the picture are the resident's.

    Args:
        room: with its zone, if any.
    """
    if room.zone is not None:
        return []
    return [warn(f"zone of {room.id}", NO_ZONE, "draw zone around bed and chair: docs/placing.md")]
