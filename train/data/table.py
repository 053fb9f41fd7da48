"""Reads CSV files as people write them, and says which line is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pain.errors import DataError

_DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table.

    Attributes:
        line: 1-based line in the file.
        cells: text by column as the file names it; empty cells are left out.
    """

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file.

    Attributes:
        path: the file.
        columns: names as written, without surrounding blanks.
        rows: lines that are not blank.
        decimal_comma: a semicolon parts the cells, so a comma may part decimals.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_comma: bool

    def find(self, *aliases: str) -> str | None:
        """Name of the column that answers to one of the aliases, earlier aliases first.

        Case, blanks, underscores, dashes and dots do not matter.
        """
        known = {plain(column): column for column in reversed(self.columns)}
        return next((known[plain(alias)] for alias in aliases if plain(alias) in known), None)


def plain(name: str) -> str:
    """A column's name without what people vary: case, blanks and punctuation."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def read_table(path: Path) -> Table:
    """Read a CSV file with a header line.

    Args:
        path: UTF-8 with or without byte order mark.

    Raises:
        DataError: unreadable, not UTF-8, empty, a repeated column, or a line with more cells than
            the header has columns.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}:{line}: not UTF-8 text. Save the table as CSV UTF-8 and try again."
        ) from error
    header, _, _ = text.partition("\n")
    delimiter = max(_DELIMITERS, key=header.count)
    columns, rows = _parse(path, text, delimiter)
    return Table(path=path, columns=columns, rows=rows, decimal_comma=delimiter == ";")


def _parse(path: Path, text: str, delimiter: str) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    lines = _lines(path, text, delimiter)
    _, header = next(lines, (1, []))
    columns = tuple(cell.strip() for cell in header)
    if not any(columns):
        raise DataError(f"{path} is empty; expected a header line that names the columns.")
    repeated = _first_repeated(columns)
    if repeated is not None:
        raise DataError(f"{path}:1: the column {repeated!r} stands twice in the header.")
    rows = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            raise DataError(
                f"{path}:{line}: {len(cells)} cells under {len(columns)} columns. "
                "Put cells that hold the delimiter into double quotes."
            )
        named = zip(columns, (cell.strip() for cell in cells), strict=False)
        rows.append(Row(line=line, cells={name: cell for name, cell in named if name and cell}))
    return columns, tuple(rows)


def _lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Cells of each line, with the line's number in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(f"{path}:{reader.line_num}: not a valid CSV line: {error}.") from error


def _first_repeated(names: Sequence[str]) -> str | None:
    seen: set[str] = set()
    for name in filter(None, names):
        if name in seen:
            return name
        seen.add(name)
    return None
