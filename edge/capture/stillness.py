"""Whether anything in a stream of pictures lives: what moves, and what a sensor's noise changes.

A hung camera behind a running encoder sends one picture that is coded anew again and again. Its
pictures differ: each key frame is coded a little otherwise than what it replaces, and an encoder
with a fixed bit rate spends what is left on refining. Such errors are of a coding block's size and
cancel out in the mean of a cell; movement does not, and a sensor's noise keeps *every* cell
changing. What is neither is a picture of which nobody can say whether it stands still.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.capture.cells import POINTS, Mask, Points, clock

MOVING_CELLS: Final = 6
MOVED: Final = 3.5
"""So many cells moved by so many grey levels (between lowest and highest mean) are movement. Of one
picture coded anew the sixth cell moved by 3.1 at most; of a chest that moves by 1/640 of the
picture's width, in room light, by 5 at least."""

NOISY: Final = 1.25
"""The middle cell moved by more: a sensor's noise. Of one picture coded anew it moves by 1.2 at
most, once its encoder has settled."""

RESTLESS: Final = 0.03
"""The share of points that differ by more than one grey level from one picture to the next, at
three of four moments. Of one picture that is refined at a fixed bit rate: 0.013 at most; of a
sensor with a noise of one grey level at fixed bit rates: 0.05 at least."""

CALM: Final = 0.25
"""Key frames are no calm moments, and neither are the ticks of a clock."""

AGAIN: Final = 1.25
"""What stood still lives again when so many times as much changes, lest an encoder at the limit
makes the camera come and go."""

FEWEST: Final = 5
"""Looks without which nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What changed in a while, apart from a burned-in clock.

    Attributes:
        moved: range of the mean of the ``MOVING_CELLS``-th most moving cell, grey levels.
        everywhere: range of the middle cell, grey levels.
        restless: share of points that changed between pictures, at a calm moment, 0 to 1.
    """

    moved: float
    everywhere: float
    restless: float

    def lives(self, *, times: float = 1.0) -> bool:
        """Whether more changed, by so many times, than an encoder changes in one picture."""
        return (
            self.moved > times * MOVED
            or self.everywhere > times * NOISY
            or self.restless > times * RESTLESS
        )


@dataclass(slots=True, kw_only=True)
class Look:
    """One of the moments at which a picture is looked at.

    Attributes:
        at_s: monotonic time, seconds.
        means: mean brightness of each cell, float32 (rows, columns).
        changed: cells that are not equal to those of the look before.
        restless: points of each cell that differ by more than one in the next picture; None
            before it has come.
    """

    at_s: float
    means: npt.NDArray[np.float32]
    changed: Mask
    restless: npt.NDArray[np.int64] | None = None


class Stillness:
    """Remembers looks for a while and says since when nothing lived.

    Args:
        equal_after_s: pictures that are equal but for a clock for this long repeat one, seconds.
        still_after_s: pictures that show no sign of life for this long stand still, seconds.
            None for either: never.
    """

    def __init__(self, *, equal_after_s: float | None, still_after_s: float | None) -> None:
        self._equal_after_s = equal_after_s
        self._still_after_s = still_after_s
        self._keep_s = max(equal_after_s or 0.0, still_after_s or 0.0)
        self._looks: deque[Look] = deque()
        self._last: Points | None = None
        self._still_since_s: float | None = None

    def add(self, points: Points, at_s: float) -> None:
        """Look at a picture, taken at a monotonic time in seconds."""
        last = points if self._last is None else self._last
        self._looks.append(
            Look(
                at_s=at_s,
                means=points.mean(axis=2, dtype=np.float32),
                changed=(points != last).any(axis=2),
            )
        )
        self._last = points
        while len(self._looks) > 1 and self._looks[1].at_s <= at_s - self._keep_s:
            self._looks.popleft()

    def followed_by(self, points: Points) -> None:
        """Note how the picture just after the last look differs from it."""
        if self._last is not None:
            step = np.abs(points.astype(np.int16) - self._last)
            self._looks[-1].restless = np.count_nonzero(step > 1, axis=2)

    def repeats_since_s(self) -> float | None:
        """Moment since which the pictures are equal but for a clock, None where they are not."""
        looks = self._within(self._equal_after_s)
        if looks is None:
            return None
        # What changed at the first look was the last change before.
        changed = np.any([look.changed for look in looks[1:]], axis=0)
        return None if (changed & ~clock(changed)).any() else looks[0].at_s

    def stands_still_since_s(self) -> float | None:
        """Moment since which nothing lived, None where something did or it is too early."""
        looks = self._within(self._still_after_s)
        if looks is None or len(looks) < FEWEST:
            return None
        if weigh(looks).lives(times=1.0 if self._still_since_s is None else AGAIN):
            self._still_since_s = None
        elif self._still_since_s is None:
            self._still_since_s = looks[0].at_s
        return self._still_since_s

    def _within(self, length_s: float | None) -> list[Look] | None:
        """The looks of the last so many seconds, None where there are not yet so many."""
        if length_s is None or not self._looks:
            return None
        begins_s = self._looks[-1].at_s - length_s
        if self._looks[0].at_s > begins_s:
            return None
        first = max(i for i, look in enumerate(self._looks) if look.at_s <= begins_s)
        return list(self._looks)[first:]


def weigh(looks: list[Look]) -> Evidence:
    """What changed between these looks; at least two."""
    means = np.stack([look.means for look in looks])
    ranges = means.max(axis=0) - means.min(axis=0)
    kept = ~clock(ranges > MOVED)
    least_first = np.sort(ranges[kept])
    points_kept = np.count_nonzero(kept) * POINTS**2
    restless = [
        look.restless[kept].sum() / points_kept for look in looks if look.restless is not None
    ]
    return Evidence(
        moved=float(least_first[-MOVING_CELLS]),
        everywhere=float(np.median(least_first)),
        restless=float(np.quantile(restless, CALM)) if restless else 0.0,
    )
