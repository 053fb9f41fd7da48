"""What is known of the life of faces, by their places: who comes back is not judged anew."""

from __future__ import annotations

import math
from typing import Final

from edge.track.life import LifeSigns
from edge.track.tiles import Place

SAME_WITHIN: Final = 0.5
"""A face this near to where one was, in shares of its height, is the same if of about its size."""

SIZES_WITHIN: Final = 1.4

KEPT_S: Final = 3600.0
"""A picture that was covered or out of sight for less is known again."""

MOST_KEPT: Final = 16


class Lives:
    """Signs of life of all faces that were seen lately.

    Args:
        lifeless_after_s: see ``edge.track.life.LifeSigns``.
    """

    def __init__(self, *, lifeless_after_s: float | None) -> None:
        self._lifeless_after_s = lifeless_after_s
        self._known: list[LifeSigns] = []

    def at(self, place: Place, at_s: float) -> LifeSigns:
        """Signs of life of the face at a place; new ones where none was.

        Args:
            place: where it is now.
            at_s: monotonic time, s.
        """
        self._known = [one for one in self._known if at_s - one.seen_s < KEPT_S][-MOST_KEPT:]
        for one in reversed(self._known):
            if _same(one.place, place):
                return one
        signs = LifeSigns(place=place, at_s=at_s, lifeless_after_s=self._lifeless_after_s)
        self._known.append(signs)
        return signs

    def forget(self) -> None:
        """The next picture is of another scene."""
        self._known.clear()


def _same(one: Place, other: Place) -> bool:
    away = math.hypot(one.x - other.x, one.y - other.y)
    sizes = one.height_px / other.height_px
    return away < SAME_WITHIN * other.height_px and 1 / SIZES_WITHIN < sizes < SIZES_WITHIN
