"""``painwatch station bench``: the figures as rows, and whether anything was lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from pain.rows import Row, write_rows
from station.bench.board import BoardMeasured, measure_board
from station.bench.run import Load, Measured, measure, p95


def bench(*, rooms: int, seconds: float, burst: int, out: Path | None) -> int:
    """Measure, show and write.

    Args:
        rooms: number of rooms.
        seconds: length.
        burst: alarms at once.
        out: CSV file, if any.

    Returns:
        0, or 1 when anything was lost.
    """
    load = Load(rooms=rooms, seconds=seconds, burst=burst)
    measured = asyncio.run(measure(load))
    _tell(rows_of(load, measured), out)
    return 0 if nothing_lost(load, measured) else 1


def bench_board(*, rooms: int, seconds: float, burst: int, browsers: int, out: Path | None) -> int:
    """Measure to the pages of the board, show and write.

    Args:
        rooms: number of rooms.
        seconds: length.
        burst: alarms at once.
        browsers: pages that look at the overview.
        out: CSV file, if any.

    Returns:
        0, or 1 when anything was lost.
    """
    load = Load(rooms=rooms, seconds=seconds, burst=burst)
    measured = asyncio.run(measure_board(load, browsers))
    _tell(board_rows_of(load, measured), out)
    return 0 if nothing_lost_on_board(load, measured) else 1


def _tell(rows: list[Row], out: Path | None) -> None:
    if out is not None:
        write_rows(out, rows)
    table = Table("measure", "value", "unit")
    for row in rows:
        table.add_row(str(row["measure"]), f"{row['value']:.4g}", str(row["unit"]))
    Console().print(table)


def nothing_lost(load: Load, measured: Measured) -> bool:
    """Whether every alarm was shown and kept, and every reading came."""
    return (
        measured.events_kept == len(measured.alarm_ms) == load.burst
        and measured.readings_kept == measured.readings_sent
    )


def nothing_lost_on_board(load: Load, measured: BoardMeasured) -> bool:
    """Whether every alarm was kept and was on every page, and every reading came."""
    return (
        measured.events_kept == load.burst
        and all(len(page) == load.burst for page in measured.shown_ms)
        and measured.readings_kept == measured.readings_sent
    )


def rows_of(load: Load, measured: Measured) -> list[Row]:
    """One row per figure."""
    case = f"{load.rooms} rooms, {load.seconds:g} s, {load.burst} alarms at once"
    figures: list[tuple[str, float, str]] = [
        ("readings sent", measured.readings_sent, "messages"),
        ("readings kept", measured.readings_kept, "messages"),
        ("alarm events kept", measured.events_kept, "events"),
        ("alarms shown", len(measured.alarm_ms), "alarms"),
        ("reading to board p95", p95(measured.reading_ms), "ms"),
        ("reading to board, longest", max(measured.reading_ms), "ms"),
        ("alarm to board p95", p95(measured.alarm_ms), "ms"),
        ("alarm to board, longest", max(measured.alarm_ms), "ms"),
        ("processor", measured.cpu_cores, "cores"),
        ("resident memory", measured.memory_mib, "MiB"),
    ]
    return _rows(case, figures)


def board_rows_of(load: Load, measured: BoardMeasured) -> list[Row]:
    """One row per figure; of the pages together, but for the alarms that each has shown."""
    pages = len(measured.shown_ms)
    case = (
        f"{load.rooms} rooms, {load.seconds:g} s, {load.burst} alarms at once, "
        f"{pages} open page{'s' if pages > 1 else ''}"
    )
    shown_ms = sorted(at_ms for page in measured.shown_ms for at_ms in page)
    figures: list[tuple[str, float, str]] = [
        ("readings sent", measured.readings_sent, "messages"),
        ("readings kept", measured.readings_kept, "messages"),
        ("alarm events kept", measured.events_kept, "events"),
        ("alarms on every page", min(len(page) for page in measured.shown_ms), "alarms"),
    ]
    if len(shown_ms) > 1:
        figures += [
            ("alarm published to tile p50", median(shown_ms), "ms"),
            ("alarm published to tile p95", p95(shown_ms), "ms"),
            ("alarm published to tile, longest", shown_ms[-1], "ms"),
        ]
    figures += [
        ("processor", measured.cpu_cores, "cores"),
        ("resident memory", measured.memory_mib, "MiB"),
        ("processor of the browser", measured.browser_cores, "cores"),
        ("processor of everything on the machine", measured.busy_cores, "cores"),
    ]
    return _rows(case, figures)


def _rows(case: str, figures: list[tuple[str, float, str]]) -> list[Row]:
    return [
        {"measure": measure, "case": case, "value": value, "unit": unit}
        for measure, value, unit in figures
    ]
