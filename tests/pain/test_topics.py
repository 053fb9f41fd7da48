"""Topics that a broker, a station and Home Assistant can rely on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.alarms import Condition
from pain.topics import NAME_PATTERN, Topics, parse_topic, site_filter, station_heartbeat

names = st.from_regex(NAME_PATTERN, fullmatch=True)
TOPICS = Topics(site="rosenhof", room="room-12")


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        (TOPICS.availability, "painwatch/rosenhof/room-12/availability"),
        (TOPICS.status, "painwatch/rosenhof/room-12/status"),
        (TOPICS.reading, "painwatch/rosenhof/room-12/reading"),
        (TOPICS.event, "painwatch/rosenhof/room-12/event"),
        (TOPICS.commands, "painwatch/rosenhof/room-12/command/+"),
        (TOPICS.command("pause"), "painwatch/rosenhof/room-12/command/pause"),
        (TOPICS.alarm(Condition.PAIN_SEVERE), "painwatch/rosenhof/room-12/alarm/pain_severe"),
        (site_filter("rosenhof"), "painwatch/rosenhof/+/#"),
        (site_filter("+"), "painwatch/+/+/#"),
    ],
)
def test_topics_are_as_documented(topic, expected):
    assert topic == expected


@pytest.mark.parametrize(
    "name",
    ["", "Room", "room 1", "a/b", "a+", "#", "$SYS", "-a", "_a", "ä", "a" * 64, "a\n", "a\x00"],
)
@pytest.mark.parametrize("part", ["site", "room"])
def test_a_name_that_is_not_safe_in_a_topic_is_refused(part, name):
    with pytest.raises(ValueError, match=part):
        Topics(**{"site": "rosenhof", "room": "room-12", part: name})


@pytest.mark.parametrize("name", ["a", "7", "room-12", "a_b", "a" * 63])
def test_plain_names_are_taken(name):
    assert re.fullmatch(NAME_PATTERN, name)
    assert Topics(site=name, room=name).base == f"painwatch/{name}/{name}"


def test_no_room_has_the_stations_topics():
    with pytest.raises(ValueError, match="no room may be called 'station'"):
        Topics(site="rosenhof", room="station")


@given(names, names, st.sampled_from(Condition))
def test_what_is_built_can_be_taken_apart(site, room, condition):
    topics = Topics(site=site, room=room)
    assert parse_topic(topics.alarm(condition)) == (site, room, f"alarm/{condition}")
    assert parse_topic(topics.event) == (site, room, "event")


@pytest.mark.parametrize(
    "topic",
    [
        *("", "painwatch", "painwatch/a", "painwatch/a/b", "other/a/b/event", "/a/b/event"),
        station_heartbeat("rosenhof", "ward-2"),
    ],
)
def test_what_is_not_ours_is_none_of_ours(topic):
    assert parse_topic(topic) is None
