"""Covered faces: a judgement now and then, held in between and steadied over a few of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

Hidden = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float64]]
"""How probably brows, eyes and lower half are covered, from an aligned crop uint8 (256, 256, 3)."""

JUDGE_EVERY_S: Final = 0.5
"""Pace of judgements: one costs as much as the face mesh."""

NEWEST: Final = 0.6
"""Weight of the newest judgement: what covers a face counts from the first or second one on."""


class CoverWatch:
    """Whether one followed face is covered.

    Args:
        hidden: judges a crop.
        above: probability of one region from which on the face is covered.
    """

    def __init__(self, *, hidden: Hidden, above: float) -> None:
        self._hidden = hidden
        self._above = above
        self._track = -1
        self._judged_s = -np.inf
        self._steady: npt.NDArray[np.float64] = np.zeros(3)

    def covered(self, cut: Callable[[], npt.NDArray[np.uint8]], *, track: int, at_s: float) -> bool:
        """Take one frame into account.

        Args:
            cut: makes the aligned crop, called when a judgement is due.
            track: number of the followed face; another one begins anew.
            at_s: monotonic capture time, s.
        """
        new = track != self._track
        if new or at_s - self._judged_s >= JUDGE_EVERY_S:
            now = self._hidden(cut())
            self._steady = now if new else NEWEST * now + (1 - NEWEST) * self._steady
            self._track, self._judged_s = track, at_s
        return bool(self._steady.max() > self._above)
