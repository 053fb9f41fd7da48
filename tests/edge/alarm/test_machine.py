"""The whole transition table: every state with every trigger, allowed or not."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count, product
from uuid import UUID

import pytest

from edge.alarm.condition import ConditionAlarm
from edge.alarm.machine import ANNOUNCED, LATCHING, NON_LATCHING, PRESENT, signal_of
from pain.alarms import LATCHING as LATCHING_CONDITIONS
from pain.alarms import PRIORITIES, AlarmState, Condition, Signal, Trigger
from pain.clock import Moment

OFF, ON = AlarmState.OFF, AlarmState.ON
LATCHED, ACKNOWLEDGED = AlarmState.LATCHED, AlarmState.ACKNOWLEDGED

# Each row: state before, then the state after each trigger; None where it does not apply.
COLUMNS = (
    Trigger.ONSET,
    Trigger.CLEARED,
    Trigger.ACKNOWLEDGED,
    Trigger.REMINDER,
    Trigger.PAUSED,
    Trigger.RESUMED,
    Trigger.PAUSE_EXPIRED,
    Trigger.PAUSE_BROKEN,
    Trigger.STOPPED,
)
EXPECTED_LATCHING = {
    OFF: (ON, None, None, None, None, None, None, None, None),
    ON: (None, LATCHED, ACKNOWLEDGED, None, ON, ON, ON, ON, LATCHED),
    LATCHED: (ON, None, OFF, None, LATCHED, LATCHED, LATCHED, LATCHED, LATCHED),
    ACKNOWLEDGED: (None, OFF, None, ON, None, None, None, None, OFF),
}
EXPECTED_NON_LATCHING = {
    OFF: (ON, None, None, None, None, None, None, None, None),
    ON: (None, OFF, ACKNOWLEDGED, None, ON, ON, ON, ON, OFF),
    LATCHED: (None,) * 9,
    ACKNOWLEDGED: (None, OFF, None, ON, None, None, None, None, OFF),
}
PATHS = {
    OFF: (),
    ON: (Trigger.ONSET,),
    ACKNOWLEDGED: (Trigger.ONSET, Trigger.ACKNOWLEDGED),
    LATCHED: (Trigger.ONSET, Trigger.CLEARED),
}

NOW = Moment(monotonic_s=50.0, wall=datetime(2026, 1, 1, 12, tzinfo=UTC))


def rows(expected: dict[AlarmState, tuple[AlarmState | None, ...]]):
    return [
        pytest.param(state, trigger, after, id=f"{state}-{trigger}")
        for state, states in expected.items()
        for trigger, after in zip(COLUMNS, states, strict=True)
    ]


def alarm_in(state: AlarmState, condition: Condition) -> ConditionAlarm:
    ids = count(1)
    alarm = ConditionAlarm(condition, limits={"level": 5.0}, new_id=lambda: UUID(int=next(ids)))
    for trigger in PATHS[state]:
        alarm.move(trigger, now=NOW, paused=False, onset_s=40.0)
    assert alarm.state is state
    return alarm


def test_the_expectations_cover_the_cross_product():
    assert set(COLUMNS) == set(Trigger)
    assert set(EXPECTED_LATCHING) == set(EXPECTED_NON_LATCHING) == set(AlarmState)


@pytest.mark.parametrize(("state", "trigger", "after"), rows(EXPECTED_LATCHING))
def test_latching(state, trigger, after):
    alarm = alarm_in(state, Condition.PAIN_SEVERE)
    event = alarm.move(trigger, now=NOW, paused=False)
    assert LATCHING.get((state, trigger)) is after
    check(alarm, event, state, trigger, after)


@pytest.mark.parametrize(
    ("state", "trigger", "after"),
    [row for row in rows(EXPECTED_NON_LATCHING) if row.values[0] is not LATCHED],
)
@pytest.mark.parametrize("condition", sorted(set(Condition) - LATCHING_CONDITIONS))
def test_non_latching(condition, state, trigger, after):
    alarm = alarm_in(state, condition)
    event = alarm.move(trigger, now=NOW, paused=False)
    check(alarm, event, state, trigger, after)


def check(alarm, event, state, trigger, after):
    if after is None:
        assert event is None
        assert alarm.state is state
        return
    assert alarm.state is after
    assert alarm.last_event is event
    assert (event.before, event.trigger, event.after) == (state, trigger, after)
    assert event.signal is (Signal.SOUNDING if after in ANNOUNCED else Signal.SILENT)
    assert event.present is (after in PRESENT)
    assert event.priority is PRIORITIES[event.condition]
    assert event.limits == {"level": 5.0}
    assert event.decided_at == NOW.wall


def test_a_non_latching_alarm_can_never_be_latched():
    assert LATCHED not in NON_LATCHING.values()
    assert LATCHED not in {state for state, _ in NON_LATCHING}


def test_severe_pain_alone_latches():
    assert {Condition.PAIN_SEVERE} == LATCHING_CONDITIONS


@pytest.mark.parametrize(("state", "paused"), list(product(AlarmState, (False, True))))
def test_a_pause_silences_what_is_announced_and_nothing_else(state, paused):
    expected = Signal.SILENT
    if state in {ON, LATCHED}:
        expected = Signal.PAUSED if paused else Signal.SOUNDING
    assert signal_of(state, paused=paused) is expected


class TestOnset:
    def test_is_kept_through_the_life_of_the_alarm(self):
        alarm = alarm_in(ON, Condition.PAIN_SEVERE)
        for trigger in (Trigger.ACKNOWLEDGED, Trigger.REMINDER, Trigger.CLEARED):
            event = alarm.move(trigger, now=NOW, paused=False)
            assert event.onset_s == 40.0
            assert event.onset_at == datetime(2026, 1, 1, 11, 59, 50, tzinfo=UTC)

    def test_is_forgotten_when_the_alarm_is_off(self):
        alarm = alarm_in(LATCHED, Condition.PAIN_SEVERE)
        alarm.move(Trigger.ACKNOWLEDGED, now=NOW, paused=False)
        assert alarm.onset is None

    def test_is_new_when_a_latched_alarm_begins_again(self):
        alarm = alarm_in(LATCHED, Condition.PAIN_SEVERE)
        assert alarm.move(Trigger.ONSET, now=NOW, paused=False, onset_s=48.0).onset_s == 48.0

    def test_is_the_decision_where_nobody_says_earlier(self):
        alarm = alarm_in(OFF, Condition.DEGRADED_PROVIDER)
        assert alarm.move(Trigger.ONSET, now=NOW, paused=False).onset_s == NOW.monotonic_s


def test_every_event_has_its_own_id():
    alarm = alarm_in(OFF, Condition.PAIN_SEVERE)
    moves = (Trigger.ONSET, Trigger.ACKNOWLEDGED, Trigger.REMINDER, Trigger.CLEARED)
    ids = [alarm.move(trigger, now=NOW, paused=False).id for trigger in moves]
    assert len(set(ids)) == len(ids)
