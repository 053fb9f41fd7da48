"""Runs a simulation on several processes and shows what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from edge.bench.range_plot import matplotlib_here
from edge.bench.rows import Row, write_rows
from edge.simulate.cells import Cell
from edge.simulate.days import DayPlan
from edge.simulate.errors import ErrorModel
from edge.simulate.figures import figure_rows
from edge.simulate.generate import Resident
from edge.simulate.stream import Stream
from edge.simulate.tally import Tally, count

_OVERVIEW: Final = (
    ("found\n10 s and more", "sensitivity_moderate", "10 s and more"),
    ("median\ndelay s", "delay_moderate_median_s", "10 s and more"),
    ("p95\ndelay s", "delay_moderate_p95_s", "10 s and more"),
    ("false alarms\na day", "false_alarms_per_day", "moderate"),
    ("severe, false\na day", "false_alarms_per_day", "severe"),
    ("residents\nwithout", "residents_without_false_alarm_share", "moderate"),
    ("coverage", "coverage", "share of the day with a level"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What is simulated.

    Attributes:
        errors: how the model errs.
        plan: how days go.
        residents: how many.
        days: of each.
        seed: decides everything, whatever the number of processes.
    """

    errors: ErrorModel
    plan: DayPlan
    residents: int
    days: int
    seed: int


def simulate(
    simulation: Simulation, cells: Sequence[Cell], *, workers: int, console: Console
) -> list[list[Tally]]:
    """Simulate every resident under every set of limits.

    Returns:
        For each resident a tally for each set of limits.
    """
    seeds = np.random.SeedSequence(simulation.seed).spawn(simulation.residents)
    one = partial(_one, simulation, tuple(cells))
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        task = progress.add_task(f"residents, {simulation.days} days each", total=len(seeds))
        tallies: list[list[Tally]] = []
        for tally in _mapped(one, seeds, workers):
            tallies.append(tally)
            progress.advance(task)
    return tallies


def replay(streams: Sequence[Stream], cells: Sequence[Cell]) -> list[list[Tally]]:
    """Let recorded rooms pass under every set of limits; for each room a tally for each."""
    return [count([stream], cells) for stream in streams]


def _mapped(
    one: partial[list[Tally]], seeds: Sequence[np.random.SeedSequence], workers: int
) -> Iterator[list[Tally]]:
    if workers == 1:
        yield from map(one, seeds)
        return
    with get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(one, seeds)


def _one(
    simulation: Simulation, cells: Sequence[Cell], seed: np.random.SeedSequence
) -> list[Tally]:
    resident = Resident(simulation.errors, simulation.plan, seed=seed)
    return count(resident.days(simulation.days), cells)


def rows_of(
    cells: Sequence[Cell], tallies: Sequence[Sequence[Tally]], *, source: str, seed: int
) -> list[Row]:
    """Figures of every set of limits; ``source`` says what the readings came from."""
    return [
        {"source": source, **row}
        for number, cell in enumerate(cells)
        for row in figure_rows(cell, [own[number] for own in tallies], seed=seed)
    ]


def report(rows: Sequence[Row], *, out: Path, console: Console) -> None:
    """Print the figures, write them as CSV and, where matplotlib is installed, as a picture."""
    names = list(dict.fromkeys(str(row["limits"]) for row in rows))
    console.print(_overview(rows, names))
    if len(names) == 1:
        console.print(_details(rows))
    write_rows(out, rows)
    console.print(f"rows: {out}", highlight=False, markup=False)
    if not matplotlib_here():
        console.print("no picture: matplotlib is not installed (extra 'train')", highlight=False)
        return
    from edge.simulate.plot import plot_cells

    picture = out.with_suffix(".png")
    plot_cells(rows, picture)
    console.print(f"picture: {picture}", highlight=False, markup=False)


def _overview(rows: Sequence[Row], names: Sequence[str]) -> Table:
    table = Table(title="Alarms of simulated days" if len(names) == 1 else "Sets of limits")
    table.add_column("limits")
    for title, _, _ in _OVERVIEW:
        table.add_column(title, justify="right")
    for name in names:
        own = [row for row in rows if row["limits"] == name]
        table.add_row(name, *(_shown(own, metric, subset) for _, metric, subset in _OVERVIEW))
    return table


def _shown(rows: Sequence[Row], metric: str, subset: str) -> str:
    for row in rows:
        if row["metric"] == metric and row["subset"] == subset:
            return f"{row['value']:.3g}"
    return "-"


def _details(rows: Sequence[Row]) -> Table:
    table = Table(title="In detail; 95 % intervals by resident")
    for title in ("figure", "of"):
        table.add_column(title)
    for title in ("value", "from", "to", "episodes"):
        table.add_column(title, justify="right")
    for row in rows:
        numbers = (row["value"], row["low_95"], row["high_95"], row["episodes"])
        table.add_row(
            str(row["metric"]),
            str(row["subset"]),
            *("-" if number is None else f"{number:.3g}" for number in numbers),
        )
    return table
