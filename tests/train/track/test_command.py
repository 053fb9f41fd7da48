from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

import train.cli
from pain.errors import DataError
from tests.train.track.faces import noise, save
from train.data.pictures import read_picture

runner = CliRunner()


def folder(root: Path, close_ups: list[Path]) -> Path:
    """Two faces of Ann, one of Bob and a picture of nobody, with a CSV file."""
    for number, file in enumerate(close_ups[:3]):
        save(read_picture(file), root / f"{number}.png")
    noise(root / "nobody.png")
    (root / "labels.csv").write_text(
        "image,subject,level,origin\n0.png,ann,0,synthetic\n1.png,ann,3,synthetic\n"
        "2.png,bob,5,synthetic\nnobody.png,bob,0,synthetic\n"
    )
    return root


def test_tracking_says_what_it_did_and_why_there_is_no_face(tmp_path: Path, close_ups: list[Path]):
    root = folder(tmp_path / "set", close_ups)
    arguments = ["track", str(root), "--cache", str(tmp_path / "cache"), "--workers", "1"]
    first = runner.invoke(train.cli.app, arguments)
    assert first.exit_code == 0
    assert "4 looked at now" in first.stdout
    assert "faces: 3 of 4; none: no_face 1" in first.stdout
    second = runner.invoke(train.cli.app, arguments)
    assert "0 looked at now, 4 from the cache" in second.stdout


def test_inspection_asks_the_same_tracker(tmp_path: Path, close_ups: list[Path]):
    root = folder(tmp_path / "set", close_ups)
    cache = tmp_path / "cache"
    arguments = ["data", "inspect", str(root), "--faces", "--json", "--cache", str(cache)]
    result = runner.invoke(train.cli.app, arguments)
    assert result.exit_code == 0
    record = json.loads(result.stdout)
    assert record["faces"] == {"found": 3, "missed": {"no_face": 1}}
    assert list(cache.rglob("*.crops.npy"))


def test_inspection_without_a_cache_leaves_nothing(
    tmp_path: Path, close_ups: list[Path], monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    root = folder(tmp_path / "set", close_ups)
    (root / "1.png").write_text("no picture")
    result = runner.invoke(train.cli.app, ["data", "inspect", str(root), "--faces", "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stdout)["faces"]["found"] == 2
    assert not list((tmp_path / "scratch").iterdir())


def test_a_set_with_wrong_rows_is_not_tracked(tmp_path: Path, close_ups: list[Path]):
    root = folder(tmp_path / "set", close_ups)
    table = root / "labels.csv"
    table.write_text(table.read_text().replace("ann,3", "ann,9"))
    result = runner.invoke(train.cli.app, ["track", str(root), "--cache", str(tmp_path / "cache")])
    assert isinstance(result.exception, DataError)
    assert not (tmp_path / "cache").exists()
