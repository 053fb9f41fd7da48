"""Whether the alarms came once, in time, and only for pain; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.config import AlarmsConfig, PainLimit
from edge.demo.record import Change, Record
from edge.demo.truth import PAIN, Scene, Segment, Truth
from pain.alarms import PHYSIOLOGICAL, AlarmState, Condition, Trigger

TOLERANCE_S: Final = 2.0
"""What smoothing and transport may add to the on-delay."""

BUSY_S: Final = 0.4
"""Two looks at the alarms; a decision later than this after its on-delay was kept waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentResult:
    """One scene and the alarms that it raised.

    Attributes:
        segment: the scene.
        onset_s: when its true level reaches the alarm's limit, seconds of the clip; else None.
        peak_level: highest level published in it, None without any.
        alarms: onsets whose level crossed the limit in it, however late they were decided.
        delay_s: from true onset to the decision, None without pain or alarm.
        allowed_s: longest delay, None without pain.
        waited_s: how long the decision was kept waiting after its on-delay: the machine was busy.
    """

    segment: Segment
    onset_s: float | None
    peak_level: float | None
    alarms: tuple[Change, ...]
    delay_s: float | None
    allowed_s: float | None
    waited_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The outcome.

    Attributes:
        results: one per segment, in the clip's order.
        faults: what went wrong, in sentences; empty when all is as it must be.
    """

    results: tuple[SegmentResult, ...]
    faults: tuple[str, ...]


def judge(truth: Truth, record: Record, limits: AlarmsConfig) -> Judgement:
    """Compare what was published with what happened.

    Args:
        truth: the clip's storyboard.
        record: what the wire showed.
        limits: the limits in force.
    """
    onsets = [
        change
        for change in record.changes
        if change.condition in PHYSIOLOGICAL and change.trigger is Trigger.ONSET
    ]
    results = tuple(_result(segment, truth, record, onsets, limits) for segment in truth.segments)
    faults = [
        *_missing_or_repeated(onsets),
        *(fault for result in results for fault in _faults_of(result)),
        *_broken_chain(record),
    ]
    return Judgement(results=results, faults=tuple(faults))


def _limit(condition: Condition, limits: AlarmsConfig) -> PainLimit:
    by_condition: Mapping[Condition, PainLimit] = {
        Condition.PAIN_MODERATE: limits.pain_moderate,
        Condition.PAIN_SEVERE: limits.pain_severe,
    }
    return by_condition[condition]


def _result(
    segment: Segment,
    truth: Truth,
    record: Record,
    onsets: list[Change],
    limits: AlarmsConfig,
) -> SegmentResult:
    levels = [
        level.level
        for level in record.levels
        if level.level is not None and segment.start_s <= level.clip_s < segment.end_s
    ]
    condition = PAIN.get(segment.scene)
    began_here = [c for c in onsets if segment.start_s <= c.onset_s < segment.end_s]
    limit = None if condition is None else _limit(condition, limits)
    onset_s = None if limit is None else truth.onset_s(segment, limit=limit.level)
    mine = next((c for c in began_here if c.condition is condition), None)
    delay_s = None if onset_s is None or mine is None else mine.decided_s - onset_s
    kept_s = 0.0 if limit is None or mine is None else mine.decided_s - mine.onset_s
    return SegmentResult(
        segment=segment,
        onset_s=onset_s,
        peak_level=max(levels, default=None),
        alarms=tuple(began_here),
        delay_s=delay_s,
        allowed_s=None if limit is None else limit.on_delay_s + TOLERANCE_S,
        waited_s=0.0 if limit is None else max(kept_s - limit.on_delay_s, 0.0),
    )


def _missing_or_repeated(onsets: list[Change]) -> list[str]:
    faults = []
    for condition in PAIN.values():
        count = sum(change.condition is condition for change in onsets)
        if count == 0:
            faults.append(f"{condition} never came")
        elif count > 1:
            faults.append(f"{condition} came {count} times, not once")
    return faults


def _faults_of(result: SegmentResult) -> list[str]:
    scene = result.segment.scene
    wanted = PAIN.get(scene)
    faults = [
        f"{change.condition} at {change.decided_s:.1f} s, "
        f"begun while the resident was {_doing(scene)}"
        for change in result.alarms
        if change.condition is not wanted
    ]
    if (
        result.delay_s is not None
        and result.allowed_s is not None
        and result.delay_s > result.allowed_s
    ):
        fault = (
            f"{wanted} came {result.delay_s:.1f} s after the onset, "
            f"{result.allowed_s:.1f} s are allowed"
        )
        if result.waited_s > BUSY_S:
            fault += (
                f"; {result.waited_s:.1f} s of it because this machine was busy: close other "
                "programs, or try --speed fast, which takes its time from the clip"
            )
        faults.append(fault)
    if result.delay_s is not None and result.delay_s < 0:
        faults.append(f"{wanted} came {-result.delay_s:.1f} s before the onset")
    return faults


def _doing(scene: Scene) -> str:
    if scene in PAIN:
        return f"in {scene} pain"
    return "relieved" if scene is Scene.RELIEF else str(scene)


def _broken_chain(record: Record) -> list[str]:
    """Every transition must start where the one before it ended: none lost, none told twice."""
    faults = []
    state: dict[Condition, AlarmState] = {}
    for change in record.changes:
        expected = state.get(change.condition, AlarmState.OFF)
        if change.before is not expected:
            faults.append(
                f"{change.condition}: a change from {change.before} was published while the "
                f"state was {expected}"
            )
        state[change.condition] = change.after
    return faults
