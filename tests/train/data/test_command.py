from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

import train.cli
from pain.errors import DataError
from tests.train.data.trees import GOOD_CSV, csv_folder, picture, residents

runner = CliRunner()


def run(*arguments: object):
    return runner.invoke(train.cli.app, ["data", "inspect", *map(str, arguments)])


def test_a_fit_set_is_shown_as_tables(tmp_path: Path):
    result = run(residents(tmp_path))
    assert result.exit_code == 0
    for part in ("4 samples of 2 people", "synthetic faces", "samples by level", "fit to use"):
        assert part in result.stdout


def test_json_is_all_that_stands_on_standard_output(tmp_path: Path):
    result = run(residents(tmp_path), "--json")
    assert json.loads(result.stdout)["fit"] is True


def test_the_counts_are_drawn(tmp_path: Path):
    png = tmp_path / "counts.png"
    assert run(residents(tmp_path / "set"), "--png", png).exit_code == 0
    with Image.open(png) as drawn:
        assert drawn.format == "PNG"
        assert min(drawn.size) > 500


def test_a_picture_that_cannot_be_drawn_is_an_error(tmp_path: Path):
    result = run(residents(tmp_path / "set"), "--png", tmp_path / "gone" / "counts.png")
    assert isinstance(result.exception, DataError)


def test_an_unfit_set_ends_with_code_2_and_what_to_do(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV)
    picture(root / "b1.png", seed=0)
    result = run(root)
    assert result.exit_code == 2
    assert "several people" in result.stdout
    assert "-> leak danger" in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [((), "real or synthetic"), (("--kind", "unbc"), "Frame_Labels")],
)
def test_what_cannot_be_read_at_all_is_a_data_error(
    tmp_path: Path, options: tuple[str, ...], message: str
):
    root = csv_folder(tmp_path, GOOD_CSV.replace("origin", "mood"))
    result = run(root, *options)
    assert isinstance(result.exception, DataError)
    assert result.exception.exit_code == 2
    assert message in str(result.exception)


def test_what_no_file_says_can_be_given(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV.replace("origin", "mood"))
    result = run(root, "--origin", "synthetic", "--json")
    assert json.loads(result.stdout)["origins"] == ["synthetic"]
