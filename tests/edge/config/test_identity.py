"""Recognising the resident is off until somebody switches it on and brings a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config.load import load_config
from pain.errors import ConfigError

ROOM = """\
site: rosenhof
mqtt:
  host: localhost
rooms:
  - id: room-1
    camera:
      uri: rtsp://camera/stream
"""


def read(folder: Path, *lines: str):
    path = folder / "room.yaml"
    written = [f"      {line}\n" for line in lines]
    path.write_text(ROOM + "".join(["    identity:\n", *written] if written else []))
    return load_config(path).rooms[0].identity


def test_it_is_off_without_a_word(tmp_path):
    assert not read(tmp_path).enabled


def test_a_bundle_is_looked_for_beside_the_file(tmp_path):
    (tmp_path / "emb").mkdir()
    assert read(tmp_path, "enabled: true", "bundle: emb").bundle == tmp_path / "emb"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["enabled: true"], "no face embedding is installed.*painwatch export embedding"),
        (["enabled: true", "bundle: emb"], r"rooms\[0\]\.identity\.bundle: no such folder"),
        (["threshold: 2"], r"rooms\[0\]\.identity\.threshold = 2"),
        (["grace_s: 1"], "grace_s is shorter than check_every_s"),
        (["enrol_samples: 40"], "do not fit into 60 s"),
        (["consent: yes"], r"rooms\[0\]\.identity\.consent"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path, lines, told):
    with pytest.raises(ConfigError, match=told) as caught:
        read(tmp_path, *lines)
    assert caught.value.line is not None
    assert caught.value.exit_code == 2
