"""What a changed config file touches, and what it must leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from edge.config import EdgeConfig
from edge.gateway.changes import Change, changes

ROOMS: list[dict[str, Any]] = [
    {"id": "room-1", "name": "Room 1", "camera": {"uri": "rtsp://camera-1/stream"}},
    {"id": "room-2", "camera": {"uri": "rtsp://camera-2/stream"}},
]
WORKER = Change(worker=True, link=False)
LINK = Change(worker=False, link=True)
JUDGED = Change(worker=False, link=False)


def config(**sections: Any) -> EdgeConfig:
    whole = {"site": "home", "mqtt": {"host": "broker"}, "rooms": ROOMS}
    return EdgeConfig.model_validate({**whole, **sections})


def room_1(**keys: Any) -> dict[str, Any]:
    return {"rooms": [{**ROOMS[0], **keys}, ROOMS[1]]}


@pytest.mark.parametrize(
    ("sections", "changed"),
    [
        ({}, {}),
        (room_1(camera={"uri": "rtsp://camera-9/stream"}), {"room-1": WORKER}),
        (room_1(zone=[[0, 0], [1, 0], [1, 1]]), {"room-1": WORKER}),
        (room_1(masks=[[[0, 0], [1, 0], [1, 1]]]), {"room-1": WORKER}),
        (room_1(identity={"threshold": 0.4}), {"room-1": WORKER}),
        (room_1(name="Room One"), {"room-1": LINK}),
        ({"rooms": ROOMS[::-1]}, {}),
        ({"mqtt": {"host": "broker-2"}}, {"room-1": LINK, "room-2": LINK}),
        ({"mqtt": {"host": "broker", "station": "ward-2"}}, {"room-1": LINK, "room-2": LINK}),
        ({"alarms": {"no_face_after_s": 90}}, {"room-1": JUDGED, "room-2": JUDGED}),
        ({"smoothing": {"time_constant_s": 2}}, {"room-1": JUDGED, "room-2": JUDGED}),
        ({"scoring": {"threads": 2}}, {"room-1": WORKER, "room-2": WORKER}),
        ({"quality": {"min_face_height_px": 80}}, {"room-1": WORKER, "room-2": WORKER}),
        (
            {"mqtt": {"host": "broker-2"}, "scoring": {"threads": 2}},
            dict.fromkeys(("room-1", "room-2"), Change(worker=True, link=True)),
        ),
        (
            {**room_1(camera={"uri": "rtsp://camera-9/stream"}), "alarms": {"no_face_after_s": 90}},
            {"room-1": WORKER, "room-2": JUDGED},
        ),
    ],
)
def test_a_room_is_touched_by_what_it_depends_on_alone(
    sections: dict[str, Any], changed: dict[str, Change]
):
    found = changes(config(), config(**sections))
    assert found.changed == changed
    assert (found.added, found.removed, found.fixed) == ((), (), ())


def test_rooms_come_and_go_without_touching_those_that_stay():
    new = {"id": "room-3", "camera": {"uri": "rtsp://camera-3/stream"}}
    found = changes(config(), config(rooms=[ROOMS[0], new]))
    assert (found.added, found.removed, found.changed) == (("room-3",), ("room-2",), {})


@pytest.mark.parametrize(
    ("sections", "fixed"),
    [
        ({"site": "elm-court"}, ("site",)),
        ({"storage": {"folder": "/var/lib/other"}}, ("storage",)),
        ({"site": "elm-court", "storage": {"folder": "/var/lib/other"}}, ("site", "storage")),
    ],
)
def test_what_names_topics_or_holds_events_needs_a_restart(
    sections: dict[str, Any], fixed: tuple[str, ...]
):
    assert changes(config(), config(**sections)).fixed == fixed
