"""The neutral of one room's resident: measured on request, kept, applied, watched for drift."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from edge.baseline.values import Baseline
from edge.baseline.window import CalmWindow
from edge.config.baseline import BaselineConfig
from pain.clock import Moment
from pain.errors import CommandRefused
from pain.values import Trend
from pain.wire import BaselineState, BaselineStatus

MAX_CORRECTION: Final = 1.5
"""Levels. A neutral that was measured in pain must not hide more than this of later pain."""

DRIFT_PIECE_S: Final = 600.0
DRIFT_PIECES: Final = 144
DRIFT_FEWEST: Final = 36
"""Drift compares the neutral with the last day, in medians of ten minutes; six hours at least."""


Note = Callable[[Mapping[str, object]], None]


def note_nothing(_body: Mapping[str, object]) -> None:
    """For a book whose results nobody records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    begun_s: float
    levels: list[float]


class BaselineBook:
    """Everything about one resident's neutral. Not thread-safe; moments must not go backwards.

    Args:
        config: of the measurement.
        kept: what the run before knew.
        note: puts a line into the record; told what became of each measurement.
    """

    def __init__(
        self, config: BaselineConfig, *, kept: Baseline | None = None, note: Note = note_nothing
    ) -> None:
        self._config = config
        self._note = note
        self._baseline = kept
        self._window: CalmWindow | None = None
        self._failure: str | None = None
        self._piece: _Piece | None = None
        self._medians: deque[float] = deque(maxlen=DRIFT_PIECES)

    @property
    def baseline(self) -> Baseline | None:
        """The neutral in force."""
        return self._baseline

    def take_over(self, before: BaselineBook) -> None:
        """Go on from the room's book before, a running measurement included."""
        self._window, self._failure = before._window, before._failure
        self._piece, self._medians = before._piece, before._medians

    def measure(self, *, person: str, in_pain: bool, now: Moment) -> None:
        """Begin a calm window; one that runs is begun anew.

        Raises:
            CommandRefused: a pain alarm stands.
        """
        if in_pain:
            raise CommandRefused("a pain alarm stands: this is no moment for a neutral")
        self.give_up("it was begun anew")
        self._failure = None
        self._window = CalmWindow(config=self._config, person=person, begun_s=now.monotonic_s)

    def forget(self, *, person: str) -> None:
        """Delete the neutral, and end a measurement.

        Raises:
            CommandRefused: there is none.
        """
        if self._baseline is None and self._window is None:
            raise CommandRefused("there is no baseline to delete")
        self._baseline = self._window = self._failure = None
        self._note({"what": "reset", "person": person})

    def give_up(self, why: str) -> None:
        """End a measurement without a result; nothing happens where none runs."""
        if self._window is not None:
            self._fail(self._window, why)

    def observe(self, trend: Trend, *, in_pain: bool, now: Moment) -> bool:
        """Take in a trend.

        Returns:
            Whether a measurement ended, which is worth keeping and telling.
        """
        self._follow_drift(trend)
        window = self._window
        if window is None:
            return False
        window.add(trend)
        if in_pain:
            self._fail(window, "a pain alarm began in the window")
            return True
        if now.monotonic_s < window.ends_s:
            return False
        found = window.judge(now)
        if isinstance(found, Baseline):
            self._keep(found)
        else:
            self._fail(window, found)
        return True

    def correct(self, trend: Trend) -> Trend:
        """The trend with its level above the neutral, at most ``MAX_CORRECTION`` lower."""
        if self._baseline is None or trend.level is None:
            return trend
        correction = min(self._baseline.level, MAX_CORRECTION)
        return replace(trend, corrected_level=max(0.0, trend.level - correction))

    def status(self, now: Moment) -> BaselineStatus:
        """As the status topic says it."""
        found, window = self._baseline, self._window
        state = BaselineState.NONE
        if window is not None:
            state = BaselineState.MEASURING
        elif self._failure is not None:
            state = BaselineState.FAILED
        elif found is not None:
            state = BaselineState.SET
        return BaselineStatus(
            state=state,
            until=None if window is None else now.at(window.ends_s),
            failure=self._failure,
            level=None if found is None else round(found.level, 2),
            measured_at=None if found is None else found.measured_at,
            person=None if found is None else found.person,
            drift=self._drift(),
        )

    def _keep(self, found: Baseline) -> None:
        self._window, self._baseline = None, found
        self._medians.clear()
        self._note(
            {
                "what": "set",
                "person": found.person,
                "level": round(found.level, 2),
                "pspi": None if found.pspi is None else round(found.pspi, 2),
            }
        )

    def _fail(self, window: CalmWindow, why: str) -> None:
        self._window, self._failure = None, why
        self._note({"what": "failed", "person": window.person, "why": why})

    def _follow_drift(self, trend: Trend) -> None:
        if trend.level is None:
            return
        if self._piece is None:
            self._piece = _Piece(begun_s=trend.at_s, levels=[])
        if trend.at_s - self._piece.begun_s >= DRIFT_PIECE_S:
            self._medians.append(median(self._piece.levels))
            self._piece = _Piece(begun_s=trend.at_s, levels=[])
        # Once a second is enough, and keeps a piece small whatever the frame rate.
        if not self._piece.levels or trend.at_s - self._piece.begun_s >= len(self._piece.levels):
            self._piece.levels.append(trend.level)

    def _drift(self) -> float | None:
        if self._baseline is None or len(self._medians) < DRIFT_FEWEST:
            return None
        return round(median(self._medians) - self._baseline.level, 2)
