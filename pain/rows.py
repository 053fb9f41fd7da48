"""Benchmark rows: CSV that says on which commit and device a figure was measured."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from pain.provenance import provenance

Row = Mapping[str, str | int | float | None]


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV, floats with four significant digits.

    Args:
        path: the file; its folder is made when absent.
        rows: at least one row; all have the keys of the first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stamp = provenance()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*stamp, *rows[0]], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            shown = {
                key: f"{value:.4g}" if isinstance(value, float) else value
                for key, value in row.items()
            }
            writer.writerow({**stamp, **shown})
