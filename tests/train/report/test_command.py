from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pain.errors import DataError
from tests.train.report.folders import predictions, write_run
from train.metrics import Split
from train.objectives.task import Task
from train.report.command import report

app = typer.Typer()
app.command()(report)


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("runs")
    leaky = predictions(Task.BINARY, run="leaky", split=Split.IMAGE, groups_known=False)
    return [
        write_run(root / "fl", predictions(Task.ORDINAL, run="fl")),
        write_run(root / "leaky", leaky, history=False),
    ]


def test_a_report_is_whole_and_linked_relatively(two_runs: list[Path], tmp_path: Path):
    done = CliRunner().invoke(app, [*map(str, two_runs), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    written = {path.name for path in (tmp_path / "out").iterdir()} - {"report.md"}
    assert set(links) == written
    for what in ("levels", "confusion", "reliability", "errors", "curves"):
        assert f"fl-{what}.png" in written
    assert "leaky-curves.png" not in written  # it has no history
    assert "leaky-errors.png" not in written  # nor is size or turn known
    for path in (tmp_path / "out").iterdir():
        assert path.stat().st_size < 150_000, path.name
    assert "No published figures were given" in text
    assert "Synthetic faces." in text
    assert "Image-wise splits are in this report." in text
    assert "started: 2026-11-25" in text  # from run.json; no other clock


def test_published_figures_come_from_the_file(two_runs: list[Path], tmp_path: Path):
    beside = tmp_path / "published.csv"
    beside.write_text(
        "table,row,metric,value,source\n5.3,landmarks,accuracy,0.123,Somebody 2020\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    done = CliRunner().invoke(app, [str(two_runs[1]), "--out", str(out), "--beside", str(beside)])
    assert done.exit_code == 0, done.output
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "0.123" in text
    assert "Somebody 2020" in text
    assert "No published figures" not in text


def test_a_folder_that_is_no_run_is_bad_input(tmp_path: Path):
    with pytest.raises(DataError, match="is no run") as refused:
        CliRunner().invoke(
            app, [str(tmp_path), "--out", str(tmp_path / "out")], catch_exceptions=False
        )
    assert refused.value.exit_code == 2
