"""The command, from options to files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

from edge.cli import app
from edge.config import AlarmsConfig, SmoothingConfig
from edge.simulate.cells import cells
from edge.simulate.days import load_days
from edge.simulate.documents import shipped
from edge.simulate.errors import load_errors
from edge.simulate.figures import figure_rows
from edge.simulate.judge import Outcome
from edge.simulate.run import Simulation, rows_of, simulate
from edge.simulate.tally import Tally
from pain.errors import UsageError
from tests.edge.simulate.test_recording import payload, written

ERRORS = load_errors(shipped("landmarks-full.yaml"))


@pytest.fixture
def short_days(tmp_path: Path) -> Path:
    """Days of which an hour is seen, so that a test is short."""
    document = yaml.safe_load(shipped("care-home.yaml").read_text(encoding="utf-8"))
    document["parts"] = [
        {"until_h": 23.0, "shares": {"dark": 1.0}},
        {"until_h": 24.0, "shares": {"awake": 1.0}},
    ]
    path = tmp_path / "days.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_the_same_seed_gives_the_same_figures_with_one_process_and_with_two(short_days: Path):
    simulation = Simulation(
        errors=ERRORS, plan=load_days(short_days, ERRORS), residents=2, days=1, seed=5
    )
    tried = cells(SmoothingConfig(), AlarmsConfig(), ["on_delay_s=2,8"], cusum=[])
    rows = [
        rows_of(
            tried,
            simulate(simulation, tried, workers=workers, console=Console(quiet=True)),
            source="test",
            seed=5,
        )
        for workers in (1, 2)
    ]
    assert rows[0] == rows[1]
    assert {row["limits"] for row in rows[0]} == {"on_delay_s 2", "on_delay_s 8"}


def outcome(*, found: bool, above_s: float = 20.0, delay_s: float = 3.0) -> Outcome:
    return Outcome(
        above_s=above_s,
        peak=4.5,
        seen_share=1.0,
        found=found,
        standing=False,
        delay_s=delay_s if found else None,
    )


def test_figures_are_shares_of_episodes_and_rates_of_days_with_intervals_by_resident():
    tallies = [
        Tally(
            days=2.0,
            seen_s=43_200.0,
            moderate=[outcome(found=True), outcome(found=number > 0, above_s=5.0)],
        )
        for number in range(2)
    ]
    tallies[0].moderate.append(outcome(found=False))
    tallies[1].false["yawn"] = 4
    (cell,) = cells(SmoothingConfig(), AlarmsConfig(), [], cusum=[])
    rows = {
        (str(row["metric"]), str(row["subset"])): row for row in figure_rows(cell, tallies, seed=1)
    }
    long = rows["sensitivity_moderate", "10 s and more"]
    assert long["value"] == pytest.approx(2 / 3)
    assert (long["low_95"], long["high_95"]) == (0.5, 1.0)
    assert long["episodes"] == 3
    assert rows["sensitivity_moderate", "5 to 10 s"]["value"] == 0.5
    assert rows["delay_moderate_median_s", "10 s and more"]["value"] == 3.0
    false = rows["false_alarms_per_day", "moderate"]
    assert false["value"] == 1.0
    assert (false["low_95"], false["high_95"]) == (0.0, 2.0)
    assert rows["false_alarms_per_day_in", "yawn"]["value"] == 1.0
    assert rows["coverage", "share of the day with a level"]["value"] == pytest.approx(0.25)
    assert rows["residents_without_false_alarm_share", "moderate"]["value"] == 0.5


def test_a_recording_gives_rows_with_commit_and_device(tmp_path: Path):
    levels = np.where(np.arange(120) // 30 % 2, 5.0, 0.5).tolist()
    recording = written(
        tmp_path, *(payload(float(second), level) for second, level in enumerate(levels))
    )
    out = tmp_path / "out" / "burden.csv"
    said = CliRunner().invoke(app, ["simulate", "--replay", str(recording), "--out", str(out)])
    assert said.exit_code == 0, said.output
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert all(row["commit"] and row["device"] for row in rows)
    alarms = [row for row in rows if row["metric"] == "alarms_per_day"]
    assert alarms[0]["subset"] == "moderate"
    assert float(alarms[0]["value"]) == pytest.approx(2 * 86400 / 119, rel=0.01)
    assert out.with_suffix(".png").stat().st_size > 1000
    assert not any(row["metric"].startswith("sensitivity") for row in rows)


def test_without_matplotlib_the_rows_are_written_and_the_picture_is_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("edge.simulate.run.matplotlib_here", lambda: False)
    recording = written(tmp_path, payload(0.0, 1.0), payload(1.0, 1.0))
    out = tmp_path / "burden.csv"
    said = CliRunner().invoke(app, ["simulate", "--replay", str(recording), "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "matplotlib is not installed" in said.output
    assert out.is_file()
    assert not out.with_suffix(".png").exists()


def test_a_wrong_option_is_a_usage_error(tmp_path: Path):
    said = CliRunner().invoke(
        app, ["simulate", "--sweep", "delay=2", "--out", str(tmp_path / "none.csv")]
    )
    assert isinstance(said.exception, UsageError)
    assert said.exception.exit_code == 2
