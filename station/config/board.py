"""What the board shows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pain.settings.section import Section


class BoardConfig(Section):
    """Language and limits of the board."""

    language: Literal["en", "de", "fr", "nl", "it"] = Field(
        default="en", description="Language of the board until a person chooses another."
    )
    moderate_from: float = Field(
        default=3.0, gt=1.5, le=6, description="Level from which a tile is shown as moderate pain."
    )
    severe_from: float = Field(
        default=5.0, gt=1.5, le=6, description="Level from which a tile is shown as severe pain."
    )
    silent_after_s: float = Field(
        default=10.0,
        ge=2,
        le=3600,
        description="A room that sends no reading for this long is announced as silent, s.",
    )
    stopped_silent_after_s: float = Field(
        default=900.0,
        ge=2,
        le=86400,
        description=(
            "A room under rooms whose box was stopped on purpose is announced as silent when it "
            "has not come back after this long, s. An update or a restart takes minutes; a box "
            "that was forgotten is found within a quarter of an hour."
        ),
    )

    @model_validator(mode="after")
    def _ordered(self) -> BoardConfig:
        if self.severe_from <= self.moderate_from:
            raise ValueError("severe_from must be above moderate_from")
        return self
