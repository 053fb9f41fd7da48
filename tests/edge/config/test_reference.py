"""The generated page and the example are current."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from edge.config import EdgeConfig
from edge.config.load import load_config
from edge.config.reference import render
from pain.settings.sections import section_at, walk

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "configs" / "room.yaml"


def test_the_page_is_current():
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == render(), "run: make docs"


def test_the_module_prints_the_page():
    command = [sys.executable, "-m", "edge.config.reference"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == render()


def test_the_page_names_every_key_with_its_description():
    page = render()
    for place in walk(EdgeConfig):
        for name, field in place.model.model_fields.items():
            assert f"| `{name}` |" in page
            assert field.description, f"{place.path}.{name} has no description"
            assert field.description.replace("<", "&lt;") in page


def test_every_field_has_a_sentence():
    for place in walk(EdgeConfig):
        for name, field in place.model.model_fields.items():
            description = field.description or ""
            assert description.endswith("."), f"{place.path}.{name}: {description!r}"
            assert description[:1].isupper(), f"{place.path}.{name}: {description!r}"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ((), "EdgeConfig"),
        (("mqtt",), "MqttConfig"),
        (("rooms", 0), "RoomConfig"),
        (("rooms", 3, "camera"), "CameraConfig"),
        (("alarms", "pain_severe"), "PainLimit"),
        (("mqtt", "host"), None),
        (("nowhere",), None),
        (("mqtt", "host", "deeper"), None),
    ],
)
def test_sections_are_found_by_path(path, found):
    model = section_at(EdgeConfig, path)
    assert (model.__name__ if model else None) == found


def test_the_example_is_valid(tmp_path):
    shutil.copy(EXAMPLE, tmp_path)
    for name in ("certs/ca.crt", "certs/box-3.crt", "certs/box-3.key", "secrets/mqtt-password"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("stands for the site's own file")
    config = load_config(tmp_path / EXAMPLE.name)
    assert [room.id for room in config.rooms] == ["room-14", "room-15"]
    assert not config.mqtt.plaintext
    assert config.mqtt.password is None


def test_the_example_shows_the_defaults_of_the_alarms_as_they_are():
    shown = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["alarms"]
    defaults = EdgeConfig.model_fields["alarms"].default.model_dump()
    assert shown == {name: defaults[name] for name in shown}
