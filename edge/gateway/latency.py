"""Latency percentiles over the last readings."""

from __future__ import annotations

from collections import deque

import numpy as np


class LatencyWindow:
    """Keeps the last latencies; bounded, so that a year of running costs nothing."""

    def __init__(self, *, size: int = 256) -> None:
        self._latencies_s: deque[float] = deque(maxlen=size)

    def add(self, latency_s: float) -> None:
        """Add one latency in seconds."""
        self._latencies_s.append(latency_s)

    def percentile_ms(self, percent: float) -> float | None:
        """Return a percentile in milliseconds, or None before the first latency."""
        if not self._latencies_s:
            return None
        return float(np.percentile(self._latencies_s, percent)) * 1000.0
