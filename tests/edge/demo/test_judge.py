from __future__ import annotations

import pytest

from edge.config import AlarmsConfig
from edge.demo.judge import judge
from edge.demo.record import Change, Level, Record
from edge.demo.truth import Scene, Segment, Truth
from pain.alarms import AlarmState, Condition, Trigger

MODERATE, SEVERE = Condition.PAIN_MODERATE, Condition.PAIN_SEVERE
OFF, ON, LATCHED = AlarmState.OFF, AlarmState.ON, AlarmState.LATCHED

SCENES = (
    (Scene.NEUTRAL, 0, 4, 0.0),
    (Scene.TALKING, 4, 7, 0.0),
    (Scene.SMILING, 7, 10, 0.0),
    (Scene.MODERATE, 10, 15, 4.0),
    (Scene.SEVERE, 15, 20, 6.0),
    (Scene.RELIEF, 20, 26, 0.0),
)
TRUTH = Truth(
    duration_s=26.0,
    fps=10.0,
    segments=tuple(Segment(scene=s, start_s=start, end_s=end) for s, start, end, _ in SCENES),
    level=tuple(level for _, start, end, level in SCENES for _ in range((end - start) * 10)),
)
LIMITS = AlarmsConfig()  # on-delay 2 s, so 4 s are allowed


def onset(
    condition: Condition, decided_s: float, *, before: AlarmState = OFF, waited_s: float = 0.0
) -> Change:
    return Change(
        condition=condition,
        trigger=Trigger.ONSET,
        before=before,
        after=ON,
        onset_s=decided_s - 2 - waited_s,
        decided_s=decided_s,
        published_s=decided_s,
    )


def cleared(condition: Condition, at_s: float, *, after: AlarmState = OFF) -> Change:
    return Change(
        condition=condition,
        trigger=Trigger.CLEARED,
        before=ON,
        after=after,
        onset_s=at_s,
        decided_s=at_s,
        published_s=at_s,
    )


def faults(*changes: Change) -> tuple[str, ...]:
    return judge(TRUTH, Record(changes=changes, levels=()), LIMITS).faults


def test_one_moderate_and_one_severe_alarm_in_time_are_right() -> None:
    assert faults(onset(MODERATE, 13.9), onset(SEVERE, 18.9), cleared(MODERATE, 25.0)) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([onset(SEVERE, 18)], "pain_moderate never came"),
        ([onset(MODERATE, 13)], "pain_severe never came"),
        (
            [onset(MODERATE, 12), cleared(MODERATE, 13), onset(MODERATE, 14), onset(SEVERE, 18)],
            "pain_moderate came 2 times",
        ),
        ([onset(MODERATE, 14.5), onset(SEVERE, 18)], "4.5 s after the onset, 4.0 s are allowed"),
        ([onset(MODERATE, 13), onset(SEVERE, 19.5)], "4.5 s after the onset, 4.0 s are allowed"),
        ([onset(MODERATE, 6.5), onset(SEVERE, 18)], "6.5 s, begun while the resident was talking"),
        ([onset(MODERATE, 9.5), onset(SEVERE, 18)], "begun while the resident was smiling"),
        ([onset(MODERATE, 13), onset(SEVERE, 14)], "begun while the resident was in moderate pain"),
        ([onset(MODERATE, 13), onset(SEVERE, 22.5)], "begun while the resident was relieved"),
        ([onset(MODERATE, 13), onset(SEVERE, 18), cleared(SEVERE, 20), cleared(SEVERE, 21)], "off"),
    ],
    ids=[
        "moderate missed",
        "severe missed",
        "moderate twice",
        "moderate late",
        "severe late",
        "talking",
        "smiling",
        "severe in moderate pain",
        "severe after the pain",
        "a change told twice",
    ],
)
def test_faults_are_named(changes: list[Change], words: str) -> None:
    assert any(words in fault for fault in faults(*changes))


def test_a_machine_that_kept_the_decision_waiting_is_named_and_the_scene_keeps_its_alarm() -> None:
    changes = (onset(MODERATE, 15.2, waited_s=0.8), onset(SEVERE, 18.9, waited_s=0.3))
    outcome = judge(TRUTH, Record(changes=changes, levels=()), LIMITS)
    by_scene = {result.segment.scene: result for result in outcome.results}
    assert by_scene[Scene.MODERATE].alarms == changes[:1]
    assert by_scene[Scene.SEVERE].alarms == changes[1:]
    (fault,) = outcome.faults
    assert "5.2 s after the onset, 4.0 s are allowed; 0.8 s of it because this machine" in fault


def test_a_late_alarm_on_an_idle_machine_blames_no_machine() -> None:
    assert faults(onset(MODERATE, 14.5), onset(SEVERE, 18)) == (
        "pain_moderate came 4.5 s after the onset, 4.0 s are allowed",
    )


def test_the_onset_is_where_the_true_level_reaches_the_limit() -> None:
    ramp = tuple(min(4.0, 0.5 * index) for index in range(50))
    segment = Segment(scene=Scene.MODERATE, start_s=0.0, end_s=5.0)
    truth = Truth(duration_s=5.0, fps=10.0, segments=(segment,), level=ramp)
    assert truth.onset_s(segment, limit=3.0) == 0.6
    assert truth.onset_s(segment, limit=4.5) is None


def test_an_alarm_before_its_onset_is_a_fault() -> None:
    late = TRUTH.model_copy(update={"level": tuple(0.0 for _ in range(140)) + TRUTH.level[140:]})
    changes = (onset(MODERATE, 13.0), onset(SEVERE, 18.0))
    faults = judge(late, Record(changes=changes, levels=()), LIMITS).faults
    assert faults == ("pain_moderate came 1.0 s before the onset",)


def test_each_scene_has_its_peak_and_its_delay() -> None:
    levels = (
        Level(clip_s=1, level=0.5),
        Level(clip_s=2, level=None),
        Level(clip_s=3, level=0.7),
        Level(clip_s=12, level=3.5),
        Level(clip_s=-1, level=6.0),
    )
    changes = (onset(MODERATE, 13.5), onset(SEVERE, 18))
    results = judge(TRUTH, Record(changes=changes, levels=levels), LIMITS).results
    assert [r.peak_level for r in results] == [0.7, None, None, 3.5, None, None]
    assert [r.delay_s for r in results] == [None, None, None, 3.5, 3.0, None]
