from __future__ import annotations

from uuid import uuid4

import pytest

from edge.watch import orders
from edge.watch.board import HISTORY_S, BoardState, Tone
from pain.alarms import AlarmState, Condition, Trigger
from pain.values import Reason
from pain.wire import Availability
from tests.edge.watch.payloads import (
    BASE,
    alarm,
    alarm_event,
    answer,
    moment,
    reading,
    status,
)

KEY = "elm-court/room-12"


def heard(*messages: tuple[float, str, bytes], state: BoardState | None = None) -> BoardState:
    current = state or BoardState()
    for seconds, leaf, payload in messages:
        current = current.apply(f"{BASE}/{leaf}", payload, moment(seconds))
    return current


def test_a_room_appears_with_the_first_message_and_takes_its_name_from_the_status() -> None:
    state = heard((0, "availability", b"online"))
    assert state.rooms[KEY].name == "room-12"
    assert heard((0, "status", status(name="Room 12")), state=state).rooms[KEY].name == "Room 12"


@pytest.mark.parametrize(
    ("leaf", "payload"),
    [
        ("reading", b"{"),
        ("reading", b"\xff\xfe"),
        ("reading", b'{"level": 9, "coverage": 1}'),
        ("reading", b'{"schema_version": 2}'),
        ("reading", b""),
        ("availability", b"asleep"),
        ("availability", b"\xff"),
        ("status", b"[]"),
        ("alarm/pain_severe", b"null"),
        ("alarm/boredom", b"{}"),
        ("alarm/no_face", alarm(Condition.PAIN_SEVERE, AlarmState.ON)),
        ("event", b'{"kind": "other"}'),
    ],
)
def test_unreadable_payloads_are_counted_and_change_nothing_else(leaf: str, payload: bytes) -> None:
    before = heard((0, "availability", b"online"), (0, "reading", reading(4.0)))
    after = heard((1, leaf, payload), state=before)
    assert after.rooms[KEY].unreadable == 1
    assert after.rooms[KEY].reading == before.rooms[KEY].reading
    assert after.log[-1].tone is Tone.BAD


def test_a_stream_of_unreadable_messages_does_not_flood_the_log() -> None:
    state = heard(*((float(i), "reading", b"?") for i in range(50)))
    assert state.rooms[KEY].unreadable == 50
    assert len(state.log) == 1


@pytest.mark.parametrize("topic", ["homeassistant/device/x/config", "painwatch/site", "other"])
def test_foreign_topics_are_only_counted(topic: str) -> None:
    state = BoardState().apply(topic, b"x", moment(0))
    assert (state.foreign, dict(state.rooms)) == (1, {})


def test_unknown_leaves_of_newer_software_are_ignored() -> None:
    assert heard((0, "weather", b"sunny")) == BoardState()


@pytest.mark.parametrize("gone", [b"offline", b"stopped"])
def test_a_level_does_not_come_back_when_the_box_does(gone: bytes) -> None:
    state = heard(
        (0, "availability", b"online"),
        (1, "reading", reading(4.0, at=1, life_s=60)),
        (2, "availability", gone),
        (3, "availability", b"online"),
    )
    assert state.rooms[KEY].reading is None
    assert state.rooms[KEY].availability is Availability.ONLINE


def test_a_level_stands_in_the_history_until_the_next_message_or_its_expiry() -> None:
    state = heard(
        (0, "reading", reading(1.0)),
        (1, "reading", reading(None, at=1, reason=Reason.NO_FACE)),
        (2, "reading", reading(2.0, at=2, life_s=5)),
        (20, "reading", reading(3.0, at=20, life_s=5)),
        (21, "availability", b"offline"),
    )
    spans = [(s.at_s - 1000, s.until_s - 1000, s.level) for s in state.rooms[KEY].history]
    assert spans == [(0, 1, 1.0), (2, 7, 2.0), (20, 21, 3.0)]


def test_the_history_forgets_what_is_too_old() -> None:
    state = heard((0, "reading", reading(1.0)), (1, "reading", reading(2.0, at=1)))
    later = HISTORY_S + 1.5
    state = heard((later, "reading", reading(3.0, at=later)), state=state)
    assert [s.level for s in state.rooms[KEY].history] == [2.0, 3.0]


def test_a_reading_that_arrives_expired_leaves_no_trace_in_the_history() -> None:
    state = heard((30, "reading", reading(5.0, at=0, life_s=5)))
    assert state.rooms[KEY].history == ()


def test_retained_alarms_stand_until_they_are_off_or_cleared() -> None:
    on = heard(
        (0, "alarm/pain_severe", alarm(Condition.PAIN_SEVERE, AlarmState.ON)),
        (0, "alarm/no_face", alarm(Condition.NO_FACE, AlarmState.ON)),
    )
    assert set(on.rooms[KEY].standing) == {Condition.PAIN_SEVERE, Condition.NO_FACE}
    off = heard(
        (1, "alarm/pain_severe", alarm(Condition.PAIN_SEVERE, AlarmState.OFF)),
        (1, "alarm/no_face", b""),
        state=on,
    )
    assert not off.rooms[KEY].standing


def test_the_same_event_delivered_twice_is_told_once() -> None:
    event = alarm_event(
        Condition.PAIN_MODERATE, Trigger.ONSET, AlarmState.OFF, AlarmState.ON, event_id=uuid4()
    )
    state = heard((0, "event", event), (1, "event", event))
    assert [line.text for line in state.log] == ["moderate pain began (level 3.2)"]


@pytest.mark.parametrize(
    ("condition", "trigger", "before", "after", "tone", "text"),
    [
        (
            Condition.PAIN_SEVERE,
            Trigger.ONSET,
            AlarmState.OFF,
            AlarmState.ON,
            Tone.HIGH,
            "severe pain began (level 3.2)",
        ),
        (
            Condition.PAIN_SEVERE,
            Trigger.CLEARED,
            AlarmState.ON,
            AlarmState.LATCHED,
            Tone.PLAIN,
            "severe pain over, alarm stays until acknowledged (level 3.2)",
        ),
        (
            Condition.PAIN_MODERATE,
            Trigger.CLEARED,
            AlarmState.ON,
            AlarmState.OFF,
            Tone.PLAIN,
            "moderate pain over (level 3.2)",
        ),
        (
            Condition.PAIN_SEVERE,
            Trigger.ACKNOWLEDGED,
            AlarmState.ON,
            AlarmState.ACKNOWLEDGED,
            Tone.PLAIN,
            "severe pain acknowledged by anna",
        ),
        (
            Condition.PAIN_MODERATE,
            Trigger.REMINDER,
            AlarmState.ACKNOWLEDGED,
            AlarmState.ON,
            Tone.MEDIUM,
            "moderate pain goes on: reminder (level 3.2)",
        ),
        (
            Condition.CAMERA_LOST,
            Trigger.STOPPED,
            AlarmState.ON,
            AlarmState.OFF,
            Tone.PLAIN,
            "camera lost ended: watching stopped",
        ),
    ],
)
def test_alarm_transitions_in_words(
    *,
    condition: Condition,
    trigger: Trigger,
    before: AlarmState,
    after: AlarmState,
    tone: Tone,
    text: str,
) -> None:
    event = alarm_event(condition, trigger, before, after, person="anna")
    line = heard((0, "event", event)).log[-1]
    assert (line.tone, line.text) == (tone, text)


def test_an_accepted_order_is_told_as_mine_and_forgotten() -> None:
    order = orders.acknowledge(KEY, person="anna", now=moment(0))
    state = heard((1, "event", answer(order.id, accepted=True)), state=BoardState().ordered(order))
    line = state.log[-1]
    assert (line.mine, line.tone, line.text) == (True, Tone.GOOD, "acknowledge by anna: accepted")
    assert not state.orders
    assert state.tick(moment(100)).log == state.log


def test_a_refused_order_shows_the_reason() -> None:
    order = orders.acknowledge(KEY, person="anna", now=moment(0))
    refused = answer(order.id, accepted=False, reason="nothing to acknowledge")
    line = heard((1, "event", refused), state=BoardState().ordered(order)).log[-1]
    assert (line.mine, line.tone) == (True, Tone.BAD)
    assert line.text == "acknowledge by anna: refused, nothing to acknowledge"


def test_the_answer_to_somebody_elses_command_is_told_but_not_as_mine() -> None:
    line = heard((1, "event", answer(uuid4(), accepted=True))).log[-1]
    assert line.mine is False


def test_an_order_that_nobody_answers_is_given_up_aloud() -> None:
    order = orders.pause(KEY, person="anna", now=moment(0))
    state = BoardState().ordered(order)
    assert state.tick(moment(orders.ANSWER_WITHIN_S - 0.1)) is state
    late = state.tick(moment(orders.ANSWER_WITHIN_S))
    assert late.log[-1].text == "pause: no answer from the room's box"
    assert late.log[-1].mine
    assert not late.orders
