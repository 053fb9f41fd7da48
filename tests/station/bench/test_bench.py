"""The bench measures what it says, and says when something was lost."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from station.bench.command import bench, nothing_lost, rows_of
from station.bench.run import Load, Measured, p95

LOAD = Load(rooms=20, seconds=2.0, burst=5)
GOOD = Measured(
    readings_sent=40,
    readings_kept=40,
    events_kept=5,
    reading_ms=[1.0] * 40,
    alarm_ms=[2.0] * 5,
    cpu_cores=0.1,
    memory_mib=80.0,
)


@pytest.mark.slow
def test_a_small_site_loses_nothing(tmp_path: Path) -> None:
    out = tmp_path / "station.csv"
    assert bench(rooms=20, seconds=2.0, burst=5, out=out) == 0
    with out.open(encoding="utf-8") as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    assert rows["readings kept"]["value"] == rows["readings sent"]["value"] == "40"
    assert rows["alarm events kept"]["value"] == rows["alarms shown"]["value"] == "5"
    assert float(rows["alarm to board p95"]["value"]) > 0


@pytest.mark.parametrize(
    "lost",
    [
        {"readings_kept": 39},
        {"events_kept": 4},
        {"events_kept": 6},
        {"alarm_ms": [2.0] * 4},
    ],
)
def test_what_is_lost_or_doubled_is_told(lost: dict[str, object]) -> None:
    assert nothing_lost(LOAD, GOOD)
    assert not nothing_lost(LOAD, replace(GOOD, **lost))


def test_the_95th_percentile_lies_between_its_neighbours() -> None:
    assert 95 <= p95([float(value) for value in range(1, 101)]) <= 96


def test_rows_name_the_load() -> None:
    assert {row["case"] for row in rows_of(LOAD, GOOD)} == {"20 rooms, 2 s, 5 alarms at once"}
