"""Findings as a CSV file that is kept in the repository, and as tables for the terminal."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rich.table import Table

from pain.errors import DataError
from pain.provenance import provenance
from train.study.estimate import Finding

Row = Mapping[str, str | int | float]


def rows_of(findings: Sequence[Finding], *, dataset: str) -> list[Row]:
    """One row per finding, with the name of the set."""
    return [
        {
            "set": dataset,
            "what": finding.what,
            "subset": finding.subset,
            "value": finding.estimate.value,
            "low_95": finding.estimate.low,
            "high_95": finding.estimate.high,
            "samples": finding.estimate.samples,
            "people": finding.estimate.people,
        }
        for finding in findings
    ]


def write_rows(
    path: Path, rows: Sequence[Row], *, append: bool = False, device: str | None = None
) -> None:
    """Write rows as CSV with date, commit and device; floats have four significant digits.

    Args:
        path: the file; its folder is made when absent.
        rows: at least one row; all have the keys of the first.
        append: keep the rows that are there.
        device: what computed; the processor when None.

    Raises:
        DataError: ``append``, and the file has other columns; or the file cannot be written.
    """
    stamp = provenance(device)
    columns = [*stamp, *rows[0]]
    kept = append and path.exists()
    try:
        if kept and (found := _header(path)) != columns:
            raise DataError(
                f"{path} has the columns {', '.join(found)}, so rows with the columns "
                f"{', '.join(columns)} cannot be appended. Name another file, or leave out "
                "--append to write it anew."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if kept else "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            if not kept:
                writer.writeheader()
            writer.writerows({**stamp, **_shown(row)} for row in rows)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from error


def findings_table(findings: Sequence[Finding], *, title: str) -> Table:
    """The same rows for people, a section for each figure."""
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("n", justify="right")
    table.add_column("people", justify="right")
    for what, group in groupby(findings, key=lambda finding: finding.what):
        table.add_row(f"[bold]{what}[/bold]")
        for finding in group:
            found = finding.estimate
            table.add_row(
                f"  {finding.subset}",
                f"{found.value:.3f}",
                f"{found.low:.3f} to {found.high:.3f}",
                str(found.samples),
                str(found.people),
            )
        table.add_section()
    return table


def _header(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.reader(file), [])


def _shown(row: Row) -> dict[str, str | int]:
    return {
        key: f"{value:.4g}" if isinstance(value, float) else value for key, value in row.items()
    }
