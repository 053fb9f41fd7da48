"""The daemon's word on itself, where another process of the machine can read it.

It lies in memory (a runtime folder), is replaced every second, and says when it was written: a
daemon that hangs or is gone is found out by its age.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformdirs import user_runtime_path
from pydantic import BaseModel, ConfigDict, ValidationError

from edge.health.values import RoomSample
from pain.broker.failures import Fault
from pain.errors import UsageError

STALE_AFTER_S: Final = 10.0
"""The daemon writes every second; this long without a word means that it hangs or is gone."""


class RoomHealth(BaseModel):
    """One room.

    Attributes:
        room: its id.
        ready: whether frames are being scored and alarms are told.
        why_not: the reason where not.
        fault: what keeps its alarms from being told, by name; None when nothing does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    room: str
    ready: bool
    why_not: str | None
    fault: Fault | None = None


class Health(BaseModel):
    """A daemon.

    Attributes:
        pid: of the daemon.
        at_s: when this was written, seconds on the monotonic clock that all processes share.
        rooms: each of its rooms.
        record_error: why the record of the box cannot be written; None while it is.
        clock_error: how far the box's clock is from the station's; None where they agree.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pid: int
    at_s: float
    rooms: tuple[RoomHealth, ...]
    record_error: str | None = None
    clock_error: str | None = None

    @property
    def ready(self) -> bool:
        """Whether frames are being scored, and alarms are told, in every room."""
        return all(room.ready for room in self.rooms)

    def age_s(self) -> float:
        """How long ago this was written, seconds; below 0 after a reboot."""
        return time.monotonic() - self.at_s


def health_of(samples: Sequence[RoomSample], *, now_s: float) -> Health:
    """What the file says."""
    return Health(
        pid=os.getpid(),
        at_s=now_s,
        rooms=tuple(
            RoomHealth(
                room=one.pulse.room,
                ready=one.ready,
                why_not=one.why_not,
                fault=None if one.unheard is None else one.unheard.fault,
            )
            for one in samples
        ),
        record_error=next(
            (one.status.record_error for one in samples if one.status.record_error), None
        ),
        clock_error=next((apart for one in samples if (apart := one.clock_error)), None),
    )


def health_file(site: str, first_room: str) -> Path:
    """The file of a daemon; two daemons of one machine never share their first room."""
    given = os.environ.get("RUNTIME_DIRECTORY")
    folder = Path(given.split(":", maxsplit=1)[0]) if given else _user_folder()
    return folder / f"{site}-{first_room}.json"


def _user_folder() -> Path:
    """The user's own; without a login session (cron, runuser) one below the temporary folder."""
    with warnings.catch_warnings():
        # That the session gave none is no news to anybody: it is the same for who asks.
        warnings.simplefilter("ignore", UserWarning)
        try:
            return user_runtime_path("painwatch")
        except PermissionError as error:
            raise UsageError(f"{error} (the folder in which a daemon says how it is)") from error


def write_health(path: Path, health: Health) -> None:
    """Replace the file.

    Raises:
        OSError: the runtime folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.write_text(health.model_dump_json(), encoding="utf-8")
    os.replace(part, path)  # noqa: PTH105  (the atomic one, by its name)


def remove_health(path: Path) -> None:
    """A daemon that has stopped has no health."""
    with suppress(OSError):
        path.unlink()


def read_health(path: Path) -> Health | None:
    """What a daemon said last; None where nothing can be read."""
    try:
        return Health.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
