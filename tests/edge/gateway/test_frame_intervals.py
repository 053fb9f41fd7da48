"""However rarely pictures come: severe pain is alarmed, or somebody is told that nobody watches."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain.alarms import Condition, Trigger
from tests.edge.gateway.test_room import HELLO, Room, score

TICK_S = 0.2
TOLD_WITHIN_S = 25.0
WATCHED_S = 90.0
TELLING = (Condition.PAIN_SEVERE, Condition.CAMERA_LOST, Condition.MODEL_FAILED)

INTERVAL_S = st.floats(0.02, 10.0)


def follow(intervals_s: list[float], *, level: float = 6.0, for_s: float = WATCHED_S) -> Room:
    """Frames at these intervals, over and over; the gateway ticks as in its main loop."""
    room = Room()
    room.gateway.handle(HELLO)
    room.live(score(0.0), for_s=8)
    room.wire.said.clear()
    began_s = room.clock.monotonic_s
    at_s, number = began_s, 0
    while at_s < began_s + for_s:
        at_s += intervals_s[number % len(intervals_s)]
        number += 1
        while room.clock.monotonic_s + TICK_S < at_s:
            room.silent(for_s=TICK_S)
        room.clock.monotonic_s = at_s
        room.read(score(level))
        room.gateway.tick()
    return room


def standing(room: Room) -> set[Condition]:
    found = set()
    for condition, trigger in room.wire.events():
        (found.discard if trigger is Trigger.CLEARED else found.add)(condition)
    return found


@settings(max_examples=40, deadline=None)
@given(intervals_s=st.lists(INTERVAL_S, min_size=1, max_size=6))
def test_no_hole_lies_between_watched_and_lost(intervals_s: list[float]):
    room = follow(intervals_s)
    assert standing(room) & {*TELLING}, room.wire.events()


@pytest.mark.parametrize(
    "interval_s", [0.02, 0.5, 1.0, 1.5, 1.9, 2.0, 2.1, 2.5, 3.0, 3.9, 4.1, 6, 10]
)
def test_one_steady_interval_is_watched_or_told_for_good(interval_s: float):
    room = follow([interval_s])
    told = room.wire.events()
    assert standing(room) & {*TELLING}, told
    changes = [trigger for condition, trigger in told if condition is Condition.CAMERA_LOST]
    assert changes.count(Trigger.CLEARED) <= 2, "an alarm that comes and goes tells nobody"
    assert (Condition.PAIN_SEVERE in standing(room)) or interval_s > 1.9


@pytest.mark.parametrize("interval_s", [0.04, 0.5, 1.0, 1.8])
def test_a_camera_that_is_quick_enough_is_not_lost(interval_s: float):
    assert follow([interval_s], level=1.0).wire.events() == []


def test_one_late_picture_is_no_lost_camera_and_a_quick_one_ends_it():
    room = follow([0.1] * 40 + [3.0], level=1.0)
    assert room.wire.events() == []
    room = follow([3.0], level=1.0, for_s=30)
    assert standing(room) == {Condition.CAMERA_LOST}
    room.live(score(1.0), for_s=12)
    assert standing(room) == set()
