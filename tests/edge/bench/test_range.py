from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from edge.bench.command import bench_app
from edge.bench.following import follow_row
from edge.bench.range import range_bench, range_rows, time_to_find
from edge.bench.range_plot import plot_range
from edge.bench.scenes import cutout, room
from edge.track import Landmarker
from edge.track.tiles import Place
from pain.errors import SourceError


def test_the_tracker_finds_what_bare_mediapipe_does_not(
    portrait: np.ndarray, landmarker: Landmarker
) -> None:
    face = cutout(portrait, landmarker, name="resident")
    rows = list(
        range_rows([face], landmarker, sizes_px=[(1920, 1080)], heights_px=[80], positions=3)
    )
    (row,) = rows
    assert row["face"] == "resident"
    assert row["size"] == "1920x1080"
    assert row["found_share"] == 1.0
    assert row["scorable_share"] == 1.0
    assert row["raw_share"] == 0.0
    assert 0 < row["median_s"] <= row["p95_s"]


def test_a_face_that_is_not_there_is_not_found(landmarker: Landmarker) -> None:
    picture = room(width=320, height=240, rng=np.random.default_rng(3))
    find = time_to_find(picture, Place(x=160, y=120, height_px=60), landmarker)
    assert (find.found_s, find.scorable, find.raw) == (None, False, False)


def test_a_moving_clip_is_kept(clip: Path, landmarker: Landmarker) -> None:
    row = follow_row(clip, landmarker, size_px=(640, 360), height_px=64, speed=1.0, most_frames=100)
    assert row["frames_after"] >= 98
    assert row["kept_share"] >= 0.99


def test_the_picture_is_drawn_also_where_nothing_was_found(tmp_path: Path) -> None:
    row = {
        "face": "resident",
        "size": "1280x720",
        "height_px": 40,
        "found_share": 0.0,
        "raw_share": 0.0,
        "median_s": None,
        "p95_s": None,
    }
    plot_range([row, {**row, "height_px": 48, "median_s": 0.2}], tmp_path / "range.png")
    assert cv2.imread(str(tmp_path / "range.png")) is not None


def test_the_command_writes_rows_that_say_where_they_come_from(
    tmp_path: Path, portrait: np.ndarray, landmarker_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "face.png"), portrait[..., ::-1])
    options = [
        "range",
        "--positions",
        "1",
        "--height-px",
        "240",
        "--out",
        str(tmp_path / "results"),
    ]
    done = CliRunner().invoke(bench_app, [*options, str(tmp_path / "face.png")])
    assert done.exit_code == 0, done.output
    with (tmp_path / "results" / "range.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["size"] for row in rows] == ["1280x720", "1920x1080"]
    for row in rows:
        assert row["face"] == "face"
        assert row["commit"]
        assert row["device"]
        assert float(row["found_share"]) == 1.0
    assert (tmp_path / "results" / "range.png").exists()


def test_the_command_refuses_a_folder_without_pictures(
    tmp_path: Path, landmarker_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"No \.png or \.jpg"):
        range_bench([tmp_path], positions=1, out=tmp_path)
