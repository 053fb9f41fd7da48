"""What can be known of a V4L2 camera without one: the errors."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from edge.capture import camera, open_source
from edge.config import CameraConfig
from pain.errors import SourceError
from tests.edge.capture.clocks import HandClock

NOBODY = 65534


def refusal(device: str | Path) -> str:
    settings = CameraConfig(uri=f"v4l2://{device}", width_px=640, height_px=480)
    with pytest.raises(SourceError) as caught:
        open_source(settings, fast=False, clock=HandClock())
    return str(caught.value)


def test_an_absent_camera() -> None:
    assert "there is no camera at /dev/video99; is it plugged in?" in refusal("/dev/video99")


def test_a_file_is_no_camera(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert "is no device; a camera is /dev/video0" in refusal(tmp_path / "video0")


def test_a_device_that_is_no_camera() -> None:
    said = refusal("/dev/null")
    assert said.startswith("/dev/null cannot be opened: ")


def test_a_link_is_followed_anew_at_each_opening(tmp_path: Path) -> None:
    link, device = tmp_path / "usb-camera-video-index0", tmp_path / "video0"
    assert f"there is no camera at {link}" in refusal(link)
    device.touch()
    link.symlink_to(device)
    assert "is no device" in refusal(link)
    link.unlink()
    link.symlink_to("/dev/null")
    # FFmpeg has opened what the link points at now: a device, but not a camera.
    assert refusal(link).startswith(f"{link} cannot be opened: ")


def test_what_is_plugged_in_is_named_where_a_numbered_camera_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, link = tmp_path / "video1", tmp_path / "usb-046d_C920-video-index0"
    device.touch()
    link.symlink_to(device)
    monkeypatch.setattr(camera, "cameras_now", lambda: (link,))
    said = refusal("/dev/video99")
    assert "may have another number" in said
    assert f"v4l2://{link} (now {device})" in said
    assert f"plugged in: {link}" in refusal(tmp_path / "usb-other-video-index0")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_a_camera_without_permission(tmp_path: Path) -> None:
    device = tmp_path / "video0"
    os.mknod(device, 0o600 | 0o020000, os.makedev(1, 3))
    # Every process of a parallel run has one folder more above its own.
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        said = refusal(device)
    finally:
        os.seteuid(0)
    assert "no permission to use the camera" in said
    assert "group 'video'" in said
