"""Home Assistant discovery: one retained message makes a device with all its entities."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any, Final

from edge.mqtt.payloads import READING_VALID_S
from pain.alarms import PHYSIOLOGICAL, Condition
from pain.topics import Topics
from pain.wire import Availability

_CONDITION_NAMES: Final[dict[Condition, str]] = {
    Condition.PAIN_MODERATE: "Moderate pain",
    Condition.PAIN_SEVERE: "Severe pain",
    Condition.CAMERA_LOST: "Camera lost",
    Condition.NO_FACE: "No face",
    Condition.MODEL_FAILED: "Pain model failed",
    Condition.DEGRADED_PROVIDER: "Slow inference",
    Condition.OUTBOX_STUCK: "Events wait",
    Condition.NOBODY_LISTENING: "Nobody listens",
    Condition.CLOCK_UNSYNCED: "Clock not synchronised",
}


def object_id(topics: Topics) -> str:
    """Id of the room's device. The capitals cannot be part of a name, so no two rooms share it."""
    return f"painwatch-{topics.site}-ROOM-{topics.room}"


def discovery_topic(prefix: str, topics: Topics) -> str:
    """Topic of the device's discovery message."""
    return f"{prefix}/device/{object_id(topics)}/config"


def discovery_payload(topics: Topics, *, room_name: str) -> bytes:
    """Describe the room's device and entities as UTF-8 JSON."""
    device = object_id(topics)
    software = version("painwatch")
    offline = [Availability.STOPPED.value, Availability.OFFLINE.value]
    sensors = {
        "level": _sensor(topics, "level", "Pain level", state_class="measurement", precision=1),
        "pspi": _sensor(topics, "pspi", "PSPI", state_class="measurement", precision=1),
        "coverage": _sensor(topics, "coverage", "Coverage", percent=True),
        "confidence": _sensor(topics, "confidence", "Confidence", percent=True),
        "reason": _sensor(topics, "reason", "Reason without level", diagnostic=True),
    }
    alarms = {condition.value: _alarm(topics, condition) for condition in Condition}
    components = {
        key: {**entity, "unique_id": f"{device}-{key}"}
        for key, entity in {**sensors, **alarms}.items()
    }
    return json.dumps(
        {
            "device": {
                "identifiers": [device],
                "name": room_name,
                "manufacturer": "painwatch",
                "model": "Pain monitor (research aid)",
                "sw_version": software,
                "suggested_area": room_name,
            },
            "origin": {"name": "painwatch", "sw_version": software},
            "availability": [
                {
                    "topic": topics.availability,
                    # Availability has three words, Home Assistant knows two. What is none of
                    # them says nothing: the doctor tries its rights on this topic.
                    "value_template": (
                        f"{{{{ 'online' if value == '{Availability.ONLINE}' else 'offline' "
                        f"if value in {offline!r} else '' }}}}"
                    ),
                    "payload_available": "online",
                    "payload_not_available": "offline",
                }
            ],
            "components": components,
            "qos": 1,
        },
        ensure_ascii=False,
    ).encode()


def _sensor(
    topics: Topics,
    key: str,
    name: str,
    *,
    percent: bool = False,
    diagnostic: bool = False,
    state_class: str | None = None,
    precision: int = 0,
) -> dict[str, Any]:
    value = f"value_json.{key}"
    shown = f"({value} * 100) | round(0)" if percent else value
    entity: dict[str, Any] = {
        "platform": "sensor",
        "name": name,
        "state_topic": topics.reading,
        # 'None' is Home Assistant's word for unknown; 0 would be an invented reading.
        "value_template": f"{{{{ {shown} if {value} is not none else 'None' }}}}",
        "expire_after": round(READING_VALID_S),
    }
    if percent:
        entity |= {"unit_of_measurement": "%", "state_class": "measurement"}
    if state_class:
        entity |= {"state_class": state_class, "suggested_display_precision": precision}
    if diagnostic:
        entity |= {"entity_category": "diagnostic"}
    return entity


def _alarm(topics: Topics, condition: Condition) -> dict[str, Any]:
    entity: dict[str, Any] = {
        "platform": "binary_sensor",
        "name": _CONDITION_NAMES[condition],
        "device_class": "problem",
        "state_topic": topics.alarm(condition),
        # Latched counts as on: it is announced until somebody acknowledges it.
        "value_template": "{{ 'OFF' if value_json.state == 'off' else 'ON' }}",
        "payload_on": "ON",
        "payload_off": "OFF",
        "json_attributes_topic": topics.alarm(condition),
    }
    if condition not in PHYSIOLOGICAL:
        entity |= {"entity_category": "diagnostic"}
    return entity
