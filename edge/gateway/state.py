"""What a room carries over a restart, and where it is kept."""

from __future__ import annotations

import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from uuid import uuid4

from platformdirs import user_state_path
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from edge.alarm.saved import SavedAlarms
from edge.baseline.values import Baseline
from edge.config import StorageConfig
from pain.clock import Moment
from pain.topics import Topics
from pain.wire import RestartEventPayload

_log = logging.getLogger(__name__)

ALIVE_EVERY_S: Final = 60.0
"""A sign of life on disk this often; it bounds what ``last_alive_at`` leaves open."""


class RoomState(BaseModel):
    """One room at one moment.

    Attributes:
        version: of this form; another one is not read.
        alive_at: when it was written.
        ended: whether the run ended with a goodbye.
        alarms: where the alarms stood; None when there is nothing to go on with.
        baseline: the resident's own neutral, None without one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    alive_at: AwareDatetime
    ended: bool
    alarms: SavedAlarms | None
    baseline: Baseline | None = None

    def encode(self) -> bytes:
        """As it is kept."""
        return self.model_dump_json().encode()


def recall(saved: bytes, *, room: str) -> RoomState | None:
    """Read what the run before left; None, with a line in the log, where that is impossible."""
    try:
        return RoomState.model_validate_json(saved)
    except ValidationError as error:
        _log.error(
            "%s: what the run before left of its alarms cannot be read (%d faults, e.g. %s); "
            "they begin anew",
            room,
            error.error_count(),
            error.errors(include_input=False, include_url=False)[0]["msg"],
        )
        return None


def restart_event(before: RoomState | None, now: Moment) -> RestartEventPayload:
    """Say that the run before ended without a goodbye.

    Args:
        before: what it left; None where that cannot be read.
        now: the present moment.
    """
    alarms = before.alarms if before else None
    return RestartEventPayload(
        id=uuid4(),
        last_alive_at=before.alive_at if before else None,
        standing=alarms.standing if alarms else (),
        pause_ended=alarms is not None and _ran_out(alarms, now.wall),
        decided_at=now.wall,
        published_at=now.wall,
    )


def _ran_out(alarms: SavedAlarms, now: datetime) -> bool:
    left_s = alarms.pause_left_s
    return left_s is not None and (now - alarms.at).total_seconds() >= left_s


def room_file(storage: StorageConfig, topics: Topics) -> Path:
    """The file of one room."""
    return state_folder(storage) / topics.site / f"{topics.room}.sqlite3"


def resident_file(storage: StorageConfig, topics: Topics) -> Path:
    """The file of the enrolled resident's face."""
    return state_folder(storage) / topics.site / f"{topics.room}.resident.json"


def record_folder(storage: StorageConfig, site: str) -> Path:
    """The folder of the box's record."""
    return state_folder(storage) / site / "record"


def state_folder(storage: StorageConfig) -> Path:
    """The folder of this box: as configured, else systemd's, else the user's."""
    if storage.folder is not None:
        return storage.folder
    given = os.environ.get("STATE_DIRECTORY")
    if given:
        return Path(given.split(":", maxsplit=1)[0])
    return user_state_path("painwatch")
