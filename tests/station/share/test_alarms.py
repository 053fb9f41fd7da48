"""Onsets, and what people did about them."""

from __future__ import annotations

from datetime import timedelta

from pain.alarms import AlarmState, Condition, Trigger
from station.share.alarms import alarms
from tests.station.messages import ROOM, alarm_event
from tests.station.share.ward import SPAN, Ward, acknowledgement, at, later


def told(ward: Ward, until=SPAN.until):
    events = ward.source.events(ROOM, since=SPAN.since, until=None)
    return [
        (one.onset.id, one.acknowledged_by, one.acknowledged_at)
        for one in alarms(events, until=until)
    ]


def test_an_acknowledgement_belongs_to_the_condition_that_it_names(ward):
    severe = alarm_event(Condition.PAIN_SEVERE, at=at(0))
    moderate = alarm_event(Condition.PAIN_MODERATE, at=at(1))
    ward.hear(severe, moderate, acknowledgement(severe))
    assert told(ward) == [(severe.id, "nurse-7", at(2)), (moderate.id, None, None)]


def test_one_that_went_away_unseen_was_acknowledged_by_nobody(ward):
    first = alarm_event(Condition.PAIN_MODERATE, at=at(0))
    gone = later(first, Trigger.CLEARED, before=AlarmState.ON, after=AlarmState.OFF, minutes=1)
    second = alarm_event(Condition.PAIN_MODERATE, at=at(5))
    ward.hear(first, gone, second, acknowledgement(second, minutes=6))
    assert told(ward) == [(first.id, None, None), (second.id, "nurse-7", at(6))]


def test_a_latched_alarm_that_sounded_twice_is_acknowledged_once_for_both(ward):
    first = alarm_event(at=at(0))
    gone = later(first, Trigger.CLEARED, before=AlarmState.ON, after=AlarmState.LATCHED, minutes=1)
    second = alarm_event(at=at(2)).model_copy(update={"before": AlarmState.LATCHED})
    seen = acknowledgement(second, minutes=3, before=AlarmState.LATCHED)
    ward.hear(first, gone, second, seen)
    assert told(ward) == [(first.id, "nurse-7", at(3)), (second.id, "nurse-7", at(3))]


def test_the_first_person_counts_and_a_reminder_changes_nothing(ward):
    onset = alarm_event(at=at(0))
    again = later(
        onset, Trigger.REMINDER, before=AlarmState.ACKNOWLEDGED, after=AlarmState.ON, minutes=30
    )
    late = acknowledgement(onset, minutes=31, person="nurse-9")
    ward.hear(onset, acknowledgement(onset), again, late)
    assert told(ward) == [(onset.id, "nurse-7", at(2))]


def test_an_acknowledgement_after_the_end_still_counts_and_a_later_onset_does_not(ward):
    onset, next_one = alarm_event(at=at(0)), alarm_event(at=at(10))
    ward.hear(onset, acknowledgement(onset, minutes=5), next_one)
    assert told(ward, until=at(0) + timedelta(seconds=1)) == [(onset.id, "nurse-7", at(5))]
