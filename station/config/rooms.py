"""Rooms that the station waits for."""

from __future__ import annotations

from pydantic import AwareDatetime, Field, field_validator

from pain.settings.section import Section
from pain.topics import NAME_PATTERN, STATION


class ExpectedRoom(Section):
    """A room that must be heard, whether or not it has ever spoken."""

    id: str = Field(pattern=NAME_PATTERN, description="Short name of the room, as in the topics.")
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Name for people until the room tells its own; the id if absent.",
    )
    stopped_until: AwareDatetime | None = Field(
        default=None,
        description=(
            "The room is known to be stopped until then, an empty bed for example: a time with its "
            "zone, 2026-12-24T08:00:00+01:00. Its box may stay stopped so long without a word."
        ),
    )

    @field_validator("id")
    @classmethod
    def _no_station(cls, value: str) -> str:
        if value == STATION:
            raise ValueError(f"no room may be called {STATION!r}: its topics are the stations'")
        return value
