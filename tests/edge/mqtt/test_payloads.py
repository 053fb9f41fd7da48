"""Values become payloads: inside the schema, rounded, and unknown stays unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarm import AlarmStatus
from edge.mqtt.payloads import (
    READING_VALID_S,
    alarm_payload,
    command_event,
    event_payload,
    reading_payload,
)
from pain.action_units import ActionUnit
from pain.alarms import AlarmEvent, AlarmState, Condition, Priority, Signal, Trigger
from pain.clock import Moment
from pain.values import Reason, Trend

NOW = Moment(monotonic_s=500.0, wall=datetime(2026, 11, 24, 14, 0, tzinfo=UTC))


def trend(**changes: object) -> Trend:
    usual = {
        "at_s": 498.5,
        "level": 2.34567,
        "spread": 0.12345,
        "coverage": 0.98765,
        "corrected_level": None,
        "pspi": 6.54321,
        "action_units": {ActionUnit.AU4: 1.23456},
        "confidence": 0.87654,
        "reason": None,
    }
    return Trend(**{**usual, **changes})  # type: ignore[arg-type]


class TestReading:
    def test_numbers_are_rounded_for_readers(self) -> None:
        payload = reading_payload(trend(), NOW)
        assert payload.level == 2.346
        assert payload.spread == 0.123
        assert payload.coverage == 0.988
        assert payload.pspi == 6.543
        assert payload.confidence == 0.877
        assert payload.action_units == {ActionUnit.AU4: 1.23}
        assert payload.painad_facial_hint == 1

    def test_times_are_those_of_the_measurement(self) -> None:
        payload = reading_payload(trend(), NOW)
        assert payload.measured_at == NOW.wall - timedelta(seconds=1.5)
        assert payload.expires_at == payload.measured_at + timedelta(seconds=READING_VALID_S)
        longer = reading_payload(trend(), NOW, valid_s=12.5)
        assert longer.expires_at == payload.measured_at + timedelta(seconds=12.5)

    def test_unknown_stays_unknown(self) -> None:
        payload = reading_payload(
            trend(
                level=None,
                spread=None,
                pspi=None,
                confidence=None,
                action_units={},
                coverage=0.0,
                reason=Reason.NO_FACE,
            ),
            NOW,
        )
        assert (payload.level, payload.spread, payload.pspi) == (None, None, None)
        assert (payload.confidence, payload.painad_facial_hint) == (None, None)
        assert payload.reason is Reason.NO_FACE
        assert b'"level":null' in payload.model_dump_json().encode()

    @given(
        value=st.floats(-1e3, 1e3),
        share=st.floats(-0.5, 1.5),
        units=st.dictionaries(st.sampled_from(list(ActionUnit)), st.floats(-9, 9)),
    )
    def test_what_rounding_or_a_model_overdoes_is_brought_back_into_range(
        self, value: float, share: float, units: dict[ActionUnit, float]
    ) -> None:
        payload = reading_payload(
            trend(
                level=value,
                corrected_level=value,
                spread=value,
                pspi=value,
                coverage=share,
                confidence=share,
                action_units=units,
            ),
            NOW,
        )
        assert payload.level is not None
        assert 0 <= payload.level <= 6
        assert payload.pspi is not None
        assert 0 <= payload.pspi <= 16
        assert 0 <= payload.coverage <= 1
        assert payload.action_units.keys() == units.keys()

    def test_what_is_no_number_is_not_published(self) -> None:
        with pytest.raises(ValueError, match="level"):
            reading_payload(trend(level=float("nan")), NOW)


def test_an_alarm_is_told_as_it_stands() -> None:
    status = AlarmStatus(
        condition=Condition.PAIN_SEVERE,
        priority=Priority.HIGH,
        state=AlarmState.LATCHED,
        present=False,
        signal=Signal.PAUSED,
        onset_at=NOW.wall,
        changed_at=NOW.wall,
        acknowledged_by=None,
        paused_until=NOW.wall + timedelta(seconds=60),
        event_id=uuid4(),
    )
    payload = alarm_payload(status)
    for field in (
        "condition",
        "priority",
        "state",
        "present",
        "signal",
        "onset_at",
        "changed_at",
        "acknowledged_by",
        "paused_until",
        "event_id",
    ):
        assert getattr(payload, field) == getattr(status, field), field


def test_an_event_is_told_as_it_was_decided() -> None:
    event = AlarmEvent(
        id=uuid4(),
        condition=Condition.PAIN_SEVERE,
        priority=Priority.HIGH,
        trigger=Trigger.ONSET,
        before=AlarmState.OFF,
        after=AlarmState.ON,
        present=True,
        signal=Signal.SOUNDING,
        onset_s=490.0,
        decided_s=495.0,
        onset_at=NOW.wall - timedelta(seconds=10),
        decided_at=NOW.wall - timedelta(seconds=5),
        level=5.43219,
        limits={"level": 5.0, "on_delay_s": 2.0},
        person=None,
    )
    payload = event_payload(event, published_at=NOW.wall)
    for field in ("id", "condition", "trigger", "before", "after", "onset_at", "decided_at"):
        assert getattr(payload, field) == getattr(event, field), field
    assert payload.level == 5.432
    assert payload.limits == {"level": 5.0, "on_delay_s": 2.0}
    assert payload.published_at == NOW.wall


def test_an_answer_is_accepted_or_has_a_reason() -> None:
    key = uuid4()
    yes = command_event(command="pause", command_id=key, person="n", refusal=None, now=NOW)
    no = command_event(command="pause", command_id=key, person="n", refusal="too long", now=NOW)
    assert (yes.accepted, yes.reason) == (True, None)
    assert (no.accepted, no.reason) == (False, "too long")
    assert yes.id != no.id
