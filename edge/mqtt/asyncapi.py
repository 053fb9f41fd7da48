"""docs/asyncapi.yaml, made from the payload models: ``python -m edge.mqtt.asyncapi`` prints it.

The document speaks for the camera box: it sends readings and alarms, and receives commands.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from edge.mqtt.link import EVENT_EXPIRY_S, STATUS_EXPIRY_S
from edge.mqtt.payloads import READING_VALID_S
from pain.alarms import Condition
from pain.broker.client import SESSION_EXPIRY_S
from pain.topics import NAME_PATTERN, ROOT, STATION
from pain.wire import (
    COMMANDS,
    SCHEMA_VERSION,
    AlarmEventPayload,
    AlarmPayload,
    Availability,
    CommandEventPayload,
    EscalationPayload,
    HeartbeatPayload,
    ReadingPayload,
    RestartEventPayload,
    StatusPayload,
)

HEADER: Final = "# Made by `python -m edge.mqtt.asyncapi` from pain/wire.py; change it there.\n"

_BINDING: Final = "0.2.0"
_BASE: Final = f"{ROOT}/{{site}}/{{room}}"
_SCHEMAS: Final = "#/components/schemas/"

_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "site": {"description": f"Short name of the care home; matches {NAME_PATTERN}"},
    "room": {"description": f"Short name of the room; matches {NAME_PATTERN}"},
    "station": {"description": f"Short name of the nursing station; matches {NAME_PATTERN}"},
    "condition": {
        "description": "What can be wrong with the resident or with the watching.",
        "enum": [condition.value for condition in Condition],
    },
    "prefix": {
        "description": "Home Assistant's discovery prefix, mqtt.homeassistant_prefix.",
        "default": "homeassistant",
    },
    "device": {"description": "painwatch-<site>-ROOM-<room>"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channel:
    """One topic: who speaks, how, and what."""

    key: str
    address: str
    summary: str
    messages: tuple[str, ...]
    action: Literal["send", "receive"] = "send"
    qos: int = 1
    retain: bool = False
    expiry_s: int | None = None

    @property
    def operation(self) -> str:
        verb = "publish" if self.action == "send" else "take"
        return f"{verb}{self.key[0].upper()}{self.key[1:]}"


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


_CHANNELS: Final[tuple[_Channel, ...]] = (
    _Channel(
        key="availability",
        address=f"{_BASE}/availability",
        summary=(
            "Whether the room is watched: online after each connection, once the state is told; "
            "stopped after a clean end; offline by last will."
        ),
        messages=("Availability",),
        retain=True,
    ),
    _Channel(
        key="status",
        address=f"{_BASE}/status",
        summary="Health of the room's pipeline, every 10 s and on each change of a stage.",
        messages=("Status",),
        retain=True,
        expiry_s=STATUS_EXPIRY_S,
    ),
    _Channel(
        key="reading",
        address=f"{_BASE}/reading",
        summary=(
            "Smoothed pain level, about once a second, or why there is none. The first of a "
            "connection has QoS 1, so that a broker which forbids it is told from a lost line."
        ),
        messages=("Reading",),
        qos=0,
        expiry_s=round(READING_VALID_S),
    ),
    _Channel(
        key="alarm",
        address=f"{_BASE}/alarm/{{condition}}",
        summary="Where one condition's alarm stands.",
        messages=("Alarm",),
        retain=True,
    ),
    _Channel(
        key="event",
        address=f"{_BASE}/event",
        summary=(
            "Every alarm transition, every answer to a command and every restart after an unclean "
            "end, in order; kept on the box's disk until the broker has it. QoS 1 may deliver one "
            "twice: its id tells."
        ),
        messages=("AlarmEvent", "CommandEvent", "RestartEvent"),
        expiry_s=EVENT_EXPIRY_S,
    ),
    _Channel(
        key="heartbeat",
        address=f"{ROOT}/{{site}}/{STATION}/{{station}}/heartbeat",
        summary=(
            "A nursing station says that it hears the site's rooms; retained. A box that is told "
            "of it by mqtt.station raises nobody_listening without it."
        ),
        messages=("Heartbeat",),
        action="receive",
        retain=True,
    ),
    _Channel(
        key="escalation",
        address=f"{ROOT}/{{site}}/{STATION}/{{station}}/escalation",
        summary=(
            "A nursing station tells further people of alarms that nobody acknowledges, and of "
            "their end. Sent again until the broker has it: its id tells. No box hears it."
        ),
        messages=("Escalation",),
        action="receive",
    ),
    _Channel(
        key="discovery",
        address="{prefix}/device/{device}/config",
        summary="Home Assistant device discovery; absent when mqtt.homeassistant_prefix is null.",
        messages=("Discovery",),
        retain=True,
    ),
    *(
        _Channel(
            key=f"command{_camel(name)}",
            address=f"{_BASE}/command/{name}",
            summary=f"{(model.__doc__ or '').strip()} Never retained; answered on the event topic.",
            messages=(f"{_camel(name)}Command",),
            action="receive",
        )
        for name, model in COMMANDS.items()
    ),
)

_SENT: Final[dict[str, type[BaseModel]]] = {
    "Status": StatusPayload,
    "Reading": ReadingPayload,
    "Alarm": AlarmPayload,
    "AlarmEvent": AlarmEventPayload,
    "CommandEvent": CommandEventPayload,
    "RestartEvent": RestartEventPayload,
}
_RECEIVED: Final[dict[str, type[BaseModel]]] = {
    "Heartbeat": HeartbeatPayload,
    "Escalation": EscalationPayload,
    **{f"{_camel(name)}Command": model for name, model in COMMANDS.items()},
}


def document() -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document as plain data."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "painwatch",
            "version": f"{SCHEMA_VERSION}.0.0",
            "description": (
                "Pain levels and alarms of a care home's rooms. Every JSON payload carries "
                f"schema_version {SCHEMA_VERSION}; unknown fields do not occur within one version. "
                "A research aid, not a medical device."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _server()},
        "channels": {channel.key: _channel(channel) for channel in _CHANNELS},
        "operations": {channel.operation: _operation(channel) for channel in _CHANNELS},
        "components": {
            "messages": {name: _message(name) for name in _message_names()},
            "parameters": _PARAMETERS,
            "schemas": _schemas(),
            "securitySchemes": {
                "device": {
                    "type": "userPassword",
                    "description": "Each box has its own user; a client certificate may be added.",
                }
            },
        },
    }


def render() -> str:
    """Return the document as YAML."""
    return HEADER + yaml.safe_dump(document(), sort_keys=False, width=100, allow_unicode=True)


def _server() -> dict[str, Any]:
    return {
        "host": "{host}:{port}",
        "protocol": "secure-mqtt",
        "protocolVersion": "5",
        "description": (
            "The site's broker. MQTT 3.1.1 where it does not speak 5; TLS unless switched off."
        ),
        "variables": {"host": {"default": "localhost"}, "port": {"default": "8883"}},
        "security": [{"$ref": "#/components/securitySchemes/device"}],
        "bindings": {
            "mqtt": {
                "clientId": "painwatch-<site>-<room>",
                "cleanSession": False,
                "lastWill": {
                    "topic": f"{ROOT}/<site>/<room>/availability",
                    "qos": 1,
                    "message": Availability.OFFLINE.value,
                    "retain": True,
                },
                "keepAlive": 15,
                "sessionExpiryInterval": SESSION_EXPIRY_S,
                "bindingVersion": _BINDING,
            }
        },
    }


def _channel(channel: _Channel) -> dict[str, Any]:
    names = [name for name in _PARAMETERS if f"{{{name}}}" in channel.address]
    return {
        "address": channel.address,
        "description": channel.summary,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in channel.messages},
        "parameters": {name: {"$ref": f"#/components/parameters/{name}"} for name in names},
    }


def _operation(channel: _Channel) -> dict[str, Any]:
    binding: dict[str, Any] = {"qos": channel.qos, "retain": channel.retain}
    if channel.expiry_s is not None:
        binding["messageExpiryInterval"] = channel.expiry_s
    return {
        "action": channel.action,
        "channel": {"$ref": f"#/channels/{channel.key}"},
        "summary": channel.summary,
        "messages": [
            {"$ref": f"#/channels/{channel.key}/messages/{name}"} for name in channel.messages
        ],
        "bindings": {"mqtt": {**binding, "bindingVersion": _BINDING}},
    }


def _message_names() -> list[str]:
    return [name for channel in _CHANNELS for name in channel.messages]


def _message(name: str) -> dict[str, Any]:
    model = {**_SENT, **_RECEIVED}.get(name)
    return {
        "name": name,
        "contentType": "text/plain" if name == "Availability" else "application/json",
        "payload": {"$ref": f"{_SCHEMAS}{model.__name__ if model else name}"},
    }


def _schemas() -> dict[str, Any]:
    _, generated = models_json_schema(
        [
            *((model, "serialization") for model in _SENT.values()),
            *((model, "validation") for model in _RECEIVED.values()),
        ],
        ref_template=f"{_SCHEMAS}{{model}}",
    )
    by_hand: dict[str, Any] = {
        "Availability": {"type": "string", "enum": [word.value for word in Availability]},
        "Discovery": {
            "type": "object",
            "description": "As Home Assistant's MQTT integration documents it.",
            "required": ["device", "origin", "components"],
        },
    }
    return dict(sorted({**generated["$defs"], **by_hand}.items()))


if __name__ == "__main__":
    sys.stdout.write(render())
