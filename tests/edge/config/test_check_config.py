from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.config import CameraConfig, stable_name

WITHOUT_ZONE = (
    "site: home\nmqtt: {host: h}\nrooms:\n- id: room-1\n  camera: {uri: 'v4l2:///dev/video0'}\n"
)
BOX = f"{WITHOUT_ZONE}  zone: [[0, 0], [1, 0], [1, 1]]\n"


@pytest.mark.parametrize("better", ["v4l2:///dev/v4l/by-id/usb-C920-video-index0", None])
def test_a_camera_by_its_number_is_valid_and_the_better_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, better: str | None
) -> None:
    def find(camera: CameraConfig) -> str | None:
        assert camera.uri == "v4l2:///dev/video0"
        return better

    monkeypatch.setattr(stable_name, "better_uri", find)
    file = tmp_path / "box.yaml"
    file.write_text(BOX, encoding="utf-8")
    result = CliRunner().invoke(app, ["check-config", "-c", str(file)])
    assert result.exit_code == 0
    assert "valid" in result.stdout
    assert bool(result.stderr) is (better is not None)
    assert better is None or better in result.stderr


def test_a_room_without_a_zone_is_valid_and_told_of(tmp_path: Path) -> None:
    file = tmp_path / "box.yaml"
    file.write_text(WITHOUT_ZONE, encoding="utf-8")
    result = CliRunner().invoke(app, ["check-config", "-c", str(file)])
    assert result.exit_code == 0
    assert "room-1: no zone is set" in result.stderr
    assert "docs/placing.md" in result.stderr
