"""The yardstick as it is run: real MediaPipe, real bundles; the demo's synthetic person stands in
for the real faces, which may not lie in a repository."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from edge.bench.command import bench_app
from edge.bench.faces.clip import clip_rows
from edge.bench.faces.run import bundle_folders
from edge.score import builtin_bundle_dir
from edge.track import Landmarker
from pain.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path, portrait: np.ndarray) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    # Half as large, for fewer search tiles.
    cv2.imwrite(str(pictures / "a.png"), portrait[::2, ::2, ::-1])
    cv2.imwrite(str(pictures / "wall.png"), np.full((200, 200, 3), 90, np.uint8))
    (pictures / "broken.jpg").write_bytes(b"no picture")
    (pictures / "labels.csv").write_text(
        "file,pain_like,age\na.png,no,80\nwall.png,no,\ngone.png,no,\n", encoding="utf-8"
    )
    return pictures


def test_pictures_are_read_and_what_cannot_be_used_is_told(folder: Path, landmarker_path: Path):
    out = folder.parent / "rows.csv"
    said = CliRunner().invoke(
        bench_app,
        [
            *("faces", str(folder), "--labels", str(folder / "labels.csv")),
            *("--bundle", "landmarks-v1", "--out", str(out)),
        ],
    )
    assert said.exit_code == 2, said.output
    assert "gone.png names no picture" in said.output
    assert "broken.jpg: cannot be read as a picture" in said.output
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    whole = {row["reader"]: row for row in rows if row["by"] == "all"}
    assert list(whole) == [
        "landmarks-v1",
        builtin_bundle_dir().name,
        "textbook PSPI of blendshapes",
    ]
    for row in whole.values():
        assert (row["faces"], row["found"], row["refused"]) == ("2", "1", "no_face 1")
        assert row["commit"]
    assert float(whole["landmarks-v1"]["level"]) < 3
    assert out.with_suffix(".png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "one of the two"),
        (["x.png", "--features", "x.npz"], "one of the two"),
        (["absent"], "absent: does not exist"),
    ],
)
def test_nothing_to_measure_is_a_mistake_of_use(arguments: list[str], words: str):
    said = CliRunner().invoke(bench_app, ["faces", *arguments])
    assert isinstance(said.exception, UsageError)
    assert words in str(said.exception)


def test_an_unknown_bundle_is_told_with_the_known_ones():
    with pytest.raises(UsageError, match=r"no built-in bundle of that name \(.*landmarks-v1"):
        bundle_folders(["landmarks-v9"])


def test_a_bundle_that_was_removed_is_told_with_those_that_there_are():
    with pytest.raises(UsageError, match=r"--bundle landmarks-v0: .*removed; .*'landmarks-v1'"):
        bundle_folders(["landmarks-v0"])


def test_a_clip_is_shown_second_by_second(clip: Path, tmp_path: Path, landmarker: Landmarker):
    short = tmp_path / "short.mp4"
    with av.open(str(clip)) as source, av.open(str(short), "w") as sink:
        stream = sink.add_stream("libx264", rate=5)
        for number, picture in zip(range(50), source.decode(video=0), strict=False):
            if number == 0:
                stream.width, stream.height = picture.width, picture.height
            if number % 5 == 0:
                sink.mux(
                    stream.encode(av.VideoFrame.from_ndarray(picture.to_ndarray(format="rgb24")))
                )
        sink.mux(stream.encode())
    rows = clip_rows(short, [builtin_bundle_dir("landmarks-v1")], landmarker)
    own = [row for row in rows if row["reader"] == "landmarks-v1"]
    assert [row["second"] for row in own] == [0, 1]
    assert [row["frames"] for row in own] == [5, 5]
    assert all(row["found"] and row["alarm_share"] == 0.0 for row in own)
    assert [row["second"] for row in rows if row["sha256"] == ""] == [0, 1]
