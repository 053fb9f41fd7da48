"""When a technical condition is present: the timing of camera_lost, model_failed and no_face."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from edge.alarm.sparse import SparseWatch
from edge.config import AlarmsConfig
from pain.alarms import Condition
from pain.values import Reading, Reason, Trend, Unavailable
from pain.wire import StageState, StageStatus

STARTING_LIMIT_S: Final = 60.0
"""Time for a worker to load its models before it counts as failed; a slow box needs 10 to 20 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether a condition is present.

    Attributes:
        present: whether it is.
        onset_s: monotonic time at which it began, before the delay; None when not present.
    """

    present: bool
    onset_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fatal:
    condition: Condition
    at_s: float


_ABSENT: Final = Presence(present=False)
_BLINDING: Final = (Condition.CAMERA_LOST, Condition.MODEL_FAILED)


class TechnicalWatch:
    """Judges whether one room can be watched, from signs of life with their monotonic times.

    One fault is told once: camera_lost and model_failed exclude each other, and no_face is not
    judged while either stands, since its cause is known then.

    - camera_lost: no frame for the configured time, or at once when the worker gave the camera up,
      or frames so rare that there was no level for the configured time in all (``sparse``).
    - model_failed: frames come and none is judged for the configured time, or at once when the
      worker died or gave the model up, or when it was not ready within ``STARTING_LIMIT_S``. While
      tracking or scoring hangs on a frame nobody asks for the next one: that is no lost camera.
    - no_face: frames are judged but yield no level for the configured time. The level decides, not
      the single score, so that a face which is seen once a minute does not count as watched.

    A lost worker stands as model_failed until a later frame is judged; when a new worker is ready
    and gets no frames, that gives way to camera_lost.

    What stood when the run before ended stands on until the opposite is seen: a frame, a judged
    frame, a level.

    Args:
        config: delays.
        start_s: monotonic time at which the first worker was started.
        standing: conditions that stood when the run before ended.
    """

    def __init__(
        self,
        config: AlarmsConfig,
        *,
        start_s: float,
        standing: Collection[Condition] = (),
    ) -> None:
        self._config = config
        self._loading_since_s: float | None = start_s
        self._frame_s = start_s
        self._judged_s = start_s
        self._level_s = start_s
        self._sparse = SparseWatch(limit_s=config.camera_lost_after_s)
        self._unjudged_since_s: float | None = None
        self._failing_since_s: float | None = None
        self._stalled = False
        self._fatal: _Fatal | None = next(
            (_Fatal(condition=one, at_s=start_s) for one in _BLINDING if one in standing), None
        )
        self._unseen_since_restart = Condition.NO_FACE in standing

    @property
    def judged_s(self) -> float:
        """Monotonic time of the newest frame that was judged, or of the start; seconds."""
        return self._judged_s

    @property
    def loading_since_s(self) -> float | None:
        """Monotonic time since which a worker is due that is not ready yet, seconds."""
        return self._loading_since_s

    @property
    def told_after_s(self) -> float:
        """Longest silence that is not told yet, seconds."""
        return max(self._config.camera_lost_after_s, self._config.model_failed_after_s)

    @property
    def stalled(self) -> bool:
        """Whether tracking or scoring hangs on a frame, as far as the worker has said."""
        return self._stalled

    @property
    def sparse(self) -> bool:
        """Whether frames come, and too rarely to judge pain by."""
        return self._sparse.present

    def trend(self, trend: Trend) -> None:
        """The smoothed estimate, also at times at which no frame came."""
        judging = self._fatal is None and self._loading_since_s is None and not self._stalled
        self._sparse.observe(trend, judging=judging)

    def ready(self, at_s: float) -> None:
        """A worker has loaded its models: frames are due from now on."""
        self._loading_since_s = None
        self._stalled = False
        self._frame_s = max(self._frame_s, at_s)
        self._unjudged_since_s = None

    def beat(self, stages: Mapping[str, StageStatus], at_s: float) -> None:
        """The worker told how its stages are.

        Args:
            stages: health of ``capture``, ``track`` and ``score``, where known.
            at_s: monotonic time of the beat, seconds.
        """
        capture = stages.get("capture")
        if capture is not None and capture.last_s is not None:
            self.frame_progress(at_s - capture.last_s)
        models = [stages[name].state for name in ("track", "score") if name in stages]
        if StageState.FAILED in models:
            self.failed(Reason.MODEL_FAILED, at_s, fatal=False)
        # Ended by a beat alone: only that tells of the next frame too, which was not asked for
        # while the stage hung.
        self._stalled = StageState.STALLED in models

    def frame_progress(self, at_s: float) -> None:
        """A frame was captured at ``at_s``, whatever became of it."""
        if at_s <= self._frame_s:
            return
        after_outage = at_s - self._frame_s >= self._config.camera_lost_after_s
        if self._unjudged_since_s is None or after_outage:
            self._unjudged_since_s = at_s
        if after_outage:
            self._sparse.outage_ended(at_s)
        self._frame_s = at_s
        if self._fatal is not None and at_s > self._fatal.at_s:
            gave_way = after_outage and self._loading_since_s is None
            if gave_way or self._fatal.condition is Condition.CAMERA_LOST:
                self._fatal = None

    def reading(self, reading: Reading, trend: Trend) -> None:
        """A frame went through the whole pipeline.

        Args:
            reading: what came of it.
            trend: the smoothed estimate after it.
        """
        at_s = reading.captured_s
        outcome = reading.outcome
        reason = outcome.reason if isinstance(outcome, Unavailable) else None
        late = at_s < self._judged_s or (self._fatal is not None and at_s <= self._fatal.at_s)
        if reason is Reason.CAMERA_LOST or late:
            return
        self._loading_since_s = None
        self.frame_progress(at_s)
        if reason is Reason.MODEL_FAILED:
            self.failed(Reason.MODEL_FAILED, at_s, fatal=False)
            return
        if trend.level is not None:
            self._unseen_since_restart = False
        if trend.level is not None or at_s - self._judged_s >= self._outage_s:
            # What was not seen for want of frames is no absence of the resident.
            self._level_s = at_s
        self._judged_s = at_s
        self._unjudged_since_s = None
        self._failing_since_s = None
        self._fatal = None

    def failed(self, reason: Reason, at_s: float, *, fatal: bool, at_once: bool = False) -> None:
        """The worker says that something failed, or was found dead.

        Args:
            reason: camera_lost; anything else, and a dead worker, is model_failed.
            at_s: monotonic time, seconds.
            fatal: whether there is no worker any more: the condition is present at once. Else the
                worker keeps trying and the configured delay applies.
            at_once: the worker keeps trying, and the condition is present at once all the same.
        """
        lost = reason is Reason.CAMERA_LOST
        if fatal or at_once:
            condition = Condition.CAMERA_LOST if lost else Condition.MODEL_FAILED
            if fatal:
                self._loading_since_s = at_s
                self._stalled = False
            if self._fatal is None:
                self._fatal = _Fatal(condition=condition, at_s=at_s)
        elif not lost and self._failing_since_s is None:
            self._failing_since_s = at_s

    def evaluate(self, now_s: float) -> Mapping[Condition, Presence]:
        """Judge the three conditions at a monotonic time, seconds."""
        camera = self._camera_lost(now_s)
        model = _ABSENT if camera.present else self._model_failed(now_s)
        blind = camera.present or model.present
        return {
            Condition.CAMERA_LOST: camera,
            Condition.MODEL_FAILED: model,
            Condition.NO_FACE: _ABSENT if blind else self._no_face(),
        }

    @property
    def _outage_s(self) -> float:
        return min(self._config.camera_lost_after_s, self._config.model_failed_after_s)

    def _camera_lost(self, now_s: float) -> Presence:
        if self._fatal is not None and self._fatal.condition is Condition.CAMERA_LOST:
            return Presence(present=True, onset_s=self._fatal.at_s)
        if self._loading_since_s is not None or self._stalled:
            return _ABSENT
        gone = _after(self._config.camera_lost_after_s, since_s=self._frame_s, until_s=now_s)
        if self._sparse.present and not gone.present:
            return Presence(present=True, onset_s=self._sparse.onset_s)
        return gone

    def _model_failed(self, now_s: float) -> Presence:
        if self._fatal is not None:
            return Presence(present=True, onset_s=self._fatal.at_s)
        if self._loading_since_s is not None:
            return _after(STARTING_LIMIT_S, since_s=self._loading_since_s, until_s=now_s)
        limit_s = self._config.model_failed_after_s
        failing = _after(limit_s, since_s=self._failing_since_s, until_s=now_s)
        if failing.present:
            return failing
        if self._stalled:
            return _after(limit_s, since_s=self._frame_s, until_s=now_s)
        return _after(limit_s, since_s=self._unjudged_since_s, until_s=self._frame_s)

    def _no_face(self) -> Presence:
        if self._unseen_since_restart:
            return Presence(present=True, onset_s=self._level_s)
        limit_s = self._config.no_face_after_s
        return _after(limit_s, since_s=self._level_s, until_s=self._judged_s)


def _after(limit_s: float, *, since_s: float | None, until_s: float) -> Presence:
    if since_s is None or until_s - since_s < limit_s:
        return _ABSENT
    return Presence(present=True, onset_s=since_s)
