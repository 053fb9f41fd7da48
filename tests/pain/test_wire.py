"""Payloads: what may be sent, and what is refused on the way in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pain import wire
from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Priority, Signal, Trigger
from pain.values import Reason
from pain.wire import (
    COMMANDS,
    EVENTS,
    AlarmEventPayload,
    AlarmPayload,
    CommandEventPayload,
    EnrolResidentCommand,
    EscalationPayload,
    HeartbeatPayload,
    ReadingPayload,
    RestartEventPayload,
    StatusPayload,
)

AT = datetime(2026, 1, 1, 3, 4, 5, 678900, tzinfo=UTC)
ID = UUID(int=7)

STAGE = {"state": "ok", "detail": None, "last_s": 0.1}
GOOD: dict[type, dict[str, Any]] = {
    ReadingPayload: {
        "level": 2.5,
        "spread": 0.3,
        "pspi": 7.0,
        "painad_facial_hint": 1,
        "confidence": 0.8,
        "coverage": 1.0,
        "action_units": {"AU4": 3.0},
        "measured_at": AT,
        "expires_at": AT + timedelta(seconds=5),
    },
    AlarmPayload: {
        "condition": "pain_severe",
        "priority": "high",
        "state": "on",
        "present": True,
        "signal": "sounding",
        "onset_at": AT,
        "changed_at": AT,
        "event_id": ID,
    },
    AlarmEventPayload: {
        "id": ID,
        "condition": "pain_severe",
        "priority": "high",
        "trigger": "onset",
        "before": "off",
        "after": "on",
        "present": True,
        "signal": "sounding",
        "level": 5.5,
        "limits": {"level": 5.0, "on_delay_s": 2.0},
        "onset_at": AT,
        "decided_at": AT,
        "published_at": AT,
    },
    CommandEventPayload: {
        "id": ID,
        "command_id": None,
        "command": "pause",
        "accepted": False,
        "reason": "expired",
        "person": "nurse-7",
        "decided_at": AT,
        "published_at": AT,
    },
    RestartEventPayload: {
        "id": ID,
        "last_alive_at": None,
        "standing": ["pain_severe"],
        "pause_ended": False,
        "decided_at": AT,
        "published_at": AT,
    },
    HeartbeatPayload: {
        "station": "ward-2",
        "at": AT,
        "expires_at": AT + timedelta(seconds=30),
    },
    EscalationPayload: {
        "id": ID,
        "case_id": ID,
        "kind": "alarm",
        "recipient": "night-watch",
        "step": 1,
        "station": "ward-2",
        "site": "home",
        "room": "room-12",
        "room_name": "Room 12",
        "subject": "pain_severe",
        "level": 5.5,
        "since": AT,
        "ending": None,
        "title": "Room 12: severe pain",
        "text": "Room 12: severe pain for 2 min, nobody has acknowledged",
        "at": AT,
    },
    StatusPayload: {
        "room_name": "Room 12",
        "software": "0.1.0",
        "bundle": "landmarks-v1",
        "bundle_sha256": "0" * 64,
        "provider_requested": "cpu",
        "provider_actual": "cpu",
        "stages": dict.fromkeys(("capture", "track", "score", "publish"), STAGE),
        "fps": 25.0,
        "dropped_frames": 3,
        "coverage": 1.0,
        "worker_restarts": 0,
        "started_at": AT,
        "at": AT,
    },
    **{
        command: {
            "id": ID,
            "person": "nurse-7",
            "issued_at": AT,
            "expires_at": AT,
            **({"until": AT} if name == "pause" else {}),
            **({"reason": "the camera was moved"} if name == "reload" else {}),
            **({"consent": "signed by the guardian"} if name == "enrol_resident" else {}),
        }
        for name, command in COMMANDS.items()
    },
}
PAYLOADS = list(GOOD)


def test_every_payload_of_the_module_is_tested():
    found = {
        value
        for value in vars(wire).values()
        if isinstance(value, type) and value.__name__.endswith(("Payload", "Command"))
    }
    assert {model for model in found if not model.__name__.startswith("_")} == set(PAYLOADS)


@pytest.mark.parametrize("model", PAYLOADS)
def test_a_payload_survives_the_wire(model):
    payload = model.model_validate(GOOD[model])
    assert model.model_validate_json(payload.model_dump_json()) == payload


@pytest.mark.parametrize("model", PAYLOADS)
def test_every_payload_says_its_schema_version(model):
    assert '"schema_version":1' in model.model_validate(GOOD[model]).model_dump_json()
    with pytest.raises(ValidationError, match="schema_version"):
        model.model_validate({**GOOD[model], "schema_version": 2})


@pytest.mark.parametrize("model", PAYLOADS)
def test_an_unknown_key_is_refused(model):
    with pytest.raises(ValidationError, match="extra"):
        model.model_validate({**GOOD[model], "frame": "pixels"})


@pytest.mark.parametrize(
    ("model", "key"),
    [
        (model, key)
        for model in PAYLOADS
        for key, field in model.model_fields.items()
        if field.is_required()
    ],
)
def test_a_missing_key_is_refused(model, key):
    with pytest.raises(ValidationError, match=key):
        model.model_validate({name: value for name, value in GOOD[model].items() if name != key})


@pytest.mark.parametrize(
    ("model", "key"),
    [
        (model, key)
        for model in PAYLOADS
        for key, value in GOOD[model].items()
        if isinstance(value, datetime)
    ],
)
def test_a_time_without_its_zone_is_refused(model, key):
    with pytest.raises(ValidationError, match="timezone"):
        model.model_validate({**GOOD[model], key: AT.replace(tzinfo=None)})


@pytest.mark.parametrize("model", PAYLOADS)
def test_a_payload_cannot_be_changed(model):
    payload = model.model_validate(GOOD[model])
    with pytest.raises(ValidationError, match="frozen"):
        payload.schema_version = 1


@pytest.mark.parametrize(
    ("model", "key", "value"),
    [
        (ReadingPayload, "level", -0.1),
        (ReadingPayload, "level", 6.1),
        (ReadingPayload, "level", float("nan")),
        (ReadingPayload, "coverage", 1.1),
        (ReadingPayload, "coverage", -0.1),
        (ReadingPayload, "confidence", 2),
        (ReadingPayload, "pspi", 16.5),
        (ReadingPayload, "spread", -1),
        (ReadingPayload, "painad_facial_hint", 3),
        (ReadingPayload, "action_units", {"AU4": 5.1}),
        (ReadingPayload, "action_units", {"AU99": 1.0}),
        (ReadingPayload, "reason", "asleep"),
        (AlarmPayload, "condition", "hunger"),
        (AlarmPayload, "state", "loud"),
        (AlarmEventPayload, "id", "7"),
        (AlarmEventPayload, "level", 7),
        (AlarmEventPayload, "kind", "command"),
        (StatusPayload, "dropped_frames", -1),
        (StatusPayload, "fps", -1),
        (StatusPayload, "stages", {"sleep": STAGE}),
        (EnrolResidentCommand, "consent", ""),
        (EnrolResidentCommand, "consent", "yes"),
        (EnrolResidentCommand, "consent", " " * 40),
        (EnrolResidentCommand, "consent", "signed\nby whom?"),
        *((model, "person", "") for model in COMMANDS.values()),
        *((model, "person", "a" * 65) for model in COMMANDS.values()),
        *((model, "person", "a\nb") for model in COMMANDS.values()),
        *((model, "id", "not an id") for model in COMMANDS.values()),
    ],
)
def test_a_value_outside_its_range_is_refused(model, key, value):
    with pytest.raises(ValidationError, match=key):
        model.model_validate({**GOOD[model], key: value})


class TestReading:
    def test_must_say_whether_there_is_a_level(self):
        without = {key: value for key, value in GOOD[ReadingPayload].items() if key != "level"}
        with pytest.raises(ValidationError, match="level"):
            ReadingPayload.model_validate(without)

    @pytest.mark.parametrize("reason", Reason)
    def test_that_is_unavailable_carries_null_and_the_reason(self, reason):
        payload = ReadingPayload(
            level=None, coverage=0.0, reason=reason, measured_at=AT, expires_at=AT
        )
        text = payload.model_dump_json()
        assert '"level":null' in text
        assert f'"reason":"{reason.value}"' in text


class TestEvent:
    @pytest.mark.parametrize("model", [AlarmEventPayload, CommandEventPayload])
    def test_is_told_apart_by_its_kind(self, model):
        payload = model.model_validate(GOOD[model])
        found = EVENTS.validate_json(payload.model_dump_json())
        assert found == payload

    def test_of_no_known_kind_is_refused(self):
        with pytest.raises(ValidationError, match="kind"):
            EVENTS.validate_json('{"kind": "rumour"}')

    @given(
        st.sampled_from(Condition),
        st.sampled_from(Priority),
        st.sampled_from(Trigger),
        st.sampled_from(AlarmState),
        st.sampled_from(Signal),
    )
    def test_can_say_everything_an_alarm_does(self, condition, priority, trigger, state, signal):
        payload = AlarmEventPayload.model_validate(
            {
                **GOOD[AlarmEventPayload],
                "condition": condition,
                "priority": priority,
                "trigger": trigger,
                "after": state,
                "signal": signal,
            }
        )
        assert AlarmEventPayload.model_validate_json(payload.model_dump_json()) == payload


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("key", ["level", "spread", "coverage", "confidence"])
def test_a_number_that_is_none_is_refused(key, number):
    text = ReadingPayload(
        level=1.0, spread=1.0, confidence=1.0, coverage=1.0, measured_at=AT, expires_at=AT
    ).model_dump_json()
    with pytest.raises(ValidationError, match=key):
        ReadingPayload.model_validate_json(text.replace(f'"{key}":1.0', f'"{key}":{number}'))


@given(st.floats(0, 6), st.dictionaries(st.sampled_from(ActionUnit), st.floats(0, 5)))
def test_a_reading_keeps_its_numbers(level, units):
    payload = ReadingPayload(
        level=level, coverage=1.0, action_units=units, measured_at=AT, expires_at=AT
    )
    back = ReadingPayload.model_validate_json(payload.model_dump_json())
    assert back.level == level
    assert back.action_units == units
