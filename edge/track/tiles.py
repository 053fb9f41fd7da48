"""Where to look for a face in a large picture: the order of search tiles. Pure planning, no pixels.

MediaPipe's short-range detector answers when the face is 16 to 70 % of the picture's side (measured
on two real faces: 24 of 24 random positions in tiles of 224, 448 and 640 px), so one tile size
serves faces over a range of about four, and sizes that double leave no gap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

OVERLAP: Final = 0.4
"""Share of a tile's side that neighbours have in common: a face up to that size is whole in one."""

SMALLEST_SHARE: Final = 0.16
"""Smallest face height, as a share of the tile's side, that is found reliably."""

PLACE_SHARE: Final = 0.3
"""Share of the tile that a face of the remembered height fills: room for half and double of it."""

SMALLEST_PLACE_SIDE_PX: Final = 160
REVISIT_EVERY: Final = 8
"""Sweep tiles between two looks at a remembered place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A rectangle of whole pixels inside the picture.

    Attributes:
        x, y, width, height: pixels.
        turn: quarter turns counter-clockwise after which it is looked at.
    """

    x: int
    y: int
    width: int
    height: int
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a face was.

    Attributes:
        x, y: its centre, pixels.
        height_px: its height, pixels.
        turn: quarter turns counter-clockwise of the picture that make it upright.
    """

    x: float
    y: float
    height_px: float
    turn: int = 0


def whole(*, width: int, height: int) -> Tile:
    """Cover the picture with one tile."""
    return Tile(x=0, y=0, width=width, height=height)


def grid(*, area: Tile, side: int) -> list[Tile]:
    """Cover an area with overlapping tiles of one size, row by row.

    Every square of up to ``OVERLAP * side`` inside the area lies whole in at least one tile.

    Args:
        area: what to cover.
        side: side of the square tiles, px; cut to the area where that is smaller.
    """
    width, height = min(side, area.width), min(side, area.height)
    return [
        Tile(x=area.x + x, y=area.y + y, width=width, height=height)
        for y in _offsets(area.height, side)
        for x in _offsets(area.width, side)
    ]


def _offsets(length: int, side: int) -> list[int]:
    free = length - side
    if free <= 0:
        return [0]
    stride = max(1, side - math.ceil(OVERLAP * side))
    steps = math.ceil(free / stride)
    return [free * step // steps for step in range(steps + 1)]


def sides_for(sides: Sequence[int], *, smallest_face_px: float) -> list[int]:
    """Choose the tile sizes that find faces of ``smallest_face_px`` and all larger ones."""
    enough = [side for side in sides if side * SMALLEST_SHARE <= smallest_face_px]
    return [side for side in sides if side >= max(enough, default=min(sides))]


def around(place: Place, *, width: int, height: int) -> Tile:
    """Centre one tile on a remembered place, sized for the face that was there."""
    side = round(max(SMALLEST_PLACE_SIDE_PX, place.height_px / PLACE_SHARE))
    tile_width, tile_height = min(side, width), min(side, height)
    left = min(max(round(place.x - tile_width / 2), 0), width - tile_width)
    top = min(max(round(place.y - tile_height / 2), 0), height - tile_height)
    return Tile(x=left, y=top, width=tile_width, height=tile_height, turn=place.turn)


def sweep(
    *,
    width: int,
    height: int,
    sides: Sequence[int],
    region: Tile | None = None,
    places: Sequence[Place] = (),
    turn: int = 0,
) -> Iterator[Tile]:
    """Order one sweep over the picture.

    Remembered places come first and again after every few tiles, so that a face that comes back
    is found at once; between them the whole picture, then ever smaller tiles. The sweep is finite
    and complete: what was not found in it was in no tile.

    Args:
        width: of the picture, px.
        height: of the picture, px.
        sides: tile sizes, px.
        region: where the face's centre may lie; the whole picture when absent.
        places: remembered places, best first; each is looked at as its face lay.
        turn: quarter turns counter-clockwise after which all else is looked at.

    Yields:
        Tiles inside the picture.
    """
    pinned = [around(place, width=width, height=height) for place in places]
    yield from pinned
    for count, tile in enumerate(_cover(width, height, sides, region), start=1):
        yield replace(tile, turn=turn)
        if pinned and count % REVISIT_EVERY == 0:
            yield pinned[(count // REVISIT_EVERY - 1) % len(pinned)]


def _cover(width: int, height: int, sides: Sequence[int], region: Tile | None) -> Iterator[Tile]:
    yield whole(width=width, height=height)
    for side in sorted(sides, reverse=True):
        if side < max(width, height):
            yield from grid(area=_reach(width, height, side, region), side=side)


def _reach(width: int, height: int, side: int, region: Tile | None) -> Tile:
    """Area that holds every face of up to ``OVERLAP * side`` whose centre is in the region."""
    if region is None:
        return whole(width=width, height=height)
    margin = math.ceil(OVERLAP * side / 2)
    left, top = max(region.x - margin, 0), max(region.y - margin, 0)
    right = min(region.x + region.width + margin, width)
    bottom = min(region.y + region.height + margin, height)
    return Tile(x=left, y=top, width=right - left, height=bottom - top)
