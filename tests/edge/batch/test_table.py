from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from rich.console import Console

import edge.batch.table
from edge.batch.scored import ScoredFace
from edge.batch.table import MOST_ROWS, check_out, shown_table, write_table
from pain.action_units import ActionUnit
from pain.errors import UsageError
from pain.values import Box, Face, HeadPose, Reason, Score, Unavailable


def scored(level: float | None, *, at_s: float | None = None, file: str = "a.png") -> ScoredFace:
    face = Face(
        box=Box(x=10, y=20, width=100, height=120),
        landmarks=np.zeros((478, 3), np.float32),
        blendshapes=np.zeros(52, np.float32),
        pose=HeadPose(yaw_deg=5, pitch_deg=-3, roll_deg=0),
        height_px=110,
        sharpness=0.5,
        brightness=100,
    )
    outcome = (
        Unavailable(reason=Reason.TOO_DARK)
        if level is None
        else Score(
            level=level,
            probabilities=(1.0, 0, 0, 0, 0, 0, 0),
            pspi=7.5,
            action_units={ActionUnit.AU4: 3.5},
            confidence=0.9,
        )
    )
    return ScoredFace(
        file=file, at_s=at_s, number=1, outcome=outcome, face=None if level is None else face
    )


def text(*faces: ScoredFace) -> str:
    console = Console(width=200, record=True)
    console.print(shown_table(faces, model="m"))
    return console.export_text()


def test_csv_leaves_empty_what_is_not_known(tmp_path: Path):
    write_table(tmp_path / "new" / "x.csv", [scored(4.25), scored(None)])
    known, dark = csv.DictReader((tmp_path / "new" / "x.csv").read_text().splitlines())
    assert (known["level"], known["AU4"], known["AU6"], known["reason"]) == ("4.25", "3.5", "", "")
    assert (dark["level"], dark["yaw_deg"], dark["reason"]) == ("", "", "too_dark")


def test_parquet_has_numbers_as_numbers(tmp_path: Path):
    write_table(tmp_path / "x.parquet", [scored(4.25), scored(None)])
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.column("level").to_pylist() == [4.25, None]
    assert table.column("reason").to_pylist() == [None, "too_dark"]


def test_another_ending_or_no_pyarrow_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UsageError, match=r"end it in \.csv or \.parquet"):
        check_out(Path("x.xlsx"))
    monkeypatch.setattr(edge.batch.table, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match="pip install pyarrow"):
        check_out(Path("x.parquet"))
    check_out(Path("x.csv"))


def test_the_terminal_names_strong_units_and_reasons():
    shown = text(scored(4.25), scored(None))
    assert "4.25" in shown
    assert "brow lowered 3.5" in shown
    assert "none: too_dark" in shown


def test_a_video_is_shown_by_the_second():
    frames = [scored(1.0, at_s=0.1), scored(3.0, at_s=0.6), scored(None, at_s=1.2)]
    shown = text(*frames)
    assert "2.00" in shown
    assert "mean of 2 of 2 frames" in shown
    assert "none: too_dark" in shown


def test_a_long_table_says_what_it_leaves_out():
    assert "5 more lines" in text(*(scored(1.0, file=f"{n}.png") for n in range(MOST_ROWS + 5)))
