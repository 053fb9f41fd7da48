"""Memory of where the resident's face usually is: the bed, the chair. Numbers only, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.track.tiles import Place

COLUMNS: Final = 16
ROWS: Final = 9
HALF_LIFE_S: Final = 6 * 3600.0
"""A place loses half its weight in this time: yesterday's chair yields to today's bed."""


@dataclass(slots=True, kw_only=True)
class _Cell:
    seconds: float
    at_s: float
    x: float
    y: float
    height: float
    turn: int

    def weight(self, at_s: float) -> float:
        return self.seconds * float(0.5 ** ((at_s - self.at_s) / HALF_LIFE_S))


class PlaceMemory:
    """Time spent per cell of a coarse grid, fading. Shares of the picture, so any size will do."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], _Cell] = {}

    def remember(
        self, place: Place, *, width: int, height: int, at_s: float, lasted_s: float
    ) -> None:
        """Add a sighting.

        Args:
            place: centre and height of the face, px.
            width: of the picture, px.
            height: of the picture, px.
            at_s: monotonic time, s.
            lasted_s: time that this sighting stands for, s.
        """
        x, y = place.x / width, place.y / height
        key = _key(x, y)
        cell = self._cells.get(key)
        before = cell.weight(at_s) if cell else 0.0
        self._cells[key] = _Cell(
            seconds=before + lasted_s,
            at_s=at_s,
            x=x,
            y=y,
            height=place.height_px / height,
            turn=place.turn,
        )

    def seconds_at(self, place: Place, *, width: int, height: int, at_s: float) -> float:
        """Faded time that faces spent in the cell of a place, s."""
        cell = self._cells.get(_key(place.x / width, place.y / height))
        return cell.weight(at_s) if cell else 0.0

    def usual(self, *, width: int, height: int, at_s: float, limit: int = 3) -> list[Place]:
        """Places with the most faded time, most first, in pixels of a picture of this size."""
        cells = sorted(self._cells.values(), key=lambda cell: cell.weight(at_s), reverse=True)
        return [
            Place(
                x=cell.x * width,
                y=cell.y * height,
                height_px=cell.height * height,
                turn=cell.turn,
            )
            for cell in cells[:limit]
        ]


def _key(x: float, y: float) -> tuple[int, int]:
    return (
        min(max(int(x * COLUMNS), 0), COLUMNS - 1),
        min(max(int(y * ROWS), 0), ROWS - 1),
    )
