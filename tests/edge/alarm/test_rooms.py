"""Alarms of one room as people live with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarm import CommandRefused, RoomAlarms
from edge.config import AlarmsConfig
from pain.alarms import PHYSIOLOGICAL, AlarmEvent, AlarmState, Condition, Signal, Trigger
from pain.clock import Moment
from pain.values import Reason, Trend

MODERATE, SEVERE = Condition.PAIN_MODERATE, Condition.PAIN_SEVERE
CAMERA, NO_FACE, MODEL = Condition.CAMERA_LOST, Condition.NO_FACE, Condition.MODEL_FAILED
TECHNICAL = sorted(set(Condition) - PHYSIOLOGICAL)
START = datetime(2026, 1, 1, 3, tzinfo=UTC)
CONFIG = AlarmsConfig()


def moment(at_s: float) -> Moment:
    return Moment(monotonic_s=at_s, wall=START + timedelta(seconds=at_s))


def trend(at_s: float, level: float | None) -> Trend:
    return Trend(
        at_s=at_s,
        level=level,
        spread=None if level is None else 0.1,
        coverage=0.0 if level is None else 1.0,
        corrected_level=None,
        pspi=None,
        action_units={},
        confidence=None if level is None else 0.9,
        reason=Reason.NO_FACE if level is None else None,
    )


class Room:
    """A room whose time is turned by hand; keeps every event."""

    def __init__(self, config: AlarmsConfig = CONFIG) -> None:
        self.alarms = RoomAlarms(config)
        self.now_s = 0.0
        self.events: list[AlarmEvent] = []

    @property
    def now(self) -> Moment:
        return moment(self.now_s)

    def live(self, level: float | None, *, for_s: float, step_s: float = 0.2) -> list[AlarmEvent]:
        found: list[AlarmEvent] = []
        for _ in range(round(for_s / step_s)):
            self.now_s += step_s
            found += self.alarms.observe(trend(self.now_s, level), self.now)
        return self.note(found)

    def wait(self, for_s: float) -> list[AlarmEvent]:
        self.now_s += for_s
        return self.note(self.alarms.tick(self.now))

    def technical(self, condition: Condition, *, present: bool) -> list[AlarmEvent]:
        return self.note(self.alarms.technical(condition, present=present, now=self.now))

    def acknowledge(self, condition: Condition | None = None) -> list[AlarmEvent]:
        return self.note(self.alarms.acknowledge(condition, person="nurse-7", now=self.now))

    def pause(self, for_s: float) -> list[AlarmEvent]:
        until = self.now.wall + timedelta(seconds=for_s)
        return self.note(self.alarms.pause(until, person="nurse-7", now=self.now))

    def resume(self) -> list[AlarmEvent]:
        return self.note(self.alarms.resume(person="nurse-7", now=self.now))

    def note(self, events: list[AlarmEvent]) -> list[AlarmEvent]:
        self.events += events
        return events

    def state(self, condition: Condition) -> AlarmState:
        return self.status(condition).state

    def status(self, condition: Condition):
        return {s.condition: s for s in self.alarms.statuses(self.now)}[condition]


def told(events: list[AlarmEvent]) -> list[tuple[Condition, Trigger, Signal]]:
    return [(event.condition, event.trigger, event.signal) for event in events]


@pytest.fixture
def room() -> Room:
    return Room()


class TestPain:
    def test_neutral_to_severe_and_back_tells_each_change_once(self, room):
        for level, for_s in ((0.5, 10), (4.0, 10), (5.5, 10), (0.5, 30)):
            room.live(level, for_s=for_s)
        assert told(room.events) == [
            (MODERATE, Trigger.ONSET, Signal.SOUNDING),
            (SEVERE, Trigger.ONSET, Signal.SOUNDING),
            (MODERATE, Trigger.CLEARED, Signal.SILENT),
            (SEVERE, Trigger.CLEARED, Signal.SOUNDING),
        ]
        assert room.state(SEVERE) is AlarmState.LATCHED

    def test_sudden_severe_pain_raises_both(self, room):
        assert told(room.live(6.0, for_s=5)) == [
            (MODERATE, Trigger.ONSET, Signal.SOUNDING),
            (SEVERE, Trigger.ONSET, Signal.SOUNDING),
        ]

    def test_the_onset_is_when_the_limit_was_passed_not_when_it_was_decided(self, room):
        room.live(0.0, for_s=10)
        [event] = room.live(4.0, for_s=5)
        assert event.onset_s == pytest.approx(10.2)
        assert event.decided_s == pytest.approx(12.2, abs=0.21)
        assert event.onset_at == START + timedelta(seconds=event.onset_s)
        assert event.decided_at == START + timedelta(seconds=event.decided_s)

    def test_the_event_says_level_and_limits(self, room):
        [event] = room.live(4.0, for_s=3)
        assert event.level == 4.0
        assert event.limits["level"] == CONFIG.pain_moderate.level
        assert event.limits["on_delay_s"] == CONFIG.pain_moderate.on_delay_s

    @pytest.mark.parametrize("pain", [4.0, 6.0])
    def test_is_never_cleared_by_losing_the_face(self, room, pain):
        raised = room.live(pain, for_s=5)
        assert room.live(None, for_s=3600, step_s=5) == []
        for event in raised:
            assert room.state(event.condition) is AlarmState.ON
            assert room.status(event.condition).signal is Signal.SOUNDING

    def test_no_level_raises_nothing(self, room):
        assert room.live(None, for_s=600, step_s=1) == []


class TestAcknowledge:
    def test_while_present_silences_until_it_ends(self, room):
        room.live(5.5, for_s=5)
        [event] = room.acknowledge(SEVERE)
        assert (event.after, event.signal, event.person) == (
            AlarmState.ACKNOWLEDGED,
            Signal.SILENT,
            "nurse-7",
        )
        assert event.present
        assert room.status(SEVERE).acknowledged_by == "nurse-7"
        cleared = room.live(0.5, for_s=10)
        assert (SEVERE, Trigger.CLEARED, Signal.SILENT) in told(cleared)
        assert room.state(SEVERE) is AlarmState.OFF
        assert room.status(SEVERE).acknowledged_by is None

    def test_a_latched_alarm_ends_it(self, room):
        room.live(5.5, for_s=5)
        room.live(0.5, for_s=10)
        [event] = room.acknowledge(SEVERE)
        assert (event.before, event.after) == (AlarmState.LATCHED, AlarmState.OFF)

    def test_one_leaves_the_other(self, room):
        room.live(5.5, for_s=5)
        room.acknowledge(SEVERE)
        assert room.state(MODERATE) is AlarmState.ON

    def test_all_takes_every_alarm_that_is_signalled(self, room):
        room.live(5.5, for_s=5)
        room.technical(CAMERA, present=True)
        assert {event.condition for event in room.acknowledge()} == {MODERATE, SEVERE, CAMERA}

    def test_all_takes_latched_ones_and_leaves_acknowledged_ones(self, room):
        room.live(5.5, for_s=5)
        room.live(4.0, for_s=10)
        room.acknowledge(MODERATE)
        assert told(room.acknowledge()) == [(SEVERE, Trigger.ACKNOWLEDGED, Signal.SILENT)]

    @pytest.mark.parametrize("condition", [None, *Condition])
    def test_is_refused_when_nothing_stands(self, room, condition):
        with pytest.raises(CommandRefused, match="acknowledge"):
            room.acknowledge(condition)

    def test_is_refused_a_second_time_and_names_the_first(self, room):
        room.live(5.5, for_s=5)
        room.acknowledge(SEVERE)
        with pytest.raises(CommandRefused, match="acknowledged by nurse-7"):
            room.alarms.acknowledge(SEVERE, person="nurse-8", now=room.now)

    def test_new_severe_pain_after_the_first_was_acknowledged_is_a_new_alarm(self, room):
        room.live(5.5, for_s=5)
        room.acknowledge()
        room.live(0.5, for_s=10)
        assert (SEVERE, Trigger.ONSET, Signal.SOUNDING) in told(room.live(5.5, for_s=5))

    def test_pain_that_returns_to_a_latched_alarm_is_told_again(self, room):
        room.live(5.5, for_s=5)
        room.live(0.5, for_s=10)
        again = next(e for e in room.live(5.5, for_s=5) if e.condition is SEVERE)
        assert (again.before, again.after) == (AlarmState.LATCHED, AlarmState.ON)
        assert again.onset_s > 15


class TestReminder:
    @pytest.mark.parametrize("condition", [c for c in TECHNICAL if c is not NO_FACE])
    def test_comes_when_a_fault_stays(self, room, condition):
        room.technical(condition, present=True)
        room.acknowledge(condition)
        assert room.wait(CONFIG.reminder_after_s - 1) == []
        assert told(room.wait(1)) == [(condition, Trigger.REMINDER, Signal.SOUNDING)]
        assert room.wait(1000) == []

    def test_comes_when_pain_stays(self, room):
        room.live(4.0, for_s=5)
        room.acknowledge()
        events = room.live(4.0, for_s=CONFIG.reminder_after_s + 5, step_s=1)
        assert told(events) == [(MODERATE, Trigger.REMINDER, Signal.SOUNDING)]
        assert events[0].present

    def test_comes_again_after_each_acknowledgement(self, room):
        room.technical(CAMERA, present=True)
        for _ in range(3):
            room.acknowledge(CAMERA)
            assert len(room.wait(CONFIG.reminder_after_s)) == 1

    def test_does_not_come_for_an_advisory(self, room):
        room.technical(NO_FACE, present=True)
        room.acknowledge(NO_FACE)
        assert room.wait(10 * CONFIG.reminder_after_s) == []

    def test_does_not_come_once_the_condition_ended(self, room):
        room.technical(CAMERA, present=True)
        room.acknowledge(CAMERA)
        room.technical(CAMERA, present=False)
        assert room.wait(10 * CONFIG.reminder_after_s) == []


class TestTechnical:
    @pytest.mark.parametrize("condition", TECHNICAL)
    def test_never_latches(self, room, condition):
        room.technical(condition, present=True)
        [event] = room.technical(condition, present=False)
        assert (event.after, event.signal) == (AlarmState.OFF, Signal.SILENT)

    @pytest.mark.parametrize("condition", TECHNICAL)
    @pytest.mark.parametrize("present", [True, False])
    def test_may_be_repeated_without_another_event(self, room, condition, present):
        room.technical(condition, present=True)
        room.technical(condition, present=present)
        assert room.technical(condition, present=present) == []

    def test_has_no_level(self, room):
        room.live(4.0, for_s=1)
        assert room.technical(CAMERA, present=True)[0].level is None

    @pytest.mark.parametrize("condition", sorted(PHYSIOLOGICAL))
    def test_pain_cannot_be_set_from_outside(self, room, condition):
        with pytest.raises(ValueError, match="not a technical condition"):
            room.technical(condition, present=True)


class TestPause:
    def test_silences_what_sounds_and_says_until_when(self, room):
        room.live(4.0, for_s=5)
        assert told(room.pause(600)) == [(MODERATE, Trigger.PAUSED, Signal.PAUSED)]
        status = room.status(MODERATE)
        assert status.state is AlarmState.ON
        assert status.present
        assert status.signal is Signal.PAUSED
        assert all(
            s.paused_until == room.now.wall + timedelta(seconds=600)
            for s in room.alarms.statuses(room.now)
        )

    def test_signals_what_stands_when_it_runs_out(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        assert room.wait(599.9) == []
        assert told(room.wait(0.1)) == [(MODERATE, Trigger.PAUSE_EXPIRED, Signal.SOUNDING)]
        assert room.status(MODERATE).paused_until is None

    def test_that_ran_out_is_over_even_before_the_next_tick(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        room.now_s += 601
        assert room.status(MODERATE).signal is Signal.SOUNDING
        assert room.alarms.paused_until(room.now) is None

    def test_says_nothing_at_its_end_when_nothing_stands(self, room):
        room.pause(60)
        assert room.wait(61) == []

    def test_goes_on_detecting(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        assert told(room.live(0.5, for_s=10)) == [(MODERATE, Trigger.CLEARED, Signal.SILENT)]

    def test_keeps_a_latch(self, room):
        room.live(5.5, for_s=5)
        room.acknowledge(MODERATE)
        room.pause(600)
        cleared = room.live(0.5, for_s=10)
        assert (SEVERE, Trigger.CLEARED, Signal.PAUSED) in told(cleared)
        assert told(room.wait(600)) == [(SEVERE, Trigger.PAUSE_EXPIRED, Signal.SOUNDING)]

    @pytest.mark.parametrize("condition", [c for c in TECHNICAL if c is not NO_FACE])
    def test_is_broken_by_a_new_fault(self, room, condition):
        room.live(4.0, for_s=5)
        room.pause(600)
        assert told(room.technical(condition, present=True)) == [
            (condition, Trigger.ONSET, Signal.SOUNDING),
            (MODERATE, Trigger.PAUSE_BROKEN, Signal.SOUNDING),
        ]
        assert room.alarms.paused_until(room.now) is None

    def test_is_broken_by_worse_pain(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        assert told(room.live(5.5, for_s=5)) == [
            (SEVERE, Trigger.ONSET, Signal.SOUNDING),
            (MODERATE, Trigger.PAUSE_BROKEN, Signal.SOUNDING),
        ]

    def test_is_broken_by_pain_that_comes_back(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        room.live(0.5, for_s=10)
        assert told(room.live(4.0, for_s=5)) == [(MODERATE, Trigger.ONSET, Signal.SOUNDING)]

    def test_is_not_broken_by_an_advisory(self, room):
        room.pause(600)
        assert told(room.technical(NO_FACE, present=True)) == [
            (NO_FACE, Trigger.ONSET, Signal.PAUSED)
        ]
        assert room.alarms.paused_until(room.now) is not None

    def test_holds_a_reminder_back_until_it_ends(self, room):
        room.technical(CAMERA, present=True)
        room.acknowledge(CAMERA)
        room.pause(600)
        assert told(room.wait(CONFIG.reminder_after_s)) == [
            (CAMERA, Trigger.REMINDER, Signal.PAUSED)
        ]
        assert told(room.wait(600)) == [(CAMERA, Trigger.PAUSE_EXPIRED, Signal.SOUNDING)]

    def test_can_be_prolonged_and_shortened_without_another_event(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        assert room.pause(1200) == []
        assert room.wait(700) == []
        assert room.pause(60) == []
        assert len(room.wait(60)) == 1

    def test_can_be_ended_early(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        [event] = room.resume()
        assert (event.trigger, event.signal, event.person) == (
            Trigger.RESUMED,
            Signal.SOUNDING,
            "nurse-7",
        )
        assert room.wait(600) == []

    def test_is_not_prolonged_by_setting_the_wall_clock_back(self, room):
        room.live(4.0, for_s=5)
        room.pause(600)
        later = Moment(monotonic_s=room.now_s + 600, wall=START - timedelta(hours=5))
        assert told(room.alarms.tick(later)) == [(MODERATE, Trigger.PAUSE_EXPIRED, Signal.SOUNDING)]

    @pytest.mark.parametrize(
        ("seconds", "reason"),
        [(0, "passed"), (-1, "passed"), (CONFIG.max_pause_s + 1, "at most"), (1e9, "at most")],
    )
    def test_is_refused_for_an_end_that_makes_no_sense(self, room, seconds, reason):
        room.live(4.0, for_s=5)
        with pytest.raises(CommandRefused, match=reason):
            room.pause(seconds)
        assert room.status(MODERATE).signal is Signal.SOUNDING

    def test_is_refused_without_a_time_zone(self, room):
        naive = (START + timedelta(seconds=60)).replace(tzinfo=None)
        with pytest.raises(CommandRefused, match="time zone"):
            room.alarms.pause(naive, person="nurse-7", now=room.now)

    def test_may_last_as_long_as_the_limit(self, room):
        room.pause(CONFIG.max_pause_s)
        assert room.alarms.paused_until(room.now) is not None

    def test_cannot_be_ended_when_there_is_none(self, room):
        with pytest.raises(CommandRefused, match="not paused"):
            room.resume()


class TestStop:
    def test_closes_everything_that_stands_and_says_why(self, room):
        room.live(5.5, for_s=5)
        room.acknowledge(MODERATE)
        room.technical(CAMERA, present=True)
        events = room.alarms.stop(room.now)
        assert {(e.condition, e.trigger) for e in events} == {
            (condition, Trigger.STOPPED) for condition in (MODERATE, SEVERE, CAMERA)
        }
        assert room.state(MODERATE) is room.state(CAMERA) is AlarmState.OFF
        assert room.state(SEVERE) is AlarmState.LATCHED, "a restart is nobody's acknowledgement"


class TestStatuses:
    def test_name_every_condition_before_anything_happened(self, room):
        room.now_s = 5.0
        statuses = room.alarms.statuses(room.now)
        assert {s.condition for s in statuses} == set(Condition)
        for status in statuses:
            assert status.state is AlarmState.OFF
            assert status.signal is Signal.SILENT
            assert status.event_id is None
            assert status.onset_at is None
            assert status.changed_at == room.now.wall

    def test_follow_the_last_event(self, room):
        [event] = room.live(4.0, for_s=3)
        room.now_s += 100
        status = room.status(MODERATE)
        assert status.event_id == event.id
        assert status.changed_at == event.decided_at
        assert status.onset_at == event.onset_at


STEPS: list[Callable[[Room], object]] = [
    lambda room: room.live(6.0, for_s=3),
    lambda room: room.live(4.0, for_s=3),
    lambda room: room.live(0.0, for_s=6),
    lambda room: room.live(None, for_s=6),
    lambda room: room.technical(CAMERA, present=True),
    lambda room: room.technical(CAMERA, present=False),
    lambda room: room.technical(NO_FACE, present=True),
    lambda room: room.technical(NO_FACE, present=False),
    lambda room: room.technical(MODEL, present=True),
    lambda room: room.technical(MODEL, present=False),
    lambda room: room.acknowledge(),
    lambda room: room.acknowledge(SEVERE),
    lambda room: room.pause(20),
    lambda room: room.resume(),
    lambda room: room.wait(1),
    lambda room: room.wait(200),
]


@given(st.lists(st.sampled_from(range(len(STEPS))), max_size=30))
def test_the_events_tell_the_whole_story(steps):
    """Whatever happens: events chain, each is unique, and replaying them gives the statuses."""
    room = Room()
    for step in steps:
        before = {s.condition: s for s in room.alarms.statuses(room.now)}
        told_before = len(room.events)
        try:
            STEPS[step](room)
        except CommandRefused:
            assert {s.condition: s for s in room.alarms.statuses(room.now)} == before
            assert len(room.events) == told_before
    room.wait(0)
    assert len({event.id for event in room.events}) == len(room.events)
    assert all(a.decided_s <= b.decided_s for a, b in pairwise(room.events))
    for status in room.alarms.statuses(room.now):
        own = [event for event in room.events if event.condition is status.condition]
        chain = [AlarmState.OFF, *(event.after for event in own)]
        assert [event.before for event in own] == chain[:-1]
        assert status.state is chain[-1]
        assert status.signal is (own[-1].signal if own else Signal.SILENT)
        assert status.present == (status.state in {AlarmState.ON, AlarmState.ACKNOWLEDGED})
        for event in own:
            assert event.onset_s <= event.decided_s
            assert event.after is not event.before or event.trigger in {
                Trigger.PAUSED,
                Trigger.RESUMED,
                Trigger.PAUSE_EXPIRED,
                Trigger.PAUSE_BROKEN,
            }
