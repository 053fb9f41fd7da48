from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.record.command import log_app
from edge.record.segments import segments
from pain.errors import UsageError
from tests.edge.record.test_chain import written

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "record"
    written(place, 6)
    return place


def test_verify_prints_the_end_of_the_chain(folder: Path):
    result = runner.invoke(log_app, ["verify", "--folder", str(folder)])
    assert result.exit_code == 0
    assert "whole. 6 lines, from number 1 to 6" in result.stdout
    assert json.loads(segments(folder)[-1].path.read_text().splitlines()[-1])["hash"] in (
        result.stdout
    )


def test_verify_names_file_and_line_and_ends_with_1(folder: Path):
    path = segments(folder)[0].path
    path.write_text(path.read_text().replace('"number":3', '"number":4', 1))
    result = runner.invoke(log_app, ["verify", "--folder", str(folder)])
    assert result.exit_code == 1
    assert path.name in result.stdout
    assert "was changed" in result.stdout


def test_show_prints_the_newest_lines(folder: Path):
    result = runner.invoke(log_app, ["show", "--folder", str(folder), "--last", "2"])
    assert result.exit_code == 0
    assert "2026-11-25" in result.stdout
    assert result.stdout.count("alarm") == 2


@pytest.mark.parametrize(("name", "count"), [("out.jsonl", 6), ("out.csv", 6)])
def test_export_writes_every_line(folder: Path, tmp_path: Path, name: str, count: int):
    out = tmp_path / name
    result = runner.invoke(log_app, ["export", "--folder", str(folder), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = out.read_text(encoding="utf-8")
    if name.endswith("csv"):
        numbers = [json.loads(row["body"])["number"] for row in csv.DictReader(text.splitlines())]
    else:
        numbers = [json.loads(line)["body"]["number"] for line in text.splitlines()]
    assert numbers == list(range(count))


def test_export_of_a_span_or_another_room(folder: Path, tmp_path: Path):
    out = tmp_path / "out.jsonl"
    base = ["export", "--folder", str(folder), "--out", str(out)]
    for option, value in (
        ("--room", "room-9"),
        ("--since", "2026-11-26"),
        ("--until", "2026-11-24"),
        ("--kind", "fault"),
    ):
        assert runner.invoke(log_app, [*base, option, value]).exit_code == 0
        assert out.read_text() == "", option


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify"], "say which record"),
        (["verify", "--folder", "/absent/record"], "no such folder"),
        (["export", "--folder", ".", "--out", "x.txt"], ".jsonl or .csv"),
        (["show", "--folder", ".", "--since", "yesterday"], "2026-11-25T14:00"),
    ],
)
def test_what_is_wrong_is_told(arguments: list[str], says: str):
    result = runner.invoke(log_app, arguments)
    assert isinstance(result.exception, UsageError)
    assert says in str(result.exception)
