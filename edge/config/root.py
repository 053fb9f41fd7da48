"""The whole file."""

from __future__ import annotations

from pydantic import Field, field_validator

from edge.config.alarms import AlarmsConfig
from edge.config.baseline import BaselineConfig
from edge.config.metrics import MetricsConfig
from edge.config.mqtt import MqttConfig
from edge.config.quality import QualityConfig
from edge.config.room import RoomConfig
from edge.config.scoring import ScoringConfig
from edge.config.smoothing import SmoothingConfig
from edge.config.storage import StorageConfig
from edge.config.tracking import TrackingConfig
from pain.settings.section import Section
from pain.topics import NAME_PATTERN


class EdgeConfig(Section):
    """Configuration of one camera box."""

    site: str = Field(pattern=NAME_PATTERN, description="Short name of the care home, in topics.")
    mqtt: MqttConfig = Field(description="The broker that carries readings and alarms.")
    rooms: tuple[RoomConfig, ...] = Field(min_length=1, description="The rooms this box watches.")
    tracking: TrackingConfig = Field(
        default=TrackingConfig(), description="Finding and following the face."
    )
    quality: QualityConfig = Field(
        default=QualityConfig(), description="When a face may be scored."
    )
    scoring: ScoringConfig = Field(default=ScoringConfig(), description="The pain model.")
    smoothing: SmoothingConfig = Field(
        default=SmoothingConfig(), description="Smoothing over time."
    )
    alarms: AlarmsConfig = Field(default=AlarmsConfig(), description="When people are told.")
    baseline: BaselineConfig = Field(
        default=BaselineConfig(), description="Measuring a resident's own neutral."
    )
    storage: StorageConfig = Field(
        default=StorageConfig(), description="What is kept on this box over a restart."
    )
    metrics: MetricsConfig = Field(
        default=MetricsConfig(), description="Figures for a monitoring system."
    )

    @field_validator("rooms")
    @classmethod
    def _unique(cls, rooms: tuple[RoomConfig, ...]) -> tuple[RoomConfig, ...]:
        seen: set[str] = set()
        for room in rooms:
            if room.id in seen:
                raise ValueError(f"two rooms have the id {room.id!r}; each needs its own")
            seen.add(room.id)
        return rooms
