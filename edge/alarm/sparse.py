"""Pictures that come too rarely to judge pain by: neither watched nor, without this, lost."""

from __future__ import annotations

from typing import Final

from pain.values import Reason, Trend

FLAPPING_S: Final = 30.0
"""A camera whose pictures stay away twice within this time has not come back in between."""

RECOVERY: Final = 2.0
"""Time with a level counts for so much less than time without: of two halves, the one in which
nobody could be alarmed counts."""

TOO_RARE: Final = (
    "pictures come too rarely to judge pain by, more than two seconds apart: shorten the camera's "
    "exposure, raise its frame rate, or relieve this machine"
)
"""What to say of a camera that is lost for that."""


class SparseWatch:
    """Adds up time in which there was no level for want of pictures.

    A reading speaks for a second or so. Where pictures come more rarely, the level comes and goes,
    no on-delay ever ends, and each picture says that the camera lives. Such time adds up here; time
    with a level takes it back at half speed. At the limit the camera counts as lost, until all is
    taken back.

    Args:
        limit_s: time without a level that is told, seconds.
    """

    def __init__(self, *, limit_s: float) -> None:
        self._limit_s = limit_s
        self._missing_s = 0.0
        self._since_s: float | None = None
        self._last_s: float | None = None
        self._blank = False
        self._outage_ended_s = float("-inf")
        self._present = False

    @property
    def present(self) -> bool:
        """Whether pictures come too rarely."""
        return self._present

    @property
    def onset_s(self) -> float | None:
        """Monotonic time at which that began, seconds; None when it has not."""
        return self._since_s

    def observe(self, trend: Trend, *, judging: bool) -> None:
        """Take in what is known at the trend's time.

        Args:
            trend: the smoothed estimate.
            judging: whether pictures are due, and no other fault says why there are none.
        """
        at_s = trend.at_s
        elapsed_s = 0.0 if self._last_s is None else max(0.0, at_s - self._last_s)
        self._last_s = at_s
        if trend.level is not None:
            self._missing_s = max(0.0, self._missing_s - elapsed_s / RECOVERY)
        elif self._blank and judging:
            self._missing_s = min(self._limit_s, self._missing_s + elapsed_s)
        self._blank = trend.level is None and trend.reason is Reason.CAMERA_LOST
        if self._blank and self._since_s is None:
            self._since_s = at_s
        if self._missing_s >= self._limit_s:
            self._present = True
        elif self._missing_s == 0.0:
            self._present = False
            if not self._blank:
                self._since_s = None

    def outage_ended(self, at_s: float) -> None:
        """A picture came after a time in which the camera was told to be lost."""
        flapping = at_s - self._outage_ended_s <= FLAPPING_S
        self._outage_ended_s = at_s
        if not flapping:
            self._missing_s, self._present, self._since_s = 0.0, False, None
