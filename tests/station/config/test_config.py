"""The station's settings file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from pain.errors import ConfigError
from pain.settings.sections import walk
from station.config import StationConfig
from station.config.load import load_config
from station.config.reference import render

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "configs" / "station.yaml"
PAGE = ROOT / "docs" / "station-configuration.md"
SMALLEST = "site: elm-court\nstation: ward-2\nmqtt: {host: localhost}\n"


def load(folder: Path, text: str) -> StationConfig:
    file = folder / "station.yaml"
    file.write_text(text)
    return load_config(file)


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == render(), "run: make docs"


def test_the_module_prints_the_page():
    command = [sys.executable, "-m", "station.config.reference"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == render()


def test_every_field_has_a_sentence():
    for place in walk(StationConfig):
        for name, field in place.model.model_fields.items():
            description = field.description or ""
            assert description.endswith("."), f"{place.path}.{name}: {description!r}"
            assert description[:1].isupper(), f"{place.path}.{name}: {description!r}"


def test_the_example_is_valid(tmp_path):
    shutil.copy(EXAMPLE, tmp_path)
    for name in ("certs/ca.crt", "secrets/mqtt-password"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("stands for the site's own file")
    config = load_config(tmp_path / EXAMPLE.name)
    assert [room.id for room in config.rooms] == ["room-12", "room-14", "room-15"]
    assert config.mqtt.tls.ca_file == tmp_path / "certs" / "ca.crt"


def test_a_room_may_be_stopped_until_a_time_with_a_zone(tmp_path):
    room = "rooms: [{{id: room-12, stopped_until: {}}}]\n"
    config = load(tmp_path, SMALLEST + room.format("2026-12-24T08:00:00+01:00"))
    assert config.rooms[0].stopped_until == datetime(2026, 12, 24, 7, tzinfo=UTC)
    with pytest.raises(ConfigError, match="stopped_until"):
        load(tmp_path, SMALLEST + room.format("2026-12-24T08:00:00"))


def test_the_example_shows_the_defaults_as_they_are():
    shown = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    defaults = StationConfig.model_validate({"site": "a", "station": "b", "mqtt": {"host": "c"}})
    for section in ("board", "storage"):
        default = getattr(defaults, section).model_dump()
        assert shown[section] == {name: default[name] for name in shown[section]}


def test_the_smallest_file_stays_on_this_computer(tmp_path):
    config = load(tmp_path, SMALLEST)
    assert config.web.loopback
    assert not config.mqtt.plaintext


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("wibble: 1", r"station\.yaml:4: wibble: unknown key"),
        ("rooms: [{id: Room 12}]", r"rooms\[0\]\.id"),
        ("rooms: [{id: station}]", "its topics are the stations'"),
        ("rooms: [{id: a}, {id: a}]", "two rooms have the id 'a'"),
        ("board: {moderate_from: 5, severe_from: 4}", "severe_from must be above"),
        ("board: {language: es}", r"board\.language"),
        ("board: {silent_after_s: 0}", r"board\.silent_after_s"),
        ("web: {host: 0.0.0.0}", "give cert_file and key_file"),
        ("web: {cert_file: a.crt}", "belong together"),
        ("web: {cert_file: a.crt, key_file: a.key}", "no such file"),
        ("web: {cert_file: ~nobody-/a.crt, key_file: a.key}", "no home folder is known"),
        ("storage: {folder: a, url: 'sqlite://'}", "folder or url"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path, more, words):
    with pytest.raises(ConfigError, match=words):
        load(tmp_path, SMALLEST + more)


def test_the_databases_password_is_never_shown(tmp_path):
    text = SMALLEST + "storage: {folder: x, url: 'postgresql://u:hunter22@db/painwatch'}"
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert "hunter22" not in str(caught.value)
    config = load(tmp_path, text.replace("folder: x, ", ""))
    assert "hunter22" not in repr(config)
