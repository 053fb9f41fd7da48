"""Training timed beside a bare loop."""

from __future__ import annotations

import csv
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pain.errors import UsageError
from tests.train.engine import one_thread  # noqa: F401  (fixture)
from train.backbones.names import BackboneName
from train.bench.command import app
from train.bench.fit import BARE, CAMERA, PLAIN, USUAL, Setting, Times, time_fit
from train.bench.report import fit_table, rows_of

SETTING = Setting(
    backbone=BackboneName.MOBILENETV3_SMALL,
    input_px=64,
    batch=2,
    steps=2,
    rounds=2,
    engine={"accelerator": "cpu", "threads": 1},
)


def test_all_ways_take_turns_and_the_first_round_does_not_count(tmp_path: Path):
    ticks = count()
    told: list[tuple[int, int]] = []
    found = time_fit(
        SETTING,
        tmp_path,
        clock=lambda: (float(next(ticks)), 0.0),
        on_round=lambda done, total: told.append((done, total)),
    )
    assert list(found) == [BARE, PLAIN, USUAL, CAMERA]
    # A tick at each begin and end: every round of two steps lasted one.
    assert all(times.wall_s == [0.5, 0.5] for times in found.values())
    assert next(ticks) == 2 * len(found) * (SETTING.rounds + 1)
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_ratios_are_of_rounds_that_stood_beside_each_other():
    # In the second round the machine was half as fast, for both.
    found = {
        BARE: Times(wall_s=[1.0, 2.0, 1.0], cpu_s=[1.0, 1.0, 1.0]),
        PLAIN: Times(wall_s=[1.25, 2.5, 1.25], cpu_s=[1.0, 1.0, 1.0]),
        USUAL: Times(wall_s=[2.5, 5.0, 2.5], cpu_s=[1.25, 1.25, 1.25]),
    }
    rows = {str(row["what"]): row for row in rows_of(SETTING, found, load_average=0.1)}
    assert rows[PLAIN]["steps_per_s_of_bare"] == pytest.approx(0.8)
    assert (rows[PLAIN]["least"], rows[PLAIN]["most"]) == pytest.approx((0.8, 0.8))
    assert rows[PLAIN]["of_bare_by_cpu_time"] == pytest.approx(1.0)
    assert rows[PLAIN]["augment_share"] == ""
    assert rows[USUAL]["augment_share"] == pytest.approx(0.5)
    assert rows[USUAL]["augment_share_by_cpu_time"] == pytest.approx(0.2)
    assert rows[PLAIN]["faces_per_s"] == pytest.approx(2 / 1.25)
    assert rows[PLAIN]["step_ms_p50"] == pytest.approx(1250.0)
    assert fit_table(list(rows.values())).row_count == 3


def test_the_command_writes_rows_with_their_origin(tmp_path: Path):
    out = tmp_path / "fit.csv"
    words = ["--input-px", "64", "--batch", "2", "--steps", "1", "--rounds", "2", "--threads", "1"]
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "bare loop" in done.output
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["what"] for row in rows] == [BARE, PLAIN, USUAL, CAMERA]
    assert {"date", "commit", "device", "step_ms_p50", "step_ms_p95"} <= rows[0].keys()


def test_landmarks_have_nothing_to_time():
    done = CliRunner().invoke(app, ["--backbone", "landmarks"])
    assert isinstance(done.exception, UsageError)
