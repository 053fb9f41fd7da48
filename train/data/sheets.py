"""Cells of spreadsheets, through calamine: Excel's xlsx and xls, LibreOffice's ods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from pain.errors import DataError

Value: TypeAlias = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_STARTS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Of a ZIP archive (xlsx, ods) and of an OLE file (xls)."""


def is_spreadsheet(content: bytes) -> bool:
    """Whether a file's bytes are those of a spreadsheet, whatever its name says."""
    return content.startswith(_STARTS)


def read_cells(path: Path) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Text of every cell of every sheet that holds anything.

    Numbers are written with a decimal point, whatever the sheet shows; 7.0 is written as 7, because
    a sheet knows no whole numbers and identifiers are whole.

    Yields:
        Name of the sheet, and its rows with their number from 1.

    Raises:
        DataError: no spreadsheet, damaged, or locked with a password.
    """
    try:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            lines = [(line, [_text(value) for value in row]) for line, row in enumerate(rows, 1)]
            if any(any(cells) for _, cells in lines):
                yield name, lines
    except (CalamineError, OSError) as error:
        raise DataError(
            f"{path} is not a readable spreadsheet ({error}). Save the table as CSV UTF-8."
        ) from error


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
