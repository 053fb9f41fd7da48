"""Alarm limits and delays."""

from __future__ import annotations

from pydantic import Field, model_validator

from pain.scales import MODERATE, SEVERE
from pain.settings.section import Section


class PainLimit(Section):
    """Limit of one physiological condition, with hysteresis."""

    level: float = Field(ge=0, le=6, description="The condition begins at this smoothed level.")
    margin: float = Field(
        default=0.5, ge=0, le=6, description="It ends below level minus this margin."
    )
    on_delay_s: float = Field(
        default=2.0, ge=0, description="Time above the limit before the alarm, s."
    )
    off_delay_s: float = Field(
        default=5.0, ge=0, description="Time below the limit minus margin before it ends, s."
    )


class AlarmsConfig(Section):
    """When people are told."""

    pain_moderate: PainLimit = Field(
        default=PainLimit(level=MODERATE), description="Medium-priority pain alarm."
    )
    pain_severe: PainLimit = Field(
        default=PainLimit(level=SEVERE), description="High-priority pain alarm; latches."
    )
    use_baseline: bool = Field(
        default=False,
        description=(
            "Judge pain_moderate by the level above the resident's own neutral (at most 1.5 levels "
            "lower); pain_severe is always judged by the level itself."
        ),
    )
    no_face_after_s: float = Field(
        default=300.0,
        gt=0,
        description="Pictures come, but no level for this time: no_face advisory, s.",
    )
    camera_lost_after_s: float = Field(
        default=4.0, gt=0, description="Time without a frame before camera_lost, s."
    )
    model_failed_after_s: float = Field(
        default=5.0, gt=0, description="Time of failing tracking or scoring before model_failed, s."
    )
    outbox_stuck_after_s: float = Field(
        default=60.0,
        gt=0,
        description=(
            "An event waits this long for the broker: outbox_stuck, s. A disk that takes no events "
            "raises it at once."
        ),
    )
    clock_unsynced_after_s: float | None = Field(
        default=600.0,
        gt=0,
        description=(
            "The system says for this time that no time server sets its clock: clock_unsynced, s; "
            "null: never, for a network without one. Steps of the clock are told in any case."
        ),
    )
    nobody_listening_after_s: float = Field(
        default=60.0,
        gt=0,
        description=(
            "The broker is there but mqtt.station has not said for this time that it listens: "
            "nobody_listening, s."
        ),
    )
    reminder_after_s: float = Field(
        default=180.0,
        gt=0,
        description="Acknowledged but still present: remind after this time, s.",
    )
    max_pause_s: float = Field(
        default=1800.0, gt=0, description="Longest pause of signals that a command may ask for, s."
    )

    @model_validator(mode="after")
    def _ordered(self) -> AlarmsConfig:
        if self.pain_severe.level <= self.pain_moderate.level:
            raise ValueError("pain_severe.level must be above pain_moderate.level")
        return self
