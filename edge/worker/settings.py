"""What a vision worker is told: its room and its models, nothing of brokers or other rooms."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from edge.config.quality import QualityConfig
from edge.config.room import RoomConfig
from edge.config.root import EdgeConfig
from edge.config.scoring import ScoringConfig
from edge.config.tracking import TrackingConfig


class WorkerSettings(BaseModel):
    """Settings of one worker, sent to it as JSON on its standard input.

    They hold the camera's password, so they never appear on a command line, where every user of
    the machine could read it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    room: RoomConfig
    tracking: TrackingConfig
    quality: QualityConfig
    scoring: ScoringConfig
    fast: bool

    @classmethod
    def of(cls, *, room: RoomConfig, config: EdgeConfig, fast: bool) -> WorkerSettings:
        """Take one room's share of the whole configuration."""
        return cls(
            room=room,
            tracking=config.tracking,
            quality=config.quality,
            scoring=config.scoring,
            fast=fast,
        )
