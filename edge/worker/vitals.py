"""Health of the worker's stages: what worked when, what failed, what hangs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, get_args

from edge.worker.messages import StageName
from pain.clock import Clock
from pain.wire import StageState, StageStatus

RATE_WINDOW_S: Final = 5.0
"""Readings of this long a past make the reported rate."""

STAGES: Final[tuple[StageName, ...]] = get_args(StageName)


@dataclass(slots=True)
class _Stage:
    worked_s: float | None = None
    busy_since_s: float | None = None
    limit_s: float = 0.0
    failure: str | None = None
    stopped: bool = False


class Vitals:
    """Written by the threads that work, read by the heartbeat; safe to share.

    Args:
        clock: source of the present moment.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._stages: dict[StageName, _Stage] = {name: _Stage() for name in STAGES}
        self._readings_s: deque[float] = deque()

    def began(self, name: StageName, *, limit_s: float) -> None:
        """A stage is at work; when it takes longer than the limit it counts as stalled."""
        with self._lock:
            stage = self._stages[name]
            stage.busy_since_s = self._clock.now().monotonic_s
            stage.limit_s = limit_s

    def worked(self, name: StageName) -> None:
        """A stage has done its work."""
        with self._lock:
            self._stages[name] = _Stage(worked_s=self._clock.now().monotonic_s)

    def failed(self, name: StageName, detail: str) -> None:
        """A stage could not do its work; it stays failed until it works again."""
        with self._lock:
            stage = self._stages[name]
            stage.failure = detail
            stage.busy_since_s = None

    def stopped(self, name: StageName) -> None:
        """A stage has nothing more to do."""
        with self._lock:
            self._stages[name].stopped = True

    @contextmanager
    def during(self, name: StageName, *, limit_s: float) -> Iterator[None]:
        """Mark a stage as at work, and as having worked when nothing is raised."""
        self.began(name, limit_s=limit_s)
        yield
        self.worked(name)

    def reading_made(self) -> None:
        """A reading was sent."""
        with self._lock:
            self._readings_s.append(self._clock.now().monotonic_s)

    def fps(self) -> float | None:
        """Readings a second over the last seconds, None before there were any."""
        with self._lock:
            if not self._readings_s:
                return None
            since_s = self._clock.now().monotonic_s - RATE_WINDOW_S
            newest_s = self._readings_s[-1]
            while self._readings_s and self._readings_s[0] < since_s:
                self._readings_s.popleft()
            if not self._readings_s:
                self._readings_s.append(newest_s)
                return 0.0
            span_s = newest_s - self._readings_s[0]
            return (len(self._readings_s) - 1) / span_s if span_s > 0 else None

    def statuses(self) -> dict[StageName, StageStatus]:
        """Status of every stage at this moment."""
        with self._lock:
            now_s = self._clock.now().monotonic_s
            return {name: _status(stage, now_s) for name, stage in self._stages.items()}


def _status(stage: _Stage, now_s: float) -> StageStatus:
    last_s = None if stage.worked_s is None else max(0.0, now_s - stage.worked_s)
    busy_s = None if stage.busy_since_s is None else now_s - stage.busy_since_s
    if stage.stopped:
        return StageStatus(state=StageState.STOPPED, last_s=last_s)
    # A hang outranks an earlier failure: it is what has to be ended now.
    if busy_s is not None and busy_s > stage.limit_s:
        return StageStatus(
            state=StageState.STALLED, detail=f"no answer for {busy_s:.1f} s", last_s=last_s
        )
    if stage.failure is not None:
        return StageStatus(state=StageState.FAILED, detail=stage.failure, last_s=last_s)
    if last_s is None:
        return StageStatus(state=StageState.STARTING)
    return StageStatus(state=StageState.OK, last_s=last_s)
