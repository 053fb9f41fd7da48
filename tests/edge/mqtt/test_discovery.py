"""Home Assistant discovery, rendered as Home Assistant renders it."""

from __future__ import annotations

import json
import re
from typing import Any

import jinja2
import pytest

from edge.mqtt.discovery import discovery_payload, discovery_topic, object_id
from pain.alarms import AlarmState, Condition
from pain.topics import Topics
from pain.wire import Availability
from tests.edge.mqtt import samples
from tests.edge.mqtt.samples import TOPICS


@pytest.fixture(scope="module")
def device() -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(discovery_payload(TOPICS, room_name="Zimmer 12 „Süd“"))
    return payload


def render(template: str, payload: str) -> str:
    """Render a value template with the variables that Home Assistant gives it."""
    variables: dict[str, Any] = {"value": payload}
    if payload.startswith("{"):
        variables["value_json"] = json.loads(payload)
    return jinja2.Environment(autoescape=False).from_string(template).render(variables)  # noqa: S701


def test_the_topic_is_a_device_topic_with_a_legal_object_id() -> None:
    topic = discovery_topic("homeassistant", TOPICS)
    assert topic == "homeassistant/device/painwatch-elm-court-ROOM-room-12/config"
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", object_id(TOPICS))


def test_no_two_rooms_share_an_id() -> None:
    one = Topics(site="elm", room="court-room-12")
    other = Topics(site="elm-court", room="room-12")
    assert object_id(one) != object_id(other)


def test_the_required_parts_are_there(device: dict[str, Any]) -> None:
    assert device["device"]["identifiers"] == [object_id(TOPICS)]
    assert device["device"]["name"] == "Zimmer 12 „Süd“"
    assert device["origin"]["name"] == "painwatch"
    # Home Assistant refuses the whole device for one key that it does not know here.
    assert device.keys() == {"device", "origin", "availability", "components", "qos"}
    for component in device["components"].values():
        assert component["platform"] in {"sensor", "binary_sensor"}
        assert component["name"]
        assert component["state_topic"]
    ids = [component["unique_id"] for component in device["components"].values()]
    assert len(set(ids)) == len(ids)


def test_every_topic_is_one_of_the_room(device: dict[str, Any]) -> None:
    published = {TOPICS.reading, TOPICS.availability, *map(TOPICS.alarm, Condition)}
    named = set(re.findall(r'"(painwatch/[^"]+)"', json.dumps(device)))
    assert named == published


def test_each_condition_is_a_binary_sensor(device: dict[str, Any]) -> None:
    for condition in Condition:
        component = device["components"][condition.value]
        assert component["platform"] == "binary_sensor"
        assert component["state_topic"] == TOPICS.alarm(condition)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (AlarmState.OFF, "OFF"),
        (AlarmState.ON, "ON"),
        (AlarmState.LATCHED, "ON"),
        (AlarmState.ACKNOWLEDGED, "ON"),
    ],
)
def test_an_alarm_is_on_unless_it_is_off(
    device: dict[str, Any], state: AlarmState, shown: str
) -> None:
    component = device["components"]["pain_severe"]
    payload = samples.alarm(Condition.PAIN_SEVERE, state).model_dump_json()
    assert render(component["value_template"], payload) == shown


@pytest.mark.parametrize(
    ("key", "known", "unknown"),
    [
        ("level", "2.5", "None"),
        ("pspi", "6.5", "None"),
        ("confidence", "80.0", "None"),
        ("coverage", "90.0", "0.0"),
        ("reason", "None", "no_face"),
    ],
)
def test_a_reading_without_a_level_is_unknown_and_never_zero(
    device: dict[str, Any], key: str, known: str, unknown: str
) -> None:
    component = device["components"][key]
    assert component["expire_after"] > 0
    template = component["value_template"]
    assert render(template, samples.reading(2.5).model_dump_json()) == known
    assert render(template, samples.reading(None).model_dump_json()) == unknown
    if key == "level":
        assert render(template, samples.reading(0.0).model_dump_json()) == "0.0"


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        (Availability.ONLINE, "online"),
        (Availability.STOPPED, "offline"),
        (Availability.OFFLINE, "offline"),
    ],
)
def test_only_online_is_available(device: dict[str, Any], word: Availability, shown: str) -> None:
    (availability,) = device["availability"]
    assert render(availability["value_template"], word.value) == shown
    assert availability["payload_available"] == "online"
    assert availability["payload_not_available"] == "offline"
