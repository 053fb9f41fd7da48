"""When the daemon may say that it lives, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.alarm.presence import STARTING_LIMIT_S
from edge.gateway.pulse import TELLING_S, Pulse, status_line
from pain.alarms import Condition

WATCHED = Pulse(
    room="room-1",
    greeted=True,
    unjudged_s=0.1,
    loading_s=None,
    told_after_s=5.0,
    told=None,
    finished=False,
)
STARTING = replace(WATCHED, greeted=False, unjudged_s=3.0, loading_s=3.0)
SILENT = replace(WATCHED, unjudged_s=5.0 + TELLING_S + 0.1)
TOLD = replace(SILENT, told=Condition.CAMERA_LOST)
ENDED = replace(SILENT, finished=True)


@pytest.mark.parametrize(
    ("pulse", "settled", "alive"),
    [
        (WATCHED, True, True),
        (replace(WATCHED, unjudged_s=5.0 + TELLING_S), True, True),
        (STARTING, False, True),
        (replace(STARTING, unjudged_s=60.0, loading_s=60.0), False, True),
        # An alarm was due by then: whoever should have raised it does not work.
        (
            replace(STARTING, unjudged_s=70.0, loading_s=STARTING_LIMIT_S + TELLING_S + 0.1),
            False,
            False,
        ),
        (SILENT, True, False),
        (TOLD, True, True),
        (replace(STARTING, told=Condition.MODEL_FAILED), True, True),
        (ENDED, True, True),
        # Another box-wide delay moves the limit along: the alarm is not due yet.
        (replace(SILENT, told_after_s=120.0, unjudged_s=100.0), True, True),
    ],
)
def test_silence_must_be_heard_by_somebody(pulse: Pulse, settled: bool, alive: bool):
    assert (pulse.settled, pulse.alive) == (settled, alive)


@pytest.mark.parametrize(
    ("pulses", "broker", "line"),
    [
        ([WATCHED], None, "1 room, 1 watched"),
        ([STARTING], None, "1 room, 0 watched; room-1: starting"),
        (
            [WATCHED, replace(TOLD, room="room-2")],
            None,
            "2 rooms, 1 watched; room-2: camera_lost",
        ),
        ([ENDED], None, "1 room, 0 watched"),
        ([WATCHED], "refused:\nbad password", "1 room, 1 watched; broker: refused: bad password"),
    ],
)
def test_the_status_is_one_line(pulses: list[Pulse], broker: str | None, line: str):
    assert status_line(pulses, broker=broker) == line
