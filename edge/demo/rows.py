"""The outcome as benchmark rows; pure."""

from __future__ import annotations

from edge.bench.rows import Row
from edge.demo.judge import Judgement, SegmentResult


def alarm_rows(judgement: Judgement) -> list[Row]:
    """One row for each scene of the clip.

    Args:
        judgement: what came of the clip.
    """
    return [_row(result) for result in judgement.results]


def _row(result: SegmentResult) -> Row:
    return {
        "scene": str(result.segment.scene),
        "start_s": result.segment.start_s,
        "end_s": result.segment.end_s,
        "true_onset_s": result.onset_s,
        "peak_level": result.peak_level,
        "alarms": " ".join(alarm.condition for alarm in result.alarms) or "none",
        "decided_s": result.alarms[0].decided_s if result.alarms else None,
        "delay_s": result.delay_s,
        "allowed_s": result.allowed_s,
        "data": "synthetic resident",
    }
