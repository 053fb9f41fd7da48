"""What people, other programs and attackers send: refused in the words made for it, or taken.

Any other exception, and a hang (by the time limit of the suite), is a failure. A seed makes every
run the same; another one may be tried with ``PAINWATCH_FUZZ_SEED``.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from paho.mqtt.client import MQTTMessage

from edge.config import EdgeConfig, MqttConfig
from edge.config.files import bad_uris
from edge.config.load import load_config
from edge.mqtt import RoomLink
from edge.mqtt.commands import CommandDesk
from edge.score.builtin import builtin_bundle_dir
from pain.bundle import Bundle, load_bundle
from pain.clock import Moment
from pain.errors import BundleError, ConfigError
from pain.settings.document import Document, parse
from pain.settings.read import settings_of
from pain.topics import Topics, station_heartbeat
from pain.wire import COMMANDS, Command, CommandEventPayload
from tests.faults.mutation import as_json, damaged_bytes, damaged_values

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

INPUTS = 100_000
ROOT = Path(__file__).parents[2]
SEED = int(os.environ.get("PAINWATCH_FUZZ_SEED", "6"))
WALL = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NOW = Moment(monotonic_s=1000.0, wall=WALL)

CONFIG = (ROOT / "configs" / "room.yaml").read_text(encoding="utf-8")
SMALL = "site: a\nmqtt: {host: h}\nrooms:\n- {id: r, camera: {uri: 'v4l2:///dev/video0'}}\n"
"""Text is slow to parse, so most bytes are changed in a small file."""


def told(outcomes: Counter[str], least: int = 2) -> None:
    """Hold that inputs were both taken and refused: else the damage was too small, or too great."""
    assert outcomes["refused"] > INPUTS // 10, outcomes
    assert len(outcomes) >= least, outcomes


def test_config_files_of_any_bytes_and_values(tmp_path: Path):
    outcomes: Counter[str] = Counter()
    refusals: set[tuple[int, str | None]] = set()
    file = tmp_path / "room.yaml"
    texts = [SMALL.encode()] * 9 + [CONFIG.encode()]
    count = 2_500
    for text in damaged_bytes(SEED, texts, count):
        file.write_bytes(text)
        try:
            load_config(file)
            outcomes["taken"] += 1
        except ConfigError as error:
            refusals.add((error.exit_code, error.file))
            outcomes["refused"] += 1
    assert refusals == {(2, str(file))}
    documents = [yaml.safe_load(CONFIG), *[yaml.safe_load(SMALL)] * 4]
    for data in damaged_values(SEED, documents, INPUTS - count):
        document = Document(file="x", data=data)
        try:
            config = settings_of(document, EdgeConfig, example="configs/room.yaml")
            list(bad_uris(config))
            outcomes["taken"] += 1
        except ConfigError:
            outcomes["refused"] += 1
    assert sum(outcomes.values()) == INPUTS
    told(outcomes)


def test_bundle_manifests_of_any_bytes_and_values(tmp_path: Path):
    manifest = (builtin_bundle_dir("landmarks-v1") / "bundle.json").read_bytes()
    outcomes: Counter[str] = Counter()
    file = tmp_path / "bundle.json"
    count = 2_500
    half = (INPUTS - 2 * count) // 2

    def read() -> None:
        try:
            load_bundle(tmp_path)
            outcomes["taken"] += 1
        except BundleError:
            outcomes["refused"] += 1

    for text in damaged_bytes(SEED, [manifest], count):
        file.write_bytes(text)
        read()
    for data in damaged_values(SEED, [json.loads(manifest)], count):
        file.write_bytes(as_json(data))
        read()
    assert outcomes["taken"] == 0, "every hash was right in a damaged manifest"
    # The whole manifest is long; what repeats in it is left out where most of the inputs are made.
    short = _shortened(json.loads(manifest))
    for text in damaged_bytes(SEED + 1, [as_json(short)], half):
        _validated(Bundle.model_validate_json, text, outcomes)
    for data in damaged_values(SEED + 1, [short], half):
        _validated(Bundle.model_validate, data, outcomes)
    assert sum(outcomes.values()) == INPUTS
    told(outcomes)


def test_commands_of_any_bytes_and_values():
    outcomes: Counter[str] = Counter()
    samples = list(_commands())
    names = [*COMMANDS, "", "x" * 300, "acknowledge/../pause", "\x00"]
    desk = CommandDesk(max_pause_s=3600.0)

    def apply(command: Command, _now: Moment) -> None:
        assert command.expires_at > WALL

    texts = [as_json(sample) for _, sample in samples]
    documents = [sample for _, sample in samples]
    payloads = [
        *damaged_bytes(SEED, texts, INPUTS // 2),
        *map(as_json, damaged_values(SEED, documents, INPUTS // 2)),
    ]
    assert len(payloads) == INPUTS
    for number, payload in enumerate(payloads):
        name = names[number % len(names)]
        answer = desk.take(name, payload, retained=number % 50 == 0, now=NOW, apply=apply)
        # What goes out must be a payload that every board can read.
        CommandEventPayload.model_validate_json(answer.model_dump_json())
        outcomes["taken" if answer.accepted else "refused"] += 1
    told(outcomes)


def test_heartbeats_of_any_bytes_and_values():
    outcomes: Counter[str] = Counter()
    good = {
        "schema_version": 1,
        "station": "ward-2",
        "at": WALL.isoformat(),
        "expires_at": (WALL + timedelta(seconds=60)).isoformat(),
    }
    payloads = [
        *damaged_bytes(SEED, [as_json(good)], INPUTS // 2),
        *map(as_json, damaged_values(SEED, [good], INPUTS // 2)),
    ]
    assert len(payloads) == INPUTS
    link = RoomLink(
        mqtt=MqttConfig(host="broker", station="ward-2"),
        topics=Topics(site="home", room="room-1"),
        room_name="Room 1",
        on_command=lambda *_: pytest.fail("a heartbeat was taken for a command"),
        on_connected=lambda: None,
    )

    def hear(payload: bytes, *, retained: bool) -> float:
        message = MQTTMessage(topic=station_heartbeat("home", "ward-2").encode())
        message.payload, message.retain = payload, retained
        link.on_message(message)
        return link.listening_until_s

    logging.disable()  # a line for each that cannot be read
    try:
        for number, payload in enumerate(payloads):
            assert hear(b"", retained=True) == float("-inf")  # the station has gone
            until_s = hear(payload, retained=number % 2 == 0)
            assert until_s == float("-inf") or math.isfinite(until_s)
            outcomes["taken" if math.isfinite(until_s) else "refused"] += 1
    finally:
        logging.disable(logging.NOTSET)
    told(outcomes)


def test_yaml_bombs_and_deep_nests_are_refused_at_once():
    bomb = "a: &a [x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)},*{chr(97 + n)}]\n"
        for n in range(20)
    )
    assert parse(bomb, file="x").problems
    assert parse("[" * 50_000, file="x").problems


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value[:2]] if isinstance(value, list) else value


def _validated(read: Callable[[Any], Any], data: Any, outcomes: Counter[str]) -> Any:
    try:
        found = read(data)
    except ValueError:  # pydantic's own
        outcomes["refused"] += 1
        return None
    outcomes["taken"] += 1
    return found


def _commands() -> list[tuple[str, dict[str, Any]]]:
    base: dict[str, Any] = {
        "schema_version": 1,
        "person": "nurse-7",
        "issued_at": WALL.isoformat(),
        "expires_at": (WALL + timedelta(seconds=30)).isoformat(),
    }
    made: list[tuple[str, dict[str, Any]]] = []
    for number, name in enumerate(COMMANDS):
        more: dict[str, Any] = {"id": str(UUID(int=number + 1))}
        if name == "pause":
            more["until"] = (WALL + timedelta(minutes=5)).isoformat()
        if name == "acknowledge":
            more["condition"] = None
        if name == "enrol_resident":
            more["consent"] = "signed by her guardian on 2026-11-02"
        if name == "reload":
            more["reason"] = "the camera was moved"
        sample = {**base, **more}
        COMMANDS[name].model_validate(sample)  # whole, before it is damaged
        made.append((name, sample))
    return made
