from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from pain.errors import DataError
from tests.train.study.planted import fill_cache, planted, write_set
from train.study.command import study_app

runner = CliRunner()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_faces_writes_rows_a_table_and_a_picture(tmp_path: Path):
    given = planted(people=10)
    folder = write_set(tmp_path / "set", given)
    cache = fill_cache(tmp_path, given)
    out = tmp_path / "results" / "residents.csv"
    command = ["faces", str(folder), "--cache", str(cache), "--out", str(out)]
    result = runner.invoke(study_app, command)
    assert result.exit_code == 0, result.output
    assert "residents, synthetic: 80 pictures of 10 people" in " ".join(result.stdout.split())
    written = rows(out)
    wanted = {"face found", "yaw r", "PSPI r from landmarks", "AUROC of textbook PSPI"}
    assert wanted < {row["what"] for row in written}
    assert all(float(row["low_95"]) <= float(row["high_95"]) for row in written)
    with Image.open(out.with_suffix(".png")) as picture:
        assert picture.width > 1000
    again = runner.invoke(study_app, [*command, "--append"])
    assert again.exit_code == 0
    assert rows(out) == written * 2


@pytest.mark.slow
def test_wrinkles_tells_four_cells_and_the_gaps(tmp_path: Path):
    given = planted(people=6)
    folders = [write_set(tmp_path / name, given) for name in ("with", "without")]
    for folder in folders:
        cache = fill_cache(tmp_path, given, folder.name)
    out = tmp_path / "wrinkles.csv"
    result = runner.invoke(
        study_app,
        ["wrinkles", *map(str, folders), "--cache", str(cache), "--out", str(out),
         "--folds", "2", "--epochs", "1"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    subsets = [row["subset"] for row in rows(out) if row["what"] == "PSPI mean absolute error"]
    assert subsets == [
        "mean predictor",
        "trained with wrinkles, tested with wrinkles",
        "trained with wrinkles, tested without wrinkles",
        "trained without wrinkles, tested with wrinkles",
        "trained without wrinkles, tested without wrinkles",
    ]
    gaps = [float(row["value"]) for row in rows(out) if row["what"].startswith("gap in PSPI")]
    # Both drawings are the same here.
    assert gaps == [0.0] * len(gaps)


def test_a_set_that_was_not_tracked_is_refused_with_what_to_run(tmp_path: Path):
    folder = write_set(tmp_path / "set", planted(people=2))
    out = tmp_path / "residents.csv"
    result = runner.invoke(
        study_app, ["faces", str(folder), "--cache", str(tmp_path / "none"), "--out", str(out)]
    )
    assert isinstance(result.exception, DataError)
    assert "painwatch train track" in str(result.exception)
    assert not out.exists()
