"""One room: one camera, one resident."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from edge.config.camera import CameraConfig
from edge.config.identity import IdentityConfig
from pain.settings.section import Section
from pain.topics import NAME_PATTERN, STATION

Point = tuple[
    Annotated[float, Field(ge=0, le=1)],
    Annotated[float, Field(ge=0, le=1)],
]

NO_ZONE: Final = (
    "no zone is set: a face anywhere in the picture is taken for the resident's, a portrait or a "
    "television too"
)
"""What is said of a room that has none."""


def _is_polygon(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if len(points) < 3:  # noqa: PLR2004
        raise ValueError("a polygon needs at least three points")
    return points


Polygon = Annotated[tuple[Point, ...], AfterValidator(_is_polygon)]


def _not_the_station(name: str) -> str:
    if name == STATION:
        raise ValueError(f"no room may be called {STATION!r}: the stations' topics begin with it")
    return name


class RoomConfig(Section):
    """A room and what of its picture may be looked at."""

    id: Annotated[str, AfterValidator(_not_the_station)] = Field(
        pattern=NAME_PATTERN, description="Short name in topics, e.g. room-12."
    )
    name: str | None = Field(default=None, description="Name shown to people; the id when absent.")
    camera: CameraConfig = Field(description="The room's camera.")
    zone: Polygon | None = Field(
        default=None,
        description=(
            "Only faces whose centre lies in this polygon are the resident's; points are "
            "[x, y] shares of width and height."
        ),
    )
    masks: tuple[Polygon, ...] = Field(
        default=(),
        description="Privacy masks: polygons that are blacked before anything sees the picture.",
    )

    identity: IdentityConfig = Field(
        default=IdentityConfig(),
        description="Whether staff and visitors are told from the resident.",
    )

    @property
    def display_name(self) -> str:
        """Name for people."""
        return self.name or self.id
