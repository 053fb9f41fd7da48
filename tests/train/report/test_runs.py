from __future__ import annotations

import json
from pathlib import Path

import pytest

from pain.errors import DataError
from tests.train.report.folders import predictions, write_run
from train.metrics import DataOrigin, Split
from train.objectives.task import Task
from train.report.runs import read_run, read_runs


def test_a_run_says_what_it_is(tmp_path: Path):
    found = predictions(Task.ORDINAL, run="mine", split=Split.IMAGE, origin=DataOrigin.BOTH)
    run = read_run(write_run(tmp_path / "r", found, backbone="dinov2_s14", plumbing_only=True))
    assert "DINOv2-S/14 (random weights)" in run.caption
    assert "Split by image, 5 folds" in run.caption
    assert "synthetic and real: 240 faces of 30 people (drawn-faces)" in run.caption
    assert "PLUMBING ONLY" in run.caption
    assert "FLATTERS" in run.caption
    assert {epoch.fold for epoch in run.history} == set(range(5))


def test_a_plain_run_carries_no_warning(tmp_path: Path):
    run = read_run(write_run(tmp_path / "r", predictions(Task.BINARY), history=False))
    assert run.warnings == ()
    assert run.history == ()
    assert "weights" not in run.caption  # landmarks have none


def test_runs_stand_in_the_theses_order_under_names_of_their_own(tmp_path: Path):
    same = predictions(Task.ORDINAL, run="a/b")
    runs = read_runs(
        [
            write_run(tmp_path / "1", same, backbone="facenet"),
            write_run(tmp_path / "2", same),
            tmp_path / "2",
        ]
    )
    assert [run.backbone.value for run in runs] == ["landmarks", "facenet"]
    assert len({run.slug for run in runs}) == 2
    assert all("/" not in run.slug for run in runs)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "run.json").unlink(), "is no run"),
        (lambda folder: (folder / "run.json").write_text("{"), "is damaged"),
        (lambda folder: (folder / "run.json").write_text("{}"), "not of this version"),
        (
            lambda folder: (folder / "run.json").write_text(json.dumps({"finished": False})),
            "not finished",
        ),
        (lambda folder: (folder / "history.csv").write_text("fold\nx\n"), "history.csv is damaged"),
        (lambda folder: (folder / "predictions.parquet").unlink(), "predictions.parquet"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(tmp_path: Path, damage: object, message: str):
    folder = write_run(tmp_path / "r", predictions(Task.ORDINAL))
    damage(folder)
    with pytest.raises(DataError, match=message):
        read_run(folder)
