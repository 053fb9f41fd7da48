"""The level of the last minutes as one line of blocks, in time-based buckets."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pain.scales import LEVEL_MAX

BLOCKS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"
"""Shown where nothing is known; the lowest block means level 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One level and how long it stood.

    Attributes:
        at_s: monotonic time of receipt, seconds.
        until_s: monotonic time at which it was followed by another message or expired, seconds.
        level: smoothed level 0..6.
    """

    at_s: float
    until_s: float
    level: float


def buckets(
    samples: Iterable[Sample], *, now_s: float, window_s: float, count: int
) -> tuple[float | None, ...]:
    """Highest level in each of ``count`` equal spans of the window, oldest first.

    The maximum is kept so that a short peak stays visible. Spans are aligned to multiples of their
    width on the monotonic clock, so that the line moves by whole columns and does not shimmer; the
    newest one is still being filled.

    Args:
        samples: levels in any order; those outside the window are left out.
        now_s: monotonic time of the right end, seconds.
        window_s: length of the window, seconds, > 0.
        count: number of spans, > 0.

    Returns:
        ``count`` levels 0..6, None where there was no level.
    """
    width_s = window_s / count
    last = math.floor(now_s / width_s)
    highest: list[float | None] = [None] * count
    for sample in samples:
        first = count - 1 - (last - math.floor(sample.at_s / width_s))
        end = count - 1 - (last - math.floor(min(sample.until_s, now_s) / width_s))
        for index in range(max(first, 0), min(end, count - 1) + 1):
            before = highest[index]
            highest[index] = sample.level if before is None else max(before, sample.level)
    return tuple(highest)


def block(level: float | None) -> str:
    """Glyph of one bucket: 0 is the lowest block, 6 the full one, None a gap."""
    if level is None:
        return GAP
    share = min(max(level / LEVEL_MAX, 0.0), 1.0)
    return BLOCKS[min(int(share * len(BLOCKS)), len(BLOCKS) - 1)]
