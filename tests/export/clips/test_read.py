"""A clip is read as the daemon would see it, and no picture of it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.clips import read
from export.clips.read import read_clips
from pain.errors import DataError, SourceError
from tests.export.conftest import write_video


def test_faces_and_times_come_as_the_graphs_take_them(
    short_clip: Path, landmarker_path: Path
) -> None:
    beside = sorted(short_clip.parent.iterdir())
    told: list[str] = []
    (clip,) = read_clips([short_clip], ("face", "landmarks", "blendshapes"), on_done=told.append)
    assert np.diff(clip.at_s) == pytest.approx(0.1)
    assert len(clip.reasons) == len(clip.at_s) == 10
    assert clip.faces >= 7
    shapes = {name: values.shape for name, values in clip.inputs.items()}
    assert shapes == {
        "face": (clip.faces, 256, 256, 3),
        "landmarks": (clip.faces, 478, 3),
        "blendshapes": (clip.faces, 52),
    }
    assert clip.inputs["face"].dtype == np.uint8
    assert told[-1] == "short.mp4: 10 pictures"
    assert sorted(short_clip.parent.iterdir()) == beside


def test_a_clip_that_is_too_long_is_told_before_memory_is_full(
    short_clip: Path, landmarker_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MOST_FACES", 3)
    with pytest.raises(DataError, match="cut out the part that matters"):
        read_clips([short_clip], ("blendshapes",))


def test_a_clip_without_a_face_is_told(tmp_path: Path, landmarker_path: Path) -> None:
    path = tmp_path / "wall.mp4"
    write_video(path, [np.full((128, 160, 3), 90, np.uint8)] * 2)
    with pytest.raises(DataError, match="another clip with --clip"):
        read_clips([path], ("blendshapes",))


def test_a_file_that_is_no_video_is_told(tmp_path: Path, landmarker_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(SourceError, match="cannot be read"):
        read_clips([path], ("blendshapes",))
