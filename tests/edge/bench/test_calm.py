"""Seconds of alarm where there should be none."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from edge.batch.media import video_frames
from edge.bench.calm import Watched, calm_row, watch_calm
from edge.bench.command import bench_app
from edge.config import ScoringConfig
from edge.score import Scorer
from edge.track import Landmarker
from pain.errors import SourceError
from pain.values import Face, Reason, Score, Unavailable


def video(path: Path, pictures: list[np.ndarray], *, fps: int = 5) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def still(tmp_path: Path, portrait: np.ndarray) -> Path:
    return video(tmp_path / "calm.mp4", [portrait] * 40)


def test_a_calm_face_gives_no_alarm_and_a_row_says_so(still: Path, landmarker_path: Path):
    out = still.parent / "calm.csv"
    said = CliRunner().invoke(bench_app, ["calm", str(still), "--out", str(out)])
    assert said.exit_code == 0, said.output
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert float(row["scored_share"]) > 0.9
    assert float(row["alarm_s_per_min"]) == 0.0
    assert row["alarms"] == "0"
    assert len(row["bundle_sha256"]) == 16


class Wincing(Scorer):
    """Says severe pain of every face."""

    def score(self, face: Face) -> Score:
        probabilities = np.zeros(7, np.float32)
        probabilities[6] = 1.0
        return replace(super().score(face), level=6.0, probabilities=probabilities)


def test_seconds_of_a_standing_alarm_are_counted(
    still: Path, landmarker: Landmarker, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("edge.bench.calm.Scorer", Wincing)
    (pained,) = watch_calm(still, [None], landmarker)
    row = calm_row(still, pained)
    assert pained.began == 2  # moderate and severe
    assert 2.0 < pained.alarm_s < 7.8
    above = row["above_severe_s_per_min"]
    assert isinstance(above, float)
    assert above > 30.0


def test_what_is_not_seen_is_not_calm_but_unknown(still: Path):
    blind = Watched(name="x", scorer=Scorer(bundle_dir=None, scoring=ScoringConfig()))
    for frame in video_frames(still):
        blind.see(frame, Unavailable(reason=Reason.NO_FACE), 0.2)
    row = calm_row(still, blind)
    assert row["scored_share"] == 0.0
    assert row["level_mean"] is None
    assert row["smoothed_max"] is None


def test_a_file_that_is_no_video_is_told(tmp_path: Path, landmarker: Landmarker):
    path = tmp_path / "x.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(SourceError, match=r"x\.mp4 cannot be read"):
        watch_calm(path, [None], landmarker)
