"""Figures that somebody else published, to be printed beside ours; never made up here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pain.errors import DataError

COLUMNS: Final = ("table", "row", "metric", "value", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One figure as given.

    Attributes:
        table: ``5.1`` to ``5.4``.
        row: backbone or loss, as its source calls it or as painwatch does.
        metric: painwatch's name of the figure, e.g. ``f1_macro``.
        value: as written in the file.
        source: where it stands.
    """

    table: str
    row: str
    metric: str
    value: str
    source: str


def read_published(path: Path, *, metrics: dict[str, tuple[str, ...]]) -> list[Published]:
    """Read a CSV file with the columns table, row, metric, value, source.

    Args:
        path: the file.
        metrics: names that each table shows.

    Raises:
        DataError: unreadable, or a line that fits no table; names file and line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise DataError(f"{path}:1: the columns must be {','.join(COLUMNS)}")
            return [_published(path, reader.line_num, row, metrics) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _published(
    path: Path, line: int, row: dict[str, str | None], metrics: dict[str, tuple[str, ...]]
) -> Published:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    empty = [name for name, value in cells.items() if not value]
    if empty:
        raise DataError(f"{path}:{line}: {', '.join(empty)} is empty; every figure needs all five")
    if cells["table"] not in metrics:
        raise DataError(f"{path}:{line}: no table {cells['table']!r}; there are {_list(metrics)}")
    known = metrics[cells["table"]]
    if cells["metric"] not in known:
        raise DataError(
            f"{path}:{line}: table {cells['table']} shows no {cells['metric']!r}; it shows "
            f"{_list(known)}"
        )
    try:
        float(cells["value"])
    except ValueError:
        raise DataError(f"{path}:{line}: {cells['value']!r} is no number") from None
    return Published(**cells)


def _list(names: dict[str, tuple[str, ...]] | tuple[str, ...]) -> str:
    return ", ".join(names)
