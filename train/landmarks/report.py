"""Results as a CSV file that is kept in the repository, and as a table for the terminal."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.table import Table

from train.landmarks.evaluate import Result

COLUMNS: Final = ("metric", "subset", "value", "low_95", "high_95", "faces", "people", "data")


def write_csv(results: Sequence[Result], path: Path, *, data: str) -> None:
    """Write one row per figure.

    Args:
        results: from ``evaluate``.
        path: file to write; its folder is made.
        data: what the figures were measured on; says that it is synthetic if it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for result in results:
            figures = (f"{number:.4f}" for number in (result.value, result.low, result.high))
            writer.writerow(
                (result.metric, result.subset, *figures, result.faces, result.people, data)
            )


def results_table(results: Sequence[Result], *, title: str) -> Table:
    """The same rows for people."""
    table = Table(title=title, title_justify="left")
    table.add_column("figure", no_wrap=True)
    table.add_column("faces shown", no_wrap=True)
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column("faces", justify="right")
    table.add_column("people", justify="right")
    for result in results:
        table.add_row(
            result.metric.replace("_", " "),
            result.subset.replace("_", " "),
            f"{result.value:.3f}",
            f"{result.low:.3f} to {result.high:.3f}",
            str(result.faces),
            str(result.people),
        )
    return table
