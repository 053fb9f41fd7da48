from __future__ import annotations

from pathlib import Path

from edge.config import CameraConfig, RoomConfig
from edge.doctor.finding import Verdict
from edge.doctor.naming import camera_name, zone


def room(uri: str) -> RoomConfig:
    return RoomConfig(id="room-12", camera=CameraConfig(uri=uri))


def test_a_camera_by_its_number_is_a_warning_that_names_the_lasting_link(tmp_path: Path) -> None:
    link = tmp_path / "usb-046d_C920_1A2B-video-index0"
    link.symlink_to("/dev/video7")
    (finding,) = camera_name(room("v4l2:///dev/video7"), [tmp_path])
    assert finding.verdict is Verdict.WARN
    assert finding.check == "camera name of room-12"
    assert finding.remedy == f"write uri: v4l2://{link}"


def test_nothing_is_said_where_no_link_is_there_or_one_is_used(tmp_path: Path) -> None:
    assert camera_name(room("v4l2:///dev/video7"), [tmp_path]) == []
    assert camera_name(room("v4l2:///dev/v4l/by-id/usb-x"), [tmp_path]) == []
    assert camera_name(room("rtsp://camera/stream"), [tmp_path]) == []


def test_a_room_without_a_zone_is_a_warning_and_one_with_a_zone_is_none() -> None:
    without = room("rtsp://camera/stream")
    (finding,) = zone(without)
    assert finding.verdict is Verdict.WARN
    assert "a portrait or a television too" in finding.found
    assert "docs/placing.md" in finding.remedy
    corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
    assert zone(without.model_copy(update={"zone": corners})) == []
