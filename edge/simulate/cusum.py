"""Page's cumulative sum, to hold the daemon's detector against.

Page, "Continuous inspection schemes", Biometrika 41 (1954). For independent readings whose
distributions before and after the change are known, no rule with as few false alarms has a shorter
worst mean delay (Lorden 1971; Moustakides 1986). With readings of equal spread the sum is
S = max(0, S + (x - k) dt), an alarm is given at S >= h, and k lies halfway between the two means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.simulate.judge import Standing
from edge.simulate.stream import Stream
from edge.smooth.smoother import MAX_HOLD_S
from pain.values import Reason

FORGET_AFTER_S: Final = 4.0
"""After so long without a level the sum starts anew, as the smoother's window does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CusumLimits:
    """The two numbers of the sum, and how its alarms end.

    Attributes:
        reference: k, level 0..6.
        threshold: h, levels times seconds.
        end_level: below this level for ``off_delay_s`` an alarm ends.
        off_delay_s: seconds.
    """

    reference: float
    threshold: float
    end_level: float
    off_delay_s: float


def cusum_alarms(stream: Stream, limits: CusumLimits) -> list[Standing]:
    """Times at which the sum over the unsmoothed levels of a stream gives alarm."""
    found: list[Standing] = []
    total, since_s = 0.0, math.nan
    level: float | None = None
    last_s = stream.at_s[0] if stream.at_s else 0.0
    seen_s = -math.inf
    below_s: float | None = None
    onset_s, decided_s = math.nan, math.nan
    standing = False
    for at_s, outcome in zip(stream.at_s, stream.outcomes, strict=True):
        if level is not None and not standing:
            if total == 0.0:
                since_s = last_s
            total = max(0.0, total + (level - limits.reference) * min(at_s - last_s, MAX_HOLD_S))
            if total >= limits.threshold:
                standing, below_s = True, None
                onset_s, decided_s = since_s, at_s
        last_s = at_s
        level = None if isinstance(outcome, Reason) else outcome
        if level is None:
            continue
        if at_s - seen_s > FORGET_AFTER_S:
            total = 0.0
        seen_s = at_s
        if standing and level >= limits.end_level:
            below_s = None
        elif standing:
            below_s = at_s if below_s is None else below_s
            if at_s - below_s >= limits.off_delay_s:
                found.append(Standing(onset_s=onset_s, decided_s=decided_s, ended_s=at_s))
                standing, total = False, 0.0
    if standing:
        found.append(Standing(onset_s=onset_s, decided_s=decided_s))
    return found


def cusum_grid(
    references: Sequence[float],
    thresholds: Sequence[float],
    *,
    end_level: float,
    off_delay_s: float,
) -> list[CusumLimits]:
    """Every pair of a reference and a threshold."""
    return [
        CusumLimits(
            reference=reference, threshold=threshold, end_level=end_level, off_delay_s=off_delay_s
        )
        for reference in references
        for threshold in thresholds
    ]
