from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic import ValidationError

from edge.demo.record import Level, record, stream_start
from edge.watch.feed import Message
from pain.alarms import AlarmState, Condition, Trigger
from pain.wire import StatusPayload
from tests.edge.watch.payloads import BASE, START, alarm_event, answer, moment, reading, status


def message(leaf: str, payload: bytes) -> Message:
    return Message(topic=f"{BASE}/{leaf}", payload=payload, at=moment(0))


def test_times_become_seconds_of_the_clip() -> None:
    event = alarm_event(
        Condition.PAIN_MODERATE, Trigger.ONSET, AlarmState.OFF, AlarmState.ON, at=14.5
    )
    heard = record(
        [
            message("event", event),
            message("event", answer(uuid4(), accepted=True)),
            message("reading", reading(2.5, at=3.0)),
            message("reading", reading(None, at=4.0)),
            message("alarm/no_face", b""),
        ],
        started=moment(2.0).wall,
    )
    (change,) = heard.changes
    assert (change.condition, change.decided_s) == (Condition.PAIN_MODERATE, 12.5)
    assert heard.levels == (Level(clip_s=1.0, level=2.5), Level(clip_s=2.0, level=None))


def test_an_event_that_breaks_the_contract_is_not_passed_over() -> None:
    with pytest.raises(ValidationError):
        record([message("event", b"{}")], started=START)


def test_the_clip_starts_when_the_status_says_so() -> None:
    first = StatusPayload.model_validate_json(status())
    began = START + timedelta(seconds=3)
    later = first.model_copy(update={"stream_started_at": began}).model_dump_json().encode()
    assert stream_start([message("status", status())]) is None
    assert stream_start([message("status", status()), message("status", later)]) == began
    assert stream_start([message("status", later), message("status", b"")]) == began
