"""The smoother of one room."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from statistics import median
from typing import Final

from edge.config import SmoothingConfig
from edge.smooth.mean import ExponentialMean
from edge.smooth.window import MAX_SPANS, Span, Window
from pain.action_units import AU_MAX, ActionUnit
from pain.scales import LEVEL_MAX, LEVEL_MIN, PSPI_MAX
from pain.values import Reading, Reason, Score, Trend

MAX_HOLD_S: Final = 1.0
"""Longest time for which one reading speaks; a slower camera leaves gaps in the coverage."""

_LEVEL: Final = "level"
_PSPI: Final = "pspi"
_CONFIDENCE: Final = "confidence"


class Smoother:
    """Turns readings of one room into a trend.

    A reading speaks for the time until the next one, at most ``MAX_HOLD_S`` (and a quarter of the
    window); so the trend does not depend on the frame rate, one picture after a gap does not
    outweigh seconds before it, and nothing is said of the time before the first reading. A short
    median takes out blinks, then an exponential mean over the seen time follows. After a window
    without a valid score, the mean starts anew from what comes next.

    A score that is not a number counts as ``model_failed``.
    """

    def __init__(self, config: SmoothingConfig) -> None:
        self._config = config
        self._hold_s = min(MAX_HOLD_S, config.window_s / 4)
        self._window = Window(length_s=config.window_s)
        self._fresh = ExponentialMean(time_constant_s=config.time_constant_s)
        self._mean = self._fresh
        self._last_s: float | None = None
        self._evidence_end_s = -math.inf
        self._said: float | Reason = Reason.WARMING_UP
        self._filtered: Mapping[str, float] = {}
        self._recent: deque[tuple[float, Mapping[str, float]]] = deque(maxlen=MAX_SPANS)

    def update(self, reading: Reading) -> Trend:
        """Take in one reading.

        A reading that is not newer than the last one is ignored.

        Returns:
            The trend at the reading's time, in which the reading itself does not weigh yet: it
            begins to speak at this moment.
        """
        at_s = reading.captured_s
        if self._last_s is not None and at_s <= self._last_s:
            return self.advance(self._last_s)
        self._close(at_s)
        signals = _signals(reading)
        self._last_s = at_s
        if at_s - self._evidence_end_s > self._config.window_s:
            self._mean = self._fresh
        if isinstance(signals, Reason):
            self._said, self._filtered = signals, {}
            return self.advance(at_s)
        self._said = signals[_LEVEL]
        self._filtered = self._without_blinks(at_s, signals)
        return self.advance(at_s)

    def start_anew(self, at_s: float) -> None:
        """Forget every reading that was captured up to now.

        Args:
            at_s: monotonic time, seconds.
        """
        self._window = Window(length_s=self._config.window_s)
        self._mean = self._fresh
        self._evidence_end_s = -math.inf
        self._said, self._filtered = Reason.WARMING_UP, {}
        self._recent.clear()
        self._last_s = at_s if self._last_s is None else max(at_s, self._last_s)

    def advance(self, at_s: float, *, silence: Reason | None = None) -> Trend:
        """Look at the trend at a time at which no reading came; changes nothing.

        Args:
            at_s: monotonic time, seconds; before the last reading it counts as that reading's.
            silence: why no reading comes, where the caller knows better than camera_lost.
        """
        if self._last_s is None:
            return _without_level(at_s, coverage=0.0, reason=silence or Reason.WARMING_UP)
        at_s = max(at_s, self._last_s)
        view = self._window.view(
            until_s=at_s, current=self._span(at_s), silence=silence or Reason.CAMERA_LOST
        )
        if view.coverage < self._config.min_coverage:
            return _without_level(at_s, coverage=view.coverage, reason=view.reason)
        held_s = min(at_s - self._last_s, self._hold_s)
        values = self._mean.held(self._filtered, held_s).values()
        if _LEVEL not in values:
            return _without_level(at_s, coverage=view.coverage, reason=view.reason)
        # Rounding can leave a mean of equal numbers a hair outside their range.
        level = _clip(values.pop(_LEVEL), LEVEL_MIN, LEVEL_MAX)
        pspi = values.pop(_PSPI, None)
        return Trend(
            at_s=at_s,
            level=level,
            spread=view.spread_around(level),
            coverage=view.coverage,
            corrected_level=None,
            pspi=None if pspi is None else _clip(pspi, 0.0, PSPI_MAX),
            confidence=_clip(values.pop(_CONFIDENCE), 0.0, 1.0),
            action_units={
                ActionUnit(name): _clip(value, 0.0, AU_MAX) for name, value in values.items()
            },
            reason=None,
        )

    def _span(self, until_s: float) -> Span:
        start_s = self._last_s if self._last_s is not None else until_s
        return Span(start_s=start_s, end_s=min(until_s, start_s + self._hold_s), said=self._said)

    def _close(self, at_s: float) -> None:
        """End the last reading's span: the next reading has come at ``at_s``."""
        if self._last_s is None:
            return
        span = self._span(at_s)
        self._window.add(span)
        if not isinstance(span.said, Reason):
            self._evidence_end_s = span.end_s
        self._mean = self._mean.held(self._filtered, span.end_s - span.start_s).unseen(
            at_s - span.end_s
        )

    def _without_blinks(self, at_s: float, signals: Mapping[str, float]) -> Mapping[str, float]:
        self._recent.append((at_s, signals))
        while self._recent[0][0] <= at_s - self._config.median_s and len(self._recent) > 1:
            self._recent.popleft()
        return {
            name: median(earlier[name] for _, earlier in self._recent if name in earlier)
            for name in signals
        }


def _signals(reading: Reading) -> dict[str, float] | Reason:
    score = reading.outcome
    if not isinstance(score, Score):
        return score.reason
    signals = {_LEVEL: score.level, _CONFIDENCE: score.confidence}
    if score.pspi is not None:
        signals[_PSPI] = score.pspi
    signals.update({unit.value: value for unit, value in score.action_units.items()})
    if not all(math.isfinite(value) for value in signals.values()):
        return Reason.MODEL_FAILED
    signals[_LEVEL] = _clip(signals[_LEVEL], LEVEL_MIN, LEVEL_MAX)
    return signals


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _without_level(at_s: float, *, coverage: float, reason: Reason) -> Trend:
    return Trend(
        at_s=at_s,
        level=None,
        spread=None,
        coverage=coverage,
        corrected_level=None,
        pspi=None,
        action_units={},
        confidence=None,
        reason=reason,
    )
