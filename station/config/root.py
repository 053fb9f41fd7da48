"""The whole file."""

from __future__ import annotations

from pydantic import Field, field_validator

from pain.settings.section import Section
from pain.topics import NAME_PATTERN
from station.config.board import BoardConfig
from station.config.escalation import EscalationConfig
from station.config.mqtt import StationMqttConfig
from station.config.rooms import ExpectedRoom
from station.config.storage import StorageConfig
from station.config.web import WebConfig


class StationConfig(Section):
    """Configuration of one nursing station."""

    site: str = Field(pattern=NAME_PATTERN, description="Short name of the care home, in topics.")
    station: str = Field(
        pattern=NAME_PATTERN,
        description="Id of this station; the boxes expect its heartbeat under it (mqtt.station).",
    )
    mqtt: StationMqttConfig = Field(description="The broker that carries readings and alarms.")
    rooms: tuple[ExpectedRoom, ...] = Field(
        default=(),
        description="Rooms that must be heard; others are shown as soon as they speak.",
    )
    board: BoardConfig = Field(default=BoardConfig(), description="What the board shows.")
    escalation: EscalationConfig = Field(
        default=EscalationConfig(), description="Who else is told of an unacknowledged alarm."
    )
    web: WebConfig = Field(default=WebConfig(), description="Where the board is served.")
    storage: StorageConfig = Field(
        default=StorageConfig(), description="What is kept, where, and for how long."
    )

    @field_validator("rooms")
    @classmethod
    def _unique(cls, rooms: tuple[ExpectedRoom, ...]) -> tuple[ExpectedRoom, ...]:
        seen: set[str] = set()
        for room in rooms:
            if room.id in seen:
                raise ValueError(f"two rooms have the id {room.id!r}; each needs its own")
            seen.add(room.id)
        return rooms
