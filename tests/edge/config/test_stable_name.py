from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import CameraConfig
from edge.config.source_uri import parse_uri
from edge.config.stable_name import better_uri, cameras_now, is_numbered, stable_name

MODEL = "usb-046d_C920_1A2B-video-index0"
PORT = "pci-0000:00:14.0-usb-0:1:1.0-video-index0"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "by-id", tmp_path / "by-path"
    for folder in made:
        folder.mkdir()
    return made


def link(folder: Path, name: str, device: Path) -> Path:
    device.touch()
    (folder / name).symlink_to(device)
    return folder / name


@pytest.mark.parametrize(
    ("device", "numbered"),
    [
        ("/dev/video0", True),
        ("/dev/video12", True),
        ("/dev/v4l/by-id/usb-046d_C920-video-index0", False),
        ("/dev/video0/x", False),
        ("/dev/nursery", False),
    ],
)
def test_which_names_change(*, device: str, numbered: bool) -> None:
    assert is_numbered(device) is numbered


def test_the_name_by_model_comes_before_the_name_by_port(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    device = tmp_path / "video2"
    by_port = link(folders[1], PORT, device)
    assert stable_name(device, folders) == by_port
    by_model = link(folders[0], MODEL, device)
    link(folders[0], "usb-another-video-index0", tmp_path / "video0")
    assert stable_name(device, folders) == by_model


def test_a_camera_without_links_has_no_better_name(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    link(folders[0], MODEL, tmp_path / "video0")
    assert stable_name(tmp_path / "video2", folders) is None
    assert stable_name(tmp_path / "video2", (tmp_path / "no-folder",)) is None


def test_a_numbered_camera_is_told_its_lasting_address(folders: tuple[Path, Path]) -> None:
    (folders[1] / PORT).symlink_to("/dev/video7")
    assert better_uri(CameraConfig(uri="v4l2:///dev/video8"), folders) is None
    better = better_uri(CameraConfig(uri="v4l2:///dev/video7"), folders)
    assert better is not None
    assert better == f"v4l2://{folders[1]}/{PORT}"
    assert parse_uri(better).location == str(folders[1] / PORT)


def test_a_name_with_a_strange_character_is_read_back(folders: tuple[Path, Path]) -> None:
    name = "usb-50%_off cam-video-index0"
    (folders[0] / name).symlink_to("/dev/video7")
    better = better_uri(CameraConfig(uri="v4l2:///dev/video7"), folders)
    assert better is not None
    assert parse_uri(better).location == str(folders[0] / name)


@pytest.mark.parametrize(
    "uri", ["rtsp://camera/dev/video0", "/dev/video0", "v4l2:///dev/v4l/by-id/x"]
)
def test_other_addresses_are_left_alone(folders: tuple[Path, Path], uri: str) -> None:
    assert better_uri(CameraConfig(uri=uri), folders) is None


def test_each_camera_that_is_plugged_in_is_named_once(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    first, second = tmp_path / "video0", tmp_path / "video2"
    by_model = link(folders[0], MODEL, first)
    link(folders[0], "usb-046d_C920_1A2B-video-index1", tmp_path / "video1")
    link(folders[1], PORT, first)
    by_port = link(folders[1], "platform-csi-video-index0", second)
    (folders[0] / "usb-unplugged-video-index0").symlink_to(tmp_path / "gone")
    assert cameras_now(folders) == (by_model, by_port)
