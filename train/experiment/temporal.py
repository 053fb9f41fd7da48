"""The section of a head over the frames of clips."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from pain.settings.section import Section


class TemporalKind(StrEnum):
    """What stands between the frames of a clip and the outputs."""

    GRU = "gru"
    TCN = "tcn"
    PER_FRAME = "per_frame"
    """No time at all: what the other two must beat."""


class TemporalSection(Section):
    """A causal head over the frames of clips instead of one over single faces."""

    head: TemporalKind = Field(
        description="gru, tcn, or per_frame (no memory; crossval adds it beside the others)."
    )
    units: int = Field(
        default=64,
        ge=1,
        le=4096,
        description=(
            "Width of memory or convolutions; per_frame: of its layer when head.hidden is left out."
        ),
    )
    blocks: int = Field(
        default=4,
        ge=1,
        le=12,
        description="tcn: pairs of convolutions; n of them see 4 * 2^n - 3 ticks.",
    )
    components: int = Field(
        default=32,
        ge=0,
        le=1404,
        description="Principal components of the landmarks; 0 leaves blendshapes alone.",
    )
    rate_hz: float = Field(
        default=10.0, gt=0.0, le=240.0, description="Frames a second that the head takes, at most."
    )
    hold_s: float = Field(
        default=1.0, gt=0.0, description="tcn: age from which a frame speaks no more, after a gap."
    )
    window_s: float = Field(
        default=12.0, gt=0.0, description="Length of the pieces of clips that are learnt from."
    )
    warm_up_s: float = Field(
        default=4.0,
        ge=0.0,
        description="Start of a piece that is seen, not scored, unless the clip starts there.",
    )

    @model_validator(mode="after")
    def _scored_part(self) -> TemporalSection:
        if self.warm_up_s >= self.window_s:
            raise ValueError("warm_up_s must be shorter than window_s, or nothing is scored")
        return self
