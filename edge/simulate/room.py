"""One room of the daemon on a clock turned by hand: its smoother, its watch and its alarms."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final
from uuid import UUID

from edge.alarm import RoomAlarms, TechnicalWatch
from edge.config import AlarmsConfig, SmoothingConfig
from edge.simulate.generate import SPARSE_STEP_S
from edge.simulate.stream import EPOCH, Stream
from edge.smooth import Smoother
from edge.smooth.smoother import MAX_HOLD_S
from pain.alarms import AlarmEvent, Condition
from pain.clock import Moment
from pain.values import Reading, Reason, Score, Trend

TICK_S: Final = 1.0
"""Without a reading for this long, time itself is told to the smoother, as in the gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What became of one stream under one set of limits.

    Attributes:
        events: every transition of every alarm, in order.
        seen_s: seconds with a level, 0 where none.
        total_s: seconds watched.
    """

    events: tuple[AlarmEvent, ...]
    seen_s: float
    total_s: float


class VirtualRoom:
    """What the gateway does with readings of one room, without a machine around it.

    The classes are the daemon's own. One smoother serves several sets of limits, since a sweep
    over limits would else smooth the same readings again and again.

    Calm times are passed over: while a face is seen without a break, every level is below every
    limit and no alarm stands, a mean of those levels cannot reach a limit. The room is told of
    readings again ``settling_s`` before that ends, when what came earlier weighs e^-16 at most.

    Args:
        smoothing: of the one smoother.
        alarms: limits and delays, one room's alarms for each.
        start_s: time at which the worker is ready, seconds.
        skip_calm: whether to pass over calm times.
    """

    def __init__(
        self,
        smoothing: SmoothingConfig,
        alarms: Sequence[AlarmsConfig],
        *,
        start_s: float = 0.0,
        skip_calm: bool = True,
    ) -> None:
        self._smoother = Smoother(smoothing)
        self._sides = [_Side(config, start_s=start_s) for config in alarms]
        self._last_s = start_s
        self._level: float | None = None
        self._seen = False
        self._catching_up = False
        self._skip_calm = skip_calm
        self._limit = min(
            min(config.pain_moderate.level, config.pain_severe.level) for config in alarms
        )
        self._settling_s = (
            _FADED * smoothing.time_constant_s + smoothing.window_s + smoothing.median_s
        )

    def watch(self, stream: Stream) -> list[Watched]:
        """Let a stream pass, in order of time after the last; one result for each set of limits."""
        began_s, seen_s = self._last_s, 0.0
        calm_until_s = _calm_until(stream, self._limit)
        number = 0
        while number < len(stream.at_s):
            skipped = self._skippable(stream, number, calm_until_s)
            if skipped:
                seen_s += stream.at_s[number + skipped] - self._last_s
                number += skipped
                self._last_s = stream.at_s[number]
                self._catching_up = True
            reading = stream.reading(number)
            seen_s += self._pass_silence(reading)
            if self._level is not None or self._catching_up:
                seen_s += reading.captured_s - self._last_s
            self._take(self._smoother.update(reading), reading)
            self._seen = isinstance(reading.outcome, Score)
            number += 1
        seen_s += self._tick_until(stream.until_s)
        return [
            Watched(events=tuple(side.take_events()), seen_s=seen_s, total_s=self._last_s - began_s)
            for side in self._sides
        ]

    def _skippable(self, stream: Stream, number: int, calm_until_s: Sequence[float]) -> int:
        """How many readings from this one on may be passed over."""
        resume_s = calm_until_s[number] - self._settling_s
        if (
            not self._skip_calm
            or resume_s - stream.at_s[number] < _WORTH_S
            or self._level is None
            or self._level >= self._limit
            or any(side.anything_present for side in self._sides)
        ):
            return 0
        return bisect_left(stream.at_s, resume_s, lo=number) - number

    def _pass_silence(self, reading: Reading) -> float:
        """Tick as the gateway would while no reading comes; returns the seconds with a level."""
        unseen = not self._seen and not isinstance(reading.outcome, Score)
        if unseen and self._level is None and reading.captured_s - self._last_s <= SPARSE_STEP_S:
            # From nothing seen to nothing seen: no tick between them can decide anything.
            return 0.0
        return self._tick_until(reading.captured_s)

    def _tick_until(self, until_s: float) -> float:
        seen_s = 0.0
        while until_s - self._last_s > TICK_S:
            seen_s += TICK_S if self._level is not None else 0.0
            self._take(self._smoother.advance(self._last_s + TICK_S), None)
        return seen_s

    def _take(self, trend: Trend, reading: Reading | None) -> None:
        self._last_s = trend.at_s
        self._level = trend.level
        # The smoother misses what was passed over until its window is full again.
        self._catching_up = self._catching_up and trend.level is None
        now = Moment(monotonic_s=trend.at_s, wall=_WALL.at(trend.at_s))
        for side in self._sides:
            side.take(trend, reading, now)


_WALL: Final = Moment(monotonic_s=0.0, wall=EPOCH)

_FADED: Final = 16.0
"""Time constants after which a reading has no weight worth the name (1e-7)."""

_WORTH_S: Final = 2.0
"""Shortest time that is worth passing over."""


def _calm_until(stream: Stream, limit: float) -> list[float]:
    """For each reading, when the run of unbroken levels below the limit ends that it is in.

    The reading's own time where it is in none.
    """
    until_s = list(stream.at_s)
    for number in range(len(until_s) - 2, -1, -1):
        outcome, later = stream.outcomes[number], stream.outcomes[number + 1]
        if (
            not isinstance(outcome, Reason)
            and not isinstance(later, Reason)
            and max(outcome, later) < limit
            and stream.at_s[number + 1] - stream.at_s[number] <= MAX_HOLD_S
        ):
            until_s[number] = until_s[number + 1]
    return until_s


class _Side:
    """The alarms of one set of limits."""

    def __init__(self, config: AlarmsConfig, *, start_s: float) -> None:
        self._alarms = RoomAlarms(config, new_id=_numbers().__next__)
        self._watch = TechnicalWatch(config, start_s=start_s)
        self._watch.ready(start_s)
        self._present: dict[Condition, bool] = {}
        self._events: list[AlarmEvent] = []

    @property
    def anything_present(self) -> bool:
        """Whether any condition is present."""
        return any(self._present.values())

    def take(self, trend: Trend, reading: Reading | None, now: Moment) -> None:
        if reading is not None:
            self._watch.reading(reading, trend)
        self._note(self._alarms.observe(trend, now))
        for condition, presence in self._watch.evaluate(now.monotonic_s).items():
            # Only a change moves an alarm, and asking costs more than comparing.
            if self._present.get(condition, False) != presence.present:
                self._note(
                    self._alarms.technical(
                        condition, present=presence.present, now=now, onset_s=presence.onset_s
                    )
                )

    def _note(self, events: list[AlarmEvent]) -> None:
        for event in events:
            self._present[event.condition] = event.present
        self._events += events

    def take_events(self) -> list[AlarmEvent]:
        events, self._events = self._events, []
        return events


def _numbers() -> Iterator[UUID]:
    """Ids in order instead of random ones, so that the same seed gives the same events."""
    return (UUID(int=number) for number in count())
