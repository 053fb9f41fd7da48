"""What the daemon says of somebody who is not in pain: seconds of alarm that should not be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.alarm import RoomAlarms
from edge.batch.media import video_frames
from edge.bench.rows import Row
from edge.config import AlarmsConfig, QualityConfig, ScoringConfig, SmoothingConfig, TrackingConfig
from edge.score import Scorer
from edge.smooth import Smoother
from edge.track import Tracker
from edge.track.landmarker import Landmarker
from pain.alarms import PHYSIOLOGICAL, AlarmState, Trigger
from pain.clock import Moment, SystemClock
from pain.values import Face, Frame, Reading, Score, Unavailable

_MINUTE_S: Final = 60.0


@dataclass(slots=True, kw_only=True)
class Watched:
    """One bundle's view of one video, as it grows frame by frame.

    Attributes:
        name: of the bundle.
        raw: time (s) and level 0..6 of every frame; NaN where there is none.
        smoothed: time (s) and smoothed level; NaN where there is none.
        alarmed: whether a pain alarm stood, for every frame.
        alarm_s: seconds in which a pain alarm stood.
        alarms: pain alarms that began.
    """

    name: str
    scorer: Scorer
    smoother: Smoother = field(default_factory=lambda: Smoother(SmoothingConfig()))
    alarms: RoomAlarms = field(default_factory=lambda: RoomAlarms(AlarmsConfig()))
    raw: list[tuple[float, float]] = field(default_factory=list)
    smoothed: list[tuple[float, float]] = field(default_factory=list)
    alarmed: list[bool] = field(default_factory=list)
    alarm_s: float = 0.0
    began: int = 0

    def see(self, frame: Frame, face: Face | Unavailable, passed_s: float) -> None:
        """Take in one frame, as the worker and the gateway would."""
        outcome: Score | Unavailable = (
            face if isinstance(face, Unavailable) else self.scorer.score(face)
        )
        level = outcome.level if isinstance(outcome, Score) else np.nan
        self.raw.append((frame.captured_s, level))
        trend = self.smoother.update(
            Reading(
                captured_s=frame.captured_s,
                wall_time=frame.wall_time,
                sequence=frame.sequence,
                outcome=outcome,
                face_height_px=None if isinstance(face, Unavailable) else face.height_px,
            )
        )
        now = Moment(monotonic_s=frame.captured_s, wall=frame.wall_time)
        events = self.alarms.observe(trend, now)
        self.began += sum(event.trigger is Trigger.ONSET for event in events)
        self.smoothed.append((frame.captured_s, np.nan if trend.level is None else trend.level))
        standing = any(
            status.condition in PHYSIOLOGICAL and status.state is not AlarmState.OFF
            for status in self.alarms.statuses(now)
        )
        self.alarmed.append(standing)
        self.alarm_s += passed_s if standing else 0.0

    @property
    def levels(self) -> list[float]:
        """Levels of the scored frames."""
        return [level for _, level in self.raw if np.isfinite(level)]


def watch_calm(
    video: Path,
    bundles: Sequence[Path | None],
    landmarker: Landmarker,
    *,
    on_frame: Callable[[int], None] = lambda _frames: None,
    on_face: Callable[[float, Face | Unavailable], None] = lambda _at_s, _face: None,
) -> list[Watched]:
    """Let several bundles watch one video through the daemon's own tracker, smoother and alarms.

    Every frame is looked at, whatever time that takes; time is the video's own.

    Args:
        video: of somebody who is not in pain.
        bundles: folders; None for the built-in one.
        landmarker: the face model.
        on_frame: told how many frames were looked at.
        on_face: told the time (s) of every frame and what the tracker saw in it.

    Raises:
        SourceError: the video cannot be read, or holds no frame.
        BundleError: a bundle cannot be used.
    """
    watched = [
        Watched(name=scorer.bundle.name, scorer=scorer)
        for scorer in (Scorer(bundle_dir=bundle, scoring=ScoringConfig()) for bundle in bundles)
    ]
    tracker = Tracker(
        landmarker=landmarker,
        tracking=TrackingConfig(),
        quality=QualityConfig(),
        zone=None,
        masks=(),
        want_crop=any(one.scorer.wants_crop for one in watched),
        clock=SystemClock(),
    )
    before_s: float | None = None
    for frame in video_frames(video):
        passed_s = 0.0 if before_s is None else frame.captured_s - before_s
        before_s = frame.captured_s
        seen = tracker.track(frame)
        face = seen if isinstance(seen, Face) else Unavailable(reason=seen.reason)
        on_face(frame.captured_s, face)
        for one in watched:
            one.see(frame, face, passed_s)
        on_frame(frame.sequence + 1)
    return watched


def calm_row(video: Path, one: Watched) -> Row:
    """Figures of one bundle on one video."""
    times = np.array([at_s for at_s, _ in one.smoothed])
    levels = np.array([level for _, level in one.smoothed])
    length_s = float(times[-1] - times[0])
    known = levels[np.isfinite(levels)]
    steps = np.diff(times, append=times[-1])
    limits = AlarmsConfig()
    return {
        "video": video.name,
        "bundle": one.name,
        "bundle_sha256": one.scorer.bundle.bundle_sha256[:16],
        "length_s": length_s,
        "frames": len(times),
        "scored_share": len(one.levels) / len(times),
        "level_mean": float(np.mean(one.levels)) if one.levels else None,
        "level_p95": float(np.percentile(one.levels, 95)) if one.levels else None,
        "smoothed_max": float(known.max()) if known.size else None,
        "above_moderate_s_per_min": _per_minute(
            steps[levels >= limits.pain_moderate.level], length_s
        ),
        "above_severe_s_per_min": _per_minute(steps[levels >= limits.pain_severe.level], length_s),
        "alarm_s_per_min": one.alarm_s / length_s * _MINUTE_S if length_s else None,
        "alarms": one.began,
    }


def _per_minute(steps_s: npt.NDArray[np.float64], length_s: float) -> float | None:
    return float(steps_s.sum()) / length_s * _MINUTE_S if length_s else None
