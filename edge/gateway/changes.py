"""What of a running box a changed configuration touches; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.config import EdgeConfig, RoomConfig

ROOMS: Final = "rooms"
BROKER: Final = "mqtt"
SEEN_BY_WORKERS: Final = ("tracking", "quality", "scoring")
JUDGED_BY: Final = ("smoothing", "alarms", "baseline")

_APPLIED: Final = frozenset({ROOMS, BROKER, *SEEN_BY_WORKERS, *JUDGED_BY})
_OF_THE_PICTURE: Final = ("camera", "zone", "masks", "identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a room that stays needs anew; its gateway always, its alarms are carried over.

    Attributes:
        worker: the process that looks at its pictures.
        link: the connection to the broker.
    """

    worker: bool
    link: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The difference between two configurations.

    Attributes:
        added: ids of new rooms.
        removed: ids of rooms that are watched no longer.
        changed: what rooms that stay need anew; a room that is absent here is not touched.
        fixed: sections that differ and are read at the start alone.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, Change]
    fixed: tuple[str, ...]


def changes(old: EdgeConfig, new: EdgeConfig) -> Changes:
    """Compare two configurations.

    A section that this module does not know counts as fixed: to need a restart is the safe side.
    """
    differing = {
        name for name in EdgeConfig.model_fields if getattr(old, name) != getattr(new, name)
    }
    before = {room.id: room for room in old.rooms}
    after = {room.id: room for room in new.rooms}
    changed = {
        room.id: change
        for room in new.rooms
        if room.id in before and (change := _change(before[room.id], room, differing)) is not None
    }
    return Changes(
        added=tuple(room for room in after if room not in before),
        removed=tuple(room for room in before if room not in after),
        changed=changed,
        fixed=tuple(sorted(differing - _APPLIED)),
    )


def _change(old: RoomConfig, new: RoomConfig, differing: set[str]) -> Change | None:
    link = BROKER in differing or old.display_name != new.display_name
    worker = not differing.isdisjoint(SEEN_BY_WORKERS) or any(
        getattr(old, name) != getattr(new, name) for name in _OF_THE_PICTURE
    )
    if not (link or worker or old != new or not differing.isdisjoint(JUDGED_BY)):
        return None
    return Change(worker=worker, link=link)
