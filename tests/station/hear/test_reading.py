"""What is taken from the wire, and what is not."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.alarms import Condition
from pain.wire import Availability
from station.hear.reading import MAX_BYTES, read_message
from station.live.messages import Cleared, Heard, Leaf, Refusal, Refused
from tests.station.messages import ROOM, TOPIC, alarm, alarm_event, answer, reading, status


def said(payload) -> bytes:
    return payload.model_dump_json().encode()


def changed(payload, **changes) -> bytes:
    return json.dumps({**json.loads(said(payload)), **changes}).encode()


@pytest.mark.parametrize(
    ("leaf", "payload", "body"),
    [
        ("availability", b"online", Availability.ONLINE),
        ("reading", said(reading(2.0)), reading(2.0)),
        ("status", said(status()), status()),
        ("alarm/pain_severe", said(alarm()), alarm()),
        ("availability", b"", Cleared(leaf=Leaf.AVAILABILITY)),
        ("status", b"", Cleared(leaf=Leaf.STATUS)),
        ("alarm/no_face", b"", Cleared(leaf=Leaf.ALARM, condition=Condition.NO_FACE)),
    ],
)
def test_what_a_room_says_is_taken(leaf, payload, body):
    assert read_message(f"{TOPIC}/{leaf}", payload) == Heard(key=ROOM, body=body)


@pytest.mark.parametrize("event", [alarm_event(), answer(None)])
def test_events_are_taken(event):
    assert read_message(f"{TOPIC}/event", said(event)) == Heard(key=ROOM, body=event)


NOT = Refusal.NOT_READABLE


@pytest.mark.parametrize(
    ("leaf", "payload", "why"),
    [
        ("availability", b"maybe", NOT),
        ("availability", b"\xff\xfe", NOT),
        ("reading", b"", NOT),
        ("reading", b"{", NOT),
        ("reading", b"[1, 2]", NOT),
        ("reading", b"[" * 60_000, NOT),
        ("reading", changed(reading(2.0), level="<script>alert(1)</script>"), NOT),
        ("reading", changed(reading(2.0), level=7), NOT),
        ("reading", changed(reading(2.0), mood="good"), NOT),
        ("reading", changed(reading(2.0), spread=float("inf")), NOT),
        ("reading", changed(reading(2.0), confidence=float("nan")), NOT),
        ("reading", changed(reading(2.0), measured_at="2026-11-24T14:00:00"), NOT),
        ("reading", changed(reading(2.0), schema_version=2), NOT),
        ("reading", b" " * (MAX_BYTES + 1), Refusal.TOO_LARGE),
        ("event", b"", NOT),
        ("event", changed(alarm_event(), kind="rumour"), NOT),
        ("event", changed(alarm_event(), id="12"), NOT),
        ("event", changed(alarm_event(), limits={"level": float("inf")}), NOT),
        (
            "event",
            changed(alarm_event(), onset_at="0001-01-01T00:00:00+14:00"),
            Refusal.IMPOSSIBLE_TIME,
        ),
        ("alarm/pain_severe", said(alarm(Condition.NO_FACE)), NOT),
        ("alarm/boredom", said(alarm()), Refusal.WRONG_TOPIC),
        ("alarm", said(alarm()), Refusal.WRONG_TOPIC),
        ("event/more", said(alarm_event()), Refusal.WRONG_TOPIC),
        ("secrets", b"{}", Refusal.WRONG_TOPIC),
        ("status", said(status("<script>alert(1)</script>")), Refusal.HOSTILE_NAME),
        ("status", said(status("Room\n12")), Refusal.HOSTILE_NAME),
        ("status", said(status("x" * 65)), Refusal.HOSTILE_NAME),
        ("status", said(status("")), Refusal.HOSTILE_NAME),
    ],
)
def test_what_cannot_be_a_rooms_word_is_refused(leaf, payload, why):
    refused = read_message(f"{TOPIC}/{leaf}", payload)
    assert isinstance(refused, Refused)
    assert (refused.why, refused.key) == (why, ROOM)


@pytest.mark.parametrize(
    "topic",
    [
        "painwatch/elm-court/<script>/reading",
        "painwatch/elm-court/Room 12/reading",
        "painwatch/elm-court/../reading",
        f"painwatch/elm-court/{'x' * 64}/reading",
        "painwatch/<b>/room-12/reading",
        "painwatch/elm-court//reading",
        "painwatch/elm-court/station/ward-2/heartbeat",
        "elsewhere",
        "",
    ],
)
def test_a_topic_that_names_no_possible_room_makes_none(topic):
    refused = read_message(topic, said(reading(2.0)))
    assert isinstance(refused, Refused)
    assert refused.key is None


def test_an_event_from_a_box_that_woke_in_1970_is_kept():
    event = alarm_event(at=datetime.fromisoformat("1970-01-01T00:00:09Z"))
    assert isinstance(read_message(f"{TOPIC}/event", said(event)), Heard)


def test_an_events_cause_may_hold_any_words():
    event = alarm_event(detail="<urlopen error [Errno 111]>")
    assert isinstance(read_message(f"{TOPIC}/event", said(event)), Heard)


@given(st.text(max_size=60), st.binary(max_size=200))
def test_nothing_on_the_wire_raises(topic, payload):
    assert isinstance(read_message(topic, payload), Heard | Refused)


@given(st.sampled_from(["availability", "status", "reading", "event"]), st.binary(max_size=200))
def test_nothing_on_a_rooms_topics_raises(leaf, payload):
    assert isinstance(read_message(f"{TOPIC}/{leaf}", payload), Heard | Refused)
