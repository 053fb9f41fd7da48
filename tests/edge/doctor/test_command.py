from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from edge.doctor import examine
from edge.doctor.command import doctor
from edge.doctor.finding import Finding, fail, ok


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command()(doctor)
    return made


def looking_at(*findings: Finding) -> object:
    steps = [examine.Step(about=f.check, look=lambda f=f: [f]) for f in findings]
    return lambda _config: iter(steps)


@pytest.mark.parametrize(
    ("findings", "code"), [([ok("a", "fine")], 0), ([ok("a", "fine"), fail("b", "bad", "do")], 2)]
)
def test_exit_code_and_json(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, findings: list[Finding], code: int
) -> None:
    monkeypatch.setattr(examine, "examine", looking_at(*findings))
    result = CliRunner().invoke(app, ["--json"])
    assert result.exit_code == code
    assert [f["check"] for f in json.loads(result.stdout)["findings"]] == [
        f.check for f in findings
    ]


def test_without_a_config_neither_camera_nor_broker_is_looked_at() -> None:
    about = [step.about for step in examine.examine(None)]
    assert about == [
        "system libraries",
        "versions",
        "worker sandbox",
        "face landmarker",
        "pain model",
        "clock",
    ]


def test_with_a_config_every_camera_and_the_broker_are_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "box.yaml"
    file.write_text(
        "site: elm-court\nmqtt: {host: 127.0.0.1}\nrooms:\n"
        "  - {id: room-12, camera: {uri: 'v4l2:///dev/video0'}}\n"
        "  - {id: room-13, camera: {uri: 'rtsp://camera/stream'}}\n",
        encoding="utf-8",
    )
    steps = list(examine.examine(file))
    assert steps[0].look()[0].found.endswith("site elm-court, rooms room-12, room-13")
    assert [step.about for step in steps[-3:]] == [
        "camera of room-12",
        "camera of room-13",
        "broker",
    ]


def test_a_broken_config_is_told_and_the_machine_is_checked_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "box.yaml"
    file.write_text("site: [", encoding="utf-8")
    steps = list(examine.examine(file))
    (finding,) = steps[0].look()
    assert finding.verdict == "fail"
    assert str(file) in finding.found
    assert len(steps) == 7
