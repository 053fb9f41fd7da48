"""Judged alarms as training material."""

from __future__ import annotations

import json
from typing import Any

from pain.alarms import Condition, Trigger
from station.ports import Verdict
from station.share.feedback import Tally, lines
from tests.station.messages import OTHER, ROOM, alarm_event
from tests.station.share.ward import SPAN, Ward, acknowledgement, at


def exported(ward: Ward) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    text = lines(ward.source, [ROOM, OTHER], SPAN, Tally(), now=SPAN.until)
    *alarms, summary = (json.loads(line) for line in text)
    return alarms, summary


def judged(ward: Ward, *verdicts: Verdict | None) -> None:
    for number, verdict in enumerate(verdicts):
        event = alarm_event(at=at(number))
        ward.hear(event)
        if verdict is not None:
            ward.judge(event, verdict)


def test_a_judged_alarm_goes_with_the_minutes_around_it(ward):
    event = alarm_event(at=at(20))
    ward.hear(event, acknowledgement(event, minutes=21))
    ward.judge(event, Verdict.NOT_PAIN)
    ward.watch(*(1.0 if number % 2 else None for number in range(60)))
    ((alarm,), _) = exported(ward)
    assert (alarm["event_id"], alarm["room"]) == (str(event.id), "room-12")
    assert (alarm["verdict"], alarm["level"]) == ("not_pain", 5.2)
    assert (alarm["condition"], alarm["decided_at"]) == ("pain_severe", "2024-03-05T12:20:00Z")
    moments = [minute["at"] for minute in alarm["minutes"]]
    assert (moments[0], moments[-1]) == ("2024-03-05T12:10:00Z", "2024-03-05T12:29:00Z")
    assert [minute["mean"] for minute in alarm["minutes"][:2]] == [None, 1.0]


def test_nobodys_name_is_in_it_and_the_same_person_is_the_same_within_one_file_alone(ward):
    judged(ward, Verdict.PAIN, Verdict.PAIN)
    first, _ = exported(ward)
    second, _ = exported(ward)
    judges = [{alarm["judge"] for alarm in alarms} for alarms in (first, second)]
    assert [len(one) for one in judges] == [1, 1]
    assert judges[0] != judges[1]
    assert "nurse" not in json.dumps(first)


def test_the_summary_counts_what_nobody_judged_too(ward):
    judged(ward, Verdict.PAIN, Verdict.PAIN, Verdict.PAIN, Verdict.NOT_PAIN, Verdict.UNSURE, None)
    alarms, summary = exported(ward)
    assert len(alarms) == 5
    counts = [summary[key] for key in ("alarms", "judged", "confirmed", "dismissed", "unsure")]
    assert counts == [6, 5, 3, 1, 1]
    assert summary["confirmed_share"] == 0.75


def test_there_is_no_ratio_without_a_word(ward):
    judged(ward, None)
    assert exported(ward)[1]["confirmed_share"] is None


def test_technical_alarms_and_what_follows_an_onset_are_no_training_material(ward):
    lost = alarm_event(Condition.CAMERA_LOST, at=at(0))
    cleared = alarm_event(trigger=Trigger.CLEARED, at=at(1))
    ward.hear(lost, cleared)
    ward.judge(lost, Verdict.PAIN)
    ward.judge(cleared, Verdict.PAIN)
    alarms, summary = exported(ward)
    assert (alarms, summary["alarms"]) == ([], 0)
