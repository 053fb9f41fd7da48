"""The two commands that make a bundle, from a population to a daemon that runs it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from edge.config import ScoringConfig
from edge.score import Scorer
from export.cli import app as export_app
from pain.errors import AssetError
from pain.values import Reason
from tests.train.landmarks.synthetic import population
from train.cli import app as train_app
from train.landmarks.faces import FaceTable
from train.landmarks.tracked import Tracking
from train.residents.dataset import INDEX_NAME

runner = CliRunner()


def stand_in(faces: FaceTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up faces take the place of tracked ones, which test_tracked.py proves on pictures."""
    tracking = Tracking(faces=faces, shown=len(faces), missed=Counter({Reason.NO_FACE: 2}))
    monkeypatch.setattr("train.landmarks.training.track_dataset", lambda *_args, **_named: tracking)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / INDEX_NAME).write_bytes(b"an index")
    return folder


def test_from_faces_to_a_bundle_that_the_daemon_runs(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(population(), monkeypatch)
    checkpoint, bundle, rows = tmp_path / "checkpoint", tmp_path / "bundle", tmp_path / "r.csv"
    trained = runner.invoke(
        train_app,
        f"landmarks --data {data} --out {checkpoint} --results {rows} --components 20".split(),
    )
    assert trained.exit_code == 0, trained.output
    assert "no_face: 2 pictures" in trained.output
    table = list(csv.DictReader(rows.read_text(encoding="utf-8").splitlines()))
    assert {row["data"] for row in table} == {"synthetic residents, 5 folds by person"}
    assert {"level_mae", "auroc_pain_vs"} <= {row["metric"] for row in table}

    exported = runner.invoke(export_app, ["landmarks", str(checkpoint), "--out", str(bundle)])
    assert exported.exit_code == 0, exported.output
    assert "Parity on 240 tracked faces" in " ".join(exported.output.split())
    scorer = Scorer(bundle_dir=bundle, scoring=ScoringConfig())
    assert "30 people, 240 tracked faces" in scorer.bundle.training.data


def test_too_few_people_are_refused_with_what_to_do(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = population(people=6)
    stand_in(faces.take(np.isin(faces.person, ["p000", "p001"])), monkeypatch)
    result = runner.invoke(
        train_app, ["landmarks", "--data", str(data), "--out", str(tmp_path / "checkpoint")]
    )
    assert isinstance(result.exception, AssetError)
    assert "2 people are too few for 5 folds by person; make a larger set" in str(result.exception)
    assert not (tmp_path / "checkpoint").exists()


def test_a_folder_without_a_data_set_is_refused(tmp_path: Path) -> None:
    result = runner.invoke(
        train_app, ["landmarks", "--data", str(tmp_path), "--out", str(tmp_path / "checkpoint")]
    )
    assert isinstance(result.exception, AssetError)
    assert INDEX_NAME in str(result.exception)


def test_a_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    result = runner.invoke(export_app, ["landmarks", str(tmp_path), "--out", str(tmp_path / "b")])
    assert isinstance(result.exception, AssetError)
    assert "painwatch train landmarks" in str(result.exception)
    assert not (tmp_path / "b").exists()
