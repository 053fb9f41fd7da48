"""The neutral of one resident."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pain.action_units import ActionUnit


class Baseline(BaseModel):
    """What a calm face of this resident scores; kept over restarts.

    Attributes:
        level: median of the smoothed level, 0..6.
        pspi: median PSPI 0..16, None when the model gives none.
        action_units: median AU intensities 0..5.
        measured_at: end of the window, UTC.
        person: id of the person who asked for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: float = Field(ge=0, le=6)
    pspi: float | None = Field(default=None, ge=0, le=16)
    action_units: dict[ActionUnit, float] = Field(default_factory=dict)
    measured_at: AwareDatetime
    person: str
