"""Scoring files, on the command line and from Python, with the real tracker and model."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

import painwatch
from edge.score import builtin_bundle_dir
from pain.values import Reason
from painwatch.cli import app


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    with av.open(str(files("edge.demo") / "resident.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    return np.ascontiguousarray(picture[::2, ::2])  # fewer search tiles


@pytest.fixture
def folder(tmp_path: Path, portrait: np.ndarray, landmarker_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "a.png"), portrait[:, :, ::-1])
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((200, 200, 3), 90, np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.height, stream.width = portrait.shape[:2]
        for _ in range(6):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(portrait, format="rgb24")))
        container.mux(stream.encode())
    return tmp_path


def test_the_command_scores_what_it_can_and_says_what_it_cannot(folder: Path):
    out, drawn = folder.parent / "out.csv", folder.parent / "drawn"
    said = CliRunner().invoke(
        app,
        ["score", str(folder), "--out", str(out), "--every-s", "0.4", "--annotate", str(drawn)],
    )
    assert said.exit_code == 2, said.output
    # A terminal breaks sentences where its width and the folder's name want it.
    told = " ".join(said.output.split())
    assert "broken.jpg: cannot be read as a picture" in told
    assert "wall.png: no face that may be scored (no_face)" in told
    assert "show people's faces" in told
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    by = {row["file"]: row for row in rows}
    assert float(by["a.png"]["level"]) < 3
    assert (by["wall.png"]["level"], by["wall.png"]["reason"]) == ("", "no_face")
    times = [float(row["at_s"]) for row in rows if row["file"] == "clip.mp4"]
    assert times == pytest.approx([0.0, 0.4, 0.8])
    assert cv2.imread(str(drawn / "a.png.png")) is not None


def test_python_scores_an_array_as_the_command_does_a_file(folder: Path, portrait: np.ndarray):
    bundle = builtin_bundle_dir("landmarks-v1")
    (of_array,) = painwatch.score(portrait, bundle=bundle)
    (of_file,) = painwatch.score(folder / "a.png", bundle=str(bundle))
    assert of_array.level == of_file.level
    assert of_array.row()["file"] == "picture 0"
    assert of_array.face is not None


def test_python_is_warned_of_what_cannot_be_used(folder: Path):
    with pytest.warns(UserWarning, match=r"wall\.png: no face that may be scored"):
        (wall,) = painwatch.score([folder / "wall.png"])
    assert (wall.level, wall.reason) == (None, Reason.NO_FACE)


def test_help_needs_no_heavy_library():
    assert "Nothing leaves this machine" in CliRunner().invoke(app, ["score", "--help"]).output
