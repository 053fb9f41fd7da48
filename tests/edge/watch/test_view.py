from __future__ import annotations

import pytest

from edge.watch.bands import Band, Bands
from edge.watch.board import BoardState
from edge.watch.view import Row, rows
from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Signal
from pain.values import Reason
from pain.wire import StageState
from tests.edge.watch.payloads import BASE, alarm, moment, reading, status

BANDS = Bands(moderate=3.0, severe=5.0)


def shown(state: BoardState, seconds: float) -> tuple[Row, ...]:
    return rows(state, moment(seconds), bands=BANDS, buckets_shown=4, window_s=40)


def one(*messages: tuple[float, str, bytes], at: float = 0.0) -> Row:
    state = BoardState()
    for seconds, leaf, payload in messages:
        state = state.apply(f"{BASE}/{leaf}", payload, moment(seconds))
    (row,) = shown(state, at)
    return row


ONLINE = (0.0, "availability", b"online")


@pytest.mark.parametrize(
    ("level", "band"),
    [
        (0.0, Band.CALM),
        (1.49, Band.CALM),
        (1.5, Band.MILD),
        (2.99, Band.MILD),
        (3.0, Band.MODERATE),
        (4.99, Band.MODERATE),
        (5.0, Band.SEVERE),
        (6.0, Band.SEVERE),
    ],
)
def test_bands(level: float, band: Band) -> None:
    row = one(ONLINE, (0, "reading", reading(level)))
    assert (row.level, row.band, row.reason) == (level, band, None)


@pytest.mark.parametrize(
    ("messages", "at", "reason"),
    [
        ([ONLINE], 1.0, "no reading yet"),
        ([ONLINE, (0, "reading", reading(4.0, life_s=5))], 5.0, "no reading since"),
        (
            [ONLINE, (0, "reading", reading(4.0)), (1, "availability", b"offline")],
            1.0,
            "offline, connection lost",
        ),
        (
            [ONLINE, (0, "reading", reading(4.0)), (1, "availability", b"stopped")],
            1.0,
            "stopped on purpose",
        ),
        ([ONLINE, (0, "reading", reading(None, reason=Reason.TURNED_AWAY))], 1, "face turned away"),
        ([ONLINE, (0, "reading", reading(None))], 1.0, "too few scores"),
        ([ONLINE, (20, "reading", reading(4.0, at=0))], 20.0, "compare the clocks"),
        # The sender's clock runs an hour ahead: its expiry lies in our future for an hour.
        ([ONLINE, (0, "reading", reading(4.0, at=3600))], 6.0, "no reading since"),
    ],
    ids=[
        "nothing came",
        "expired",
        "offline",
        "stopped",
        "unavailable with reason",
        "unavailable without reason",
        "arrived expired",
        "sender's clock ahead",
    ],
)
def test_no_level_is_shown_without_a_fresh_reading(
    messages: list[tuple[float, str, bytes]], at: float, reason: str
) -> None:
    row = one(*messages, at=at)
    assert (row.level, row.band) == (None, Band.UNAVAILABLE)
    assert row.reason is not None
    assert reason in row.reason
    assert row.confidence is None
    assert row.signs == ""


def test_signs_are_words_strongest_first_and_traces_are_left_out() -> None:
    units = {ActionUnit.AU7: 3.0, ActionUnit.AU4: 4.0, ActionUnit.AU10: 1.0}
    row = one(ONLINE, (0, "reading", reading(4.0, units=units)))
    assert row.signs == "brow lowered, eyes tight"


def test_an_alarm_says_since_when_and_who_knows() -> None:
    acknowledged = alarm(Condition.PAIN_SEVERE, AlarmState.ACKNOWLEDGED, by="anna")
    latched = alarm(Condition.PAIN_SEVERE, AlarmState.LATCHED)
    (line,) = one(ONLINE, (0, "alarm/pain_severe", acknowledged), at=75).alarms
    assert "(1 min 15 s) · acknowledged by anna" in line.text
    (line,) = one(ONLINE, (0, "alarm/pain_severe", latched), at=75).alarms
    assert "over, waits for acknowledge" in line.text


def test_alarms_stand_most_urgent_first() -> None:
    row = one(
        ONLINE,
        (0, "alarm/no_face", alarm(Condition.NO_FACE, AlarmState.ON)),
        (0, "alarm/pain_moderate", alarm(Condition.PAIN_MODERATE, AlarmState.ON)),
        (0, "alarm/pain_severe", alarm(Condition.PAIN_SEVERE, AlarmState.ON)),
    )
    assert [line.text.split(" ·")[0] for line in row.alarms] == [
        "severe pain",
        "moderate pain",
        "no face seen",
    ]


def test_a_pause_counts_down_and_ends() -> None:
    paused = (0.0, "status", status(paused_until=600))
    assert one(ONLINE, paused, at=60).pause_left_s == 540
    assert one(ONLINE, paused, at=600).pause_left_s is None


def test_a_stage_that_is_not_well_is_named() -> None:
    row = one(ONLINE, (0, "status", status(capture=StageState.STALLED)))
    assert row.health == "capture stalled: no frame for 7 s"
    assert one(ONLINE, (0, "status", status())).health == ""


def test_rooms_that_need_somebody_stand_first() -> None:
    on, sounding = AlarmState.ON, Signal.SOUNDING
    needs: list[tuple[str, float | None, list[bytes]]] = [
        ("severe", 5.5, [alarm(Condition.PAIN_SEVERE, on)]),
        ("latched", 0.5, [alarm(Condition.PAIN_SEVERE, AlarmState.LATCHED)]),
        ("moderate", 3.5, [alarm(Condition.PAIN_MODERATE, on)]),
        ("camera", None, [alarm(Condition.CAMERA_LOST, on)]),
        ("rising", 5.2, []),
        ("unknown", None, []),
        ("known", 5.5, [alarm(Condition.PAIN_SEVERE, AlarmState.ACKNOWLEDGED, signal=sounding)]),
        ("mild", 2.0, []),
        ("calm-b", 1.0, []),
        ("calm-a", 0.5, []),
    ]
    state = BoardState()
    for name, level, alarms in reversed(needs):
        base = f"painwatch/elm-court/{name}"
        reason = Reason.NO_FACE if level is None else None
        state = state.apply(f"{base}/reading", reading(level, reason=reason), moment(0))
        for payload in alarms:
            condition = payload.split(b'"condition":"')[1].split(b'"')[0].decode()
            state = state.apply(f"{base}/alarm/{condition}", payload, moment(0))
    assert [row.name for row in shown(state, 1)] == [name for name, _, _ in needs]


def test_somebody_who_knows_of_the_pain_still_hears_that_nobody_watches() -> None:
    known = alarm(Condition.PAIN_SEVERE, AlarmState.ACKNOWLEDGED)
    watched = one(ONLINE, (0, "reading", reading(5.5)), (0, "alarm/pain_severe", known))
    blind = one(ONLINE, (0, "alarm/pain_severe", known))
    assert blind.place < watched.place
