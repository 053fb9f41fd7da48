"""The command line as a person meets it: real processes, their words and exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.brokers import free_port

GOOD = """\
site: home
mqtt:
  host: 127.0.0.1
  port: {port}
  plaintext: true
  connect_timeout_s: 1
rooms:
  - id: room-1
    camera:
      uri: {clip}
"""


def painwatch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "painwatch", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"not looked at before the broker")
    return path


@pytest.fixture
def good(tmp_path: Path, clip: Path) -> Path:
    path = tmp_path / "room.yaml"
    path.write_text(GOOD.format(port=free_port(), clip=clip))
    return path


def test_a_good_config_is_said_to_be_good(good: Path):
    said = painwatch("edge", "check-config", "-c", str(good))
    assert said.returncode == 0
    assert "valid" in said.stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("plaintext:", "plaintxt:", ["room.yaml:5", "mqtt.plaintxt", "plaintext"]),
        ("connect_timeout_s: 1", "connect_timeout_s: soon", ["room.yaml:6", "'soon'"]),
        ("clip.mp4", "absent.mp4", ["room.yaml:10", "absent.mp4"]),
        ("site: home", "site: Our Home", ["room.yaml:1", "Our Home"]),
        ("site: home", "site: [", ["room.yaml"]),
    ],
)
def test_a_bad_config_names_file_line_key_and_remedy_and_exits_2(
    good: Path, old: str, new: str, words: list[str]
):
    good.write_text(good.read_text().replace(old, new, 1))
    for command in (["check-config"], ["run"]):
        said = painwatch("edge", *command, "-c", str(good))
        assert said.returncode == 2
        assert "Traceback" not in said.stderr
        text = " ".join(said.stderr.split())
        assert all(word in text for word in words), text


def test_an_absent_broker_exits_2_and_names_host_and_port(good: Path, landmarker_path: Path):
    port = next(line for line in good.read_text().splitlines() if "port:" in line).split()[-1]
    said = painwatch("edge", "run", "-c", str(good))
    assert said.returncode == 2
    assert f"127.0.0.1:{port}" in " ".join(said.stderr.split())
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("tracking:\n  landmarker: {bad}\n", ["SHA-256"]),
        ("scoring:\n  bundle: {folder}\n", ["bundle.json"]),
    ],
)
def test_a_model_that_is_not_the_trusted_one_exits_2_before_anything_runs(
    good: Path, tmp_path: Path, landmarker_path: Path, section: str, words: list[str]
):
    bad = tmp_path / "face_landmarker.task"
    bad.write_bytes(b"something else")
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "bundle.json").write_text("{}")
    good.write_text(good.read_text() + section.format(bad=bad, folder=folder))
    said = painwatch("edge", "run", "-c", str(good))
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert all(word in said.stderr for word in words), said.stderr


def test_help_is_quick_because_it_loads_no_heavy_library():
    script = (
        "import sys, painwatch.cli; "
        "heavy = {'cv2', 'mediapipe', 'onnxruntime', 'torch', 'textual', 'scipy', 'matplotlib'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("command", [[], ["edge"], ["models"], ["bench"], ["train"], ["export"]])
def test_every_group_explains_itself(command: list[str]):
    said = painwatch(*command, "--help")
    assert said.returncode == 0
    assert "Usage" in said.stdout


FOLDERS = ["--data", "data", "--cache", "cache", "--out", "out"]


@pytest.mark.parametrize(
    ("absent", "arguments"),
    [
        ("sqlalchemy", ["station", "run", "-c", "station.yaml"]),
        ("sqlalchemy", ["station", "demo"]),
        ("sqlalchemy", ["station", "users", "list", "-c", "station.yaml"]),
        ("sqlalchemy", ["demo", "--board"]),
        ("torch", ["train", "distil", "configs/distil/mobilenetv3s.yaml", *FOLDERS]),
    ],
)
def test_what_a_camera_box_does_not_install_is_named_with_the_remedy(absent, arguments):
    program = (
        f"import sys; sys.modules[{absent!r}] = None; "
        "from painwatch.cli import main; sys.argv = ['painwatch', *sys.argv[1:]]; main()"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 2
    assert absent in said.stderr
    assert "pip install 'painwatch[" in said.stderr
    assert "Traceback" not in said.stderr
