"""Acquire: look for a face tile by tile, a budget of milliseconds per frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from edge.track.landmarker import Detection, Landmarker
from edge.track.tiles import Place, Tile
from edge.track.turn import detect_turned, next_turn
from pain.clock import Clock

Accept = Callable[[Place], bool]
"""Whether a face at this place may be the resident's (zone)."""


class Acquirer:
    """Walks through sweeps of tiles, each as long as the budget of one frame allows.

    Args:
        landmarker: the model.
        budget_ms: time to spend per call; at least one tile is looked at all the same.
        clock: measures that time.
    """

    def __init__(self, *, landmarker: Landmarker, budget_ms: float, clock: Clock) -> None:
        self._landmarker = landmarker
        self._budget_s = budget_ms / 1000
        self._clock = clock
        self._tiles: Iterator[Tile] = iter(())

    def restart(self) -> None:
        """Forget how far the present sweep has come."""
        self._tiles = iter(())

    def search(
        self,
        image: npt.NDArray[np.uint8],
        *,
        new_sweep: Callable[[], Iterator[Tile]],
        accept: Accept,
    ) -> Place | None:
        """Go on looking in the next frame of the same size.

        Args:
            image: uint8 (H, W, 3) RGB.
            new_sweep: plans another sweep; called when the present one has come to its end.
            accept: whether a face may be the resident's.

        Returns:
            Where the largest acceptable face of the first answering tile is, or None.
        """
        started_s = self._clock.now().monotonic_s
        while True:
            tile = next(self._tiles, None)
            if tile is None:
                self._tiles = new_sweep()
                tile = next(self._tiles)
            found = [place for place in look(self._landmarker, image, tile) if accept(place)]
            if found:
                return found[0]
            if self._clock.now().monotonic_s - started_s >= self._budget_s:
                return None


def look(
    landmarker: Landmarker,
    image: npt.NDArray[np.uint8],
    tile: Tile,
    *,
    hidden: Sequence[Place] = (),
) -> list[Place]:
    """Find faces in one tile.

    Args:
        landmarker: the model.
        image: uint8 (H, W, 3) RGB.
        tile: part of it to look at.
        hidden: faces known already; they are painted over in a copy, since each would cost as much
            as five empty tiles.

    Returns:
        Places in picture pixels, largest first.
    """
    pixels = image[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
    if hidden:
        pixels = pixels.copy()
        for place in hidden:
            _paint_over(pixels, place, tile)
    return [
        place_of(face, x=tile.x, y=tile.y, turn=next_turn(face.pose, tile.turn))
        for face in detect_turned(landmarker, pixels, tile.turn)
    ]


def place_of(face: Detection, *, x: float = 0.0, y: float = 0.0, turn: int = 0) -> Place:
    """Centre and height of a detection, moved by the offset of the picture it was found in."""
    centre_x, centre_y = face.box.centre
    return Place(x=centre_x + x, y=centre_y + y, height_px=face.height_px, turn=turn)


def _paint_over(pixels: npt.NDArray[np.uint8], place: Place, tile: Tile) -> None:
    half = 0.75 * place.height_px
    left, right = (max(round(place.x - tile.x + side), 0) for side in (-half, half))
    top, bottom = (max(round(place.y - tile.y + side), 0) for side in (-half, half))
    pixels[top:bottom, left:right] = 0
