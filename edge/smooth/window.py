"""What was seen in the last seconds: how much of it, how steady, and why not."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Final

from pain.values import Reason

MAX_SPANS: Final = 8192
"""Memory bound: the longest window at the highest frame rate that a config allows (60 s, 120 fps).
Should more come all the same, the oldest is forgotten and coverage errs on the low side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Time for which one reading speaks.

    Attributes:
        start_s: monotonic start, seconds.
        end_s: monotonic end, seconds, >= start_s.
        said: the level 0..6, or why there is none.
    """

    start_s: float
    end_s: float
    said: float | Reason


class Window:
    """Spans of the last ``length_s`` seconds, oldest first and never overlapping."""

    def __init__(self, *, length_s: float) -> None:
        self._length_s = length_s
        self._spans: deque[Span] = deque(maxlen=MAX_SPANS)
        self._first_s: float | None = None

    def add(self, span: Span) -> None:
        """Append a span that starts no earlier than the last one ended."""
        if self._first_s is None:
            self._first_s = span.start_s
        self._spans.append(span)
        while self._spans and self._spans[0].end_s < span.end_s - self._length_s:
            self._spans.popleft()

    def view(self, *, until_s: float, current: Span | None, silence: Reason) -> View:
        """Sum up the window that ends at ``until_s``.

        Args:
            until_s: monotonic end of the window, seconds.
            current: the span that is still growing, not added yet.
            silence: reason to give for time in which no reading came.
        """
        since_s = until_s - self._length_s
        seen_s = 0.0
        levels: list[tuple[float, float]] = []
        why: dict[Reason, float] = defaultdict(float)
        for span in (*self._spans, *((current,) if current else ())):
            duration_s = min(span.end_s, until_s) - max(span.start_s, since_s)
            if duration_s <= 0:
                continue
            seen_s += duration_s
            if isinstance(span.said, Reason):
                why[span.said] += duration_s
            else:
                levels.append((span.said, duration_s))
        first_s = until_s if self._first_s is None else self._first_s
        if self._first_s is None and current is not None:
            first_s = current.start_s
        before_s = min(max(first_s - since_s, 0.0), self._length_s)
        why[Reason.WARMING_UP] += before_s
        why[silence] += max(self._length_s - before_s - seen_s, 0.0)
        valid_s = math.fsum(duration_s for _, duration_s in levels)
        return View(
            coverage=min(valid_s / self._length_s, 1.0),
            levels=tuple(levels),
            reason=max(why, key=lambda reason: why[reason]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A window summed up.

    Attributes:
        coverage: share of the window in which there was a level, 0..1.
        levels: (level, seconds for which it stood).
        reason: what most of the rest was lost to.
    """

    coverage: float
    levels: tuple[tuple[float, float], ...]
    reason: Reason

    def spread_around(self, centre: float) -> float:
        """Time-weighted standard deviation of the levels around ``centre``, in levels."""
        total_s = math.fsum(duration_s for _, duration_s in self.levels)
        if total_s == 0:
            return 0.0
        squares = math.fsum((level - centre) ** 2 * duration_s for level, duration_s in self.levels)
        return math.sqrt(squares / total_s)
