from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.batch.media import find_media, read_picture
from pain.errors import SourceError


def test_folders_are_gone_through_and_each_file_counts_once(tmp_path: Path):
    (tmp_path / "ward").mkdir()
    for name in ("b.PNG", "a.jpg", "ward/c.mp4", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    media, problems = find_media([tmp_path, tmp_path / "a.jpg"])
    assert sorted(one.name for one in media) == ["a.jpg", "b.PNG", "ward/c.mp4"]
    assert [one.name for one in media if one.is_video] == ["ward/c.mp4"]
    assert problems == []


def test_what_is_neither_picture_nor_video_is_told(tmp_path: Path):
    (tmp_path / "notes.txt").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    paths = [tmp_path / "gone.jpg", tmp_path / "notes.txt", tmp_path / "empty"]
    media, problems = find_media(paths)
    assert media == []
    gone, notes, empty = map(str, problems)
    assert gone.endswith("gone.jpg: does not exist")
    assert "neither a picture nor a video by its ending" in notes
    assert "holds no picture and no video" in empty


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_damaged_picture_is_told(tmp_path: Path, content: bytes):
    path = tmp_path / "x.jpg"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="damaged or of another kind"):
        read_picture(path)


def test_pictures_are_rgb_and_no_larger_than_a_camera_s(tmp_path: Path):
    red = np.zeros((30, 4000, 3), np.uint8)
    red[..., 2] = 255  # OpenCV's order is blue, green, red
    cv2.imwrite(str(tmp_path / "red.png"), red)
    seen = read_picture(tmp_path / "red.png")
    assert seen.shape == (14, 1920, 3)
    assert seen[5, 5].tolist() == [255, 0, 0]
