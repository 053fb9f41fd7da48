"""One room's readings, with what was true beside them where it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.scales import LEVEL_COUNT
from pain.values import Reading, Reason, Score, Unavailable

Floats = npt.NDArray[np.float64]

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Wall time of second 0: a simulated day has no date."""

PAIN: Final = "pain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One episode of pain as it truly was.

    Attributes:
        at_s: float64 (N,), times, seconds.
        level: float64 (N,), true level 0..6 at them.
    """

    at_s: Floats
    level: Floats

    @property
    def start_s(self) -> float:
        """Its start, seconds."""
        return float(self.at_s[0])

    @property
    def end_s(self) -> float:
        """Its end, seconds."""
        return float(self.at_s[-1])

    @property
    def peak(self) -> float:
        """Highest true level."""
        return float(self.level.max())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Readings of one room in order of time.

    Attributes:
        at_s: capture times, seconds.
        outcomes: level 0..6, or why there is none; one for each time.
        scenes: what was seen (an expression, ``pain`` or a reason), one for each time; empty where
            nothing is known.
        episodes: pain in it; None where the truth is not known.
        since_s: when the watching begins, seconds.
        until_s: when it ends, seconds.
    """

    at_s: tuple[float, ...]
    outcomes: tuple[float | Reason, ...]
    scenes: tuple[str, ...]
    episodes: tuple[Episode, ...] | None
    since_s: float
    until_s: float

    def reading(self, number: int) -> Reading:
        """One reading, as the vision worker would send it."""
        at_s, outcome = self.at_s[number], self.outcomes[number]
        return Reading(
            captured_s=at_s,
            wall_time=EPOCH + timedelta(seconds=at_s),
            sequence=number,
            outcome=_UNAVAILABLE[outcome]
            if isinstance(outcome, Reason)
            else Score(
                level=outcome,
                probabilities=_CERTAIN,
                pspi=None,
                action_units={},
                confidence=1.0,
            ),
        )


_CERTAIN: Final = (1.0, *(0.0 for _ in range(LEVEL_COUNT - 1)))
"""Neither smoothing nor alarms look at the probabilities, so the simulation invents none."""

_UNAVAILABLE: Final = {reason: Unavailable(reason=reason) for reason in Reason}
