"""Page's cumulative sum, to hold the daemon's detector against.

Page, "Continuous inspection schemes", Biometrika 41 (1954). For independent readings whose
distributions before and after the change are known, no rule with as few false alarms has a shorter
worst mean delay (Lorden 1971; Moustakides 1986). With readings of equal spread the sum is
S = max(0, S + (x - k) dt), an alarm is given at S >= h, and k lies halfway between the two means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
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


class Cusum:
    """One sum over unsmoothed levels, fed in order of time."""

    def __init__(self, limits: CusumLimits) -> None:
        self._limits = limits
        self._sum = 0.0
        self._since_s = math.nan
        self._seen_s = -math.inf
        self._below_s: float | None = None
        self._alarm: Standing | None = None

    @property
    def alarm(self) -> Standing | None:
        """The alarm that stands; None without one."""
        return self._alarm

    def hold(self, level: float, since_s: float, until_s: float) -> None:
        """Take in a level that was read at ``since_s`` and stands until the next reading."""
        if self._alarm is not None:
            return
        if since_s - self._seen_s > FORGET_AFTER_S:
            self._sum = 0.0
        self._seen_s = since_s
        if self._sum == 0.0:
            self._since_s = since_s
        held_s = min(until_s - since_s, MAX_HOLD_S)
        self._sum = max(0.0, self._sum + (level - self._limits.reference) * held_s)
        if self._sum >= self._limits.threshold:
            self._alarm, self._below_s = Standing(onset_s=self._since_s, decided_s=until_s), None

    def look(self, level: float, at_s: float) -> Standing | None:
        """Judge whether the alarm that stands is over at ``at_s``; returns it then."""
        if self._alarm is None:
            return None
        if level >= self._limits.end_level:
            self._below_s = None
            return None
        self._below_s = at_s if self._below_s is None else self._below_s
        if at_s - self._below_s < self._limits.off_delay_s:
            return None
        ended = replace(self._alarm, ended_s=at_s)
        self._alarm, self._sum = None, 0.0
        return ended


def cusum_alarms(stream: Stream, limits: CusumLimits) -> list[Standing]:
    """Times at which the sum over the unsmoothed levels of a stream gives alarm."""
    cusum = Cusum(limits)
    found: list[Standing] = []
    ends = [*stream.at_s, stream.until_s][1:]
    for at_s, until_s, outcome in zip(stream.at_s, ends, stream.outcomes, strict=True):
        if isinstance(outcome, Reason):
            continue
        ended = cusum.look(outcome, at_s)
        if ended is not None:
            found.append(ended)
        cusum.hold(outcome, at_s, until_s)
    return found if cusum.alarm is None else [*found, cusum.alarm]


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
