"""docs/asyncapi.yaml is current, and what is really published fits it."""

from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from edge.mqtt import asyncapi
from pain.alarms import AlarmState, Condition
from pain.wire import COMMANDS, Availability
from tests.brokers import PATIENCE_S, Heard, MosquittoBroker, Recorder
from tests.edge.mqtt import samples
from tests.edge.mqtt.conftest import MakeLink
from tests.edge.mqtt.samples import TOPICS

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "asyncapi.yaml"

FORMATS = FormatChecker(["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    """RFC 3339 with an offset; jsonschema itself checks this only with a further library."""
    if not isinstance(value, str):
        return True
    if datetime.fromisoformat(value).tzinfo is None:
        raise ValueError("no offset")
    return "T" in value


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return document


def resolve(document: dict[str, Any], reference: dict[str, str]) -> Any:
    node: Any = document
    for part in reference["$ref"].removeprefix("#/").split("/"):
        node = node[part]
    return node


def references(node: Any) -> list[dict[str, str]]:
    if isinstance(node, dict):
        own = [node] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    if isinstance(node, list):
        return [found for value in node for found in references(value)]
    return []


def operation_of(document: dict[str, Any], topic: str) -> dict[str, Any]:
    """Find the operation whose channel address fits a topic."""
    fitting = []
    for operation in document["operations"].values():
        address = resolve(document, operation["channel"])["address"]
        if re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", address), topic):
            fitting.append(operation)
    assert len(fitting) == 1, f"{topic} fits {len(fitting)} channels"
    operation: dict[str, Any] = fitting[0]
    return operation


def validate(document: dict[str, Any], operation: dict[str, Any], payload: bytes) -> str:
    """Validate a payload and return the name of the one message that it fits."""
    fits, errors = [], []
    for reference in operation["messages"]:
        message = resolve(document, resolve(document, reference))
        value = payload.decode()
        if message["contentType"] == "application/json":
            value = json.loads(payload)
        schema = {**message["payload"], "components": document["components"]}
        validator = Draft202012Validator(schema, format_checker=FORMATS)
        try:
            validator.validate(value)
        except ValidationError as error:
            errors.append(error.message)
        else:
            fits.append(message["name"])
    assert len(fits) == 1, f"{payload[:200]!r}: {errors or fits}"
    return str(fits[0])


def test_the_committed_file_is_what_the_module_prints() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "edge.mqtt.asyncapi"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert FILE.read_text(encoding="utf-8") == printed, (
        "run: python -m edge.mqtt.asyncapi > docs/asyncapi.yaml"
    )


def test_every_reference_leads_somewhere(committed: dict[str, Any]) -> None:
    found = references(committed)
    assert len(found) > 50
    for reference in found:
        assert resolve(committed, reference)


def test_every_schema_is_a_schema(committed: dict[str, Any]) -> None:
    for schema in committed["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_command_and_condition_is_in_it(committed: dict[str, Any]) -> None:
    for name in COMMANDS:
        assert operation_of(committed, TOPICS.command(name))["action"] == "receive"
    conditions = committed["components"]["parameters"]["condition"]["enum"]
    assert conditions == [condition.value for condition in Condition]


def test_every_parameter_of_an_address_is_described(committed: dict[str, Any]) -> None:
    for channel in committed["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == set(channel["parameters"])


def published(broker: MosquittoBroker, make_link: MakeLink) -> list[Heard]:
    """Let a link publish all it can, and return what another client heard."""
    with Recorder(broker.port) as recorder:
        link = make_link(broker.config())
        for condition in Condition:
            for state in AlarmState:
                link.publish_alarm(samples.alarm(condition, state))
        link.publish_status(samples.status())
        recorder.wait_for_text(TOPICS.availability, "online")
        link.publish_status(samples.status(paused_until=samples.AT))
        link.publish_reading(samples.reading())
        link.publish_reading(samples.reading(None))
        link.publish_event(samples.alarm_event())
        link.publish_event(samples.command_event())
        link.publish_event(samples.restart_event())
        recorder.wait_for(lambda _: len(recorder.on(TOPICS.reading)) == 2)
        link.stop()
        recorder.wait_for_text(TOPICS.availability, Availability.STOPPED)
        return list(recorder.messages)


def test_what_a_link_really_publishes_fits_the_committed_file(
    broker: MosquittoBroker, make_link: MakeLink, committed: dict[str, Any]
) -> None:
    seen = set()
    for heard in published(broker, make_link):
        operation = operation_of(committed, heard.topic)
        assert operation["action"] == "send"
        binding = operation["bindings"]["mqtt"]
        also = {1} if heard.topic == TOPICS.reading else set()  # the first of a connection
        assert heard.qos in {binding["qos"], *also}
        assert heard.retain == binding["retain"]
        expiry_s = binding.get("messageExpiryInterval")
        assert (heard.expiry_s is None) == (expiry_s is None)
        if heard.expiry_s is not None:  # it has been counting since the broker had it
            assert expiry_s - PATIENCE_S <= heard.expiry_s <= expiry_s
        seen.add(validate(committed, operation, heard.payload))
    sent = [op for op in committed["operations"].values() if op["action"] == "send"]
    described = {
        resolve(committed, resolve(committed, message))["name"]
        for operation in sent
        for message in operation["messages"]
    }
    assert seen == described


def test_a_command_that_fits_the_file_is_one_that_the_box_takes(
    broker: MosquittoBroker,
    make_link: MakeLink,
    commands: queue.Queue[tuple[str, bytes, bool]],
    committed: dict[str, Any],
) -> None:
    command = {
        "id": "12345678-1234-4234-8234-123456789abc",
        "person": "nurse-7",
        "issued_at": "2026-11-24T14:00:00Z",
        "expires_at": "2026-11-24T14:00:30+01:00",
    }
    payload = json.dumps(command).encode()
    validate(committed, operation_of(committed, TOPICS.command("acknowledge")), payload)
    make_link(broker.config()).publish_status(samples.status())
    with Recorder(broker.port) as recorder:
        recorder.wait_for_text(TOPICS.availability, "online")  # it has subscribed before
        recorder.publish(TOPICS.command("acknowledge"), payload)
    name, taken, _ = commands.get(timeout=PATIENCE_S)
    assert COMMANDS[name].model_validate_json(taken, strict=True).person == "nurse-7"


def spoil(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(payload: dict[str, Any]) -> None:
        payload[key] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        spoil("level", 6.1),
        spoil("level", "high"),
        spoil("measured_at", "yesterday"),
        spoil("measured_at", "2026-11-24T14:00:00"),
        spoil("reason", "boredom"),
        spoil("mood", "fine"),
        spoil("schema_version", 2),
        lambda payload: payload.pop("level"),
    ],
)
def test_the_validation_sees_what_is_wrong(
    committed: dict[str, Any], change: Callable[[dict[str, Any]], None]
) -> None:
    payload = json.loads(samples.reading().model_dump_json())
    operation = operation_of(committed, TOPICS.reading)
    assert validate(committed, operation, json.dumps(payload).encode()) == "Reading"
    change(payload)
    with pytest.raises(AssertionError):
        validate(committed, operation, json.dumps(payload).encode())


def test_the_document_is_rendered_from_data_alone() -> None:
    assert yaml.safe_load(asyncapi.render()) == asyncapi.document()
