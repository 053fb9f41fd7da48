"""Whether a resident seems to sleep: eyes closed for long, and nothing else of pain in the face.

PSPI counts closed eyes (AU43) as a sign of pain (Prkachin & Solomon 2008); a sleeper closes them
too. This only marks. It holds no alarm back: the action units of today's models are too coarse to
bet a resident's pain on, and ``edge simulate`` found that a perfect knowledge of sleep would spare
one false alarm in twelve.
"""

from __future__ import annotations

from typing import Final

from pain.action_units import ActionUnit
from pain.values import Trend

CLOSED_FROM: Final = 0.5
"""AU43 is 0 or 1 (Prkachin & Solomon 2008); smoothed, half of it is mostly closed."""

ACTIVE_FROM: Final = 1.5
"""Intensity of another unit from which the face does more than sleep: between A and B of FACS."""

ASLEEP_AFTER_S: Final = 30.0
"""A blink takes 0.4 s, a grimace of pain seconds."""

OF_PAIN: Final = (
    ActionUnit.AU4,
    ActionUnit.AU6,
    ActionUnit.AU7,
    ActionUnit.AU9,
    ActionUnit.AU10,
    ActionUnit.AU20,
)


class SleepWatch:
    """Follows one room's trends, in the order of their time."""

    def __init__(self) -> None:
        self._closed_since_s: float | None = None

    def asleep(self, trend: Trend) -> bool:
        """Whether the resident has seemed to sleep up to this trend.

        Without a level nothing is seen, and what was seen before counts no longer.
        """
        units = trend.action_units
        closed = trend.level is not None and units.get(ActionUnit.AU43, 0.0) >= CLOSED_FROM
        if not closed or any(units.get(unit, 0.0) >= ACTIVE_FROM for unit in OF_PAIN):
            self._closed_since_s = None
            return False
        if self._closed_since_s is None:
            self._closed_since_s = trend.at_s
        return trend.at_s - self._closed_since_s >= ASLEEP_AFTER_S
