"""``painwatch station bench``: the figures as rows, and whether anything was lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pain.rows import Row, write_rows
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
    rows = rows_of(load, measured)
    if out is not None:
        write_rows(out, rows)
    table = Table("measure", "value", "unit")
    for row in rows:
        table.add_row(str(row["measure"]), f"{row['value']:.4g}", str(row["unit"]))
    Console().print(table)
    return 0 if nothing_lost(load, measured) else 1


def nothing_lost(load: Load, measured: Measured) -> bool:
    """Whether every alarm was shown and kept, and every reading came."""
    return (
        measured.events_kept == len(measured.alarm_ms) == load.burst
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
    return [
        {"measure": measure, "case": case, "value": value, "unit": unit}
        for measure, value, unit in figures
    ]
