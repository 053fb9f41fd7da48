"""Rooms that the station waits for."""

from __future__ import annotations

from pydantic import Field, field_validator

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

    @field_validator("id")
    @classmethod
    def _no_station(cls, value: str) -> str:
        if value == STATION:
            raise ValueError(f"no room may be called {STATION!r}: its topics are the stations'")
        return value
