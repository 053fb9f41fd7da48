"""The bench measures what it says, and says when something was lost."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pain.errors import UsageError
from station.bench.board import BoardMeasured
from station.bench.command import (
    bench,
    bench_board,
    board_rows_of,
    nothing_lost,
    nothing_lost_on_board,
    rows_of,
)
from station.bench.pages import chromium
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

BOARD = BoardMeasured(
    readings_sent=40,
    readings_kept=40,
    events_kept=5,
    shown_ms=[[100.0, 200.0, 300.0, 400.0, 500.0], [150.0] * 5],
    cpu_cores=0.2,
    memory_mib=120.0,
    browser_cores=0.4,
    busy_cores=1.0,
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


@pytest.mark.slow
def test_alarms_are_measured_to_the_tiles_of_every_page(tmp_path: Path) -> None:
    out = tmp_path / "board.csv"
    assert bench_board(rooms=10, seconds=2.0, burst=3, browsers=2, out=out) == 0
    with out.open(encoding="utf-8") as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    assert rows["readings kept"]["value"] == "20"
    assert rows["alarm events kept"]["value"] == rows["alarms on every page"]["value"] == "3"
    assert float(rows["alarm published to tile p95"]["value"]) > 0
    assert float(rows["resident memory"]["value"]) > 0


@pytest.mark.parametrize(
    "lost",
    [
        {"readings_kept": 39},
        {"events_kept": 4},
        {"shown_ms": [[100.0] * 5, [100.0] * 4]},
        {"shown_ms": [[], []]},
    ],
)
def test_what_is_lost_on_the_way_to_a_page_is_told(lost: dict[str, object]) -> None:
    assert nothing_lost_on_board(LOAD, BOARD)
    worse = replace(BOARD, **lost)
    assert not nothing_lost_on_board(LOAD, worse)
    assert board_rows_of(LOAD, worse)


def test_the_times_of_all_pages_are_taken_together() -> None:
    rows = {row["measure"]: row["value"] for row in board_rows_of(LOAD, BOARD)}
    assert rows["alarm published to tile p50"] == 150.0
    assert rows["alarm published to tile, longest"] == 500.0
    assert rows["alarms on every page"] == 5


async def test_a_machine_without_chromium_is_told_what_to_install(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="apt-get install chromium"):
        async with chromium():
            pass


async def test_an_installation_without_playwright_is_told_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(UsageError, match="extra 'dev'"):
        async with chromium():
            pass
