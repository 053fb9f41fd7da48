"""Cells of spreadsheets, through calamine: Excel's xlsx, LibreOffice's ods."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pain.errors import DataError
from train.data.sheet_faults import faults_of

Value: TypeAlias = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_OLD: Final = b"\xd0\xcf\x11\xe0"
"""Start of an OLE file: an xls, or an xlsx with a password."""

_STARTS: Final = (b"PK\x03\x04", _OLD)
"""Of a ZIP archive (xlsx, ods) and of an OLE file."""

_DAMAGED: Final = (zipfile.BadZipFile, ET.ParseError, KeyError, ValueError)


def is_spreadsheet(content: bytes) -> bool:
    """Whether a file's bytes are those of a spreadsheet, whatever its name says."""
    return content.startswith(_STARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet that holds anything.

    Attributes:
        name: of the sheet.
        lines: text of every cell by row, with the row's number from 1.
    """

    name: str
    lines: list[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """What a spreadsheet shows.

    Attributes:
        shown: sheets that hold anything.
        hidden: names of those that the program does not show, which are not read.
    """

    shown: tuple[Sheet, ...]
    hidden: tuple[str, ...]


def read_sheets(path: Path) -> Sheets:
    """Text of every cell of every sheet that is shown.

    Numbers are written with a decimal point, whatever the sheet shows; 7.0 is written as 7, because
    a sheet knows no whole numbers and identifiers are whole. Errors, formulas without a result and
    per cent are written as the sheet shows them, which is no number.

    Raises:
        DataError: no spreadsheet, damaged, locked with a password, or in Excel's old format.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_OLD)) == _OLD:
                raise DataError(
                    f"{path} is in the format of Excel before 2007, or has a password. In that "
                    "format results of formulas and errors cannot be told from numbers. Save it "
                    "as xlsx, without a password, and try again."
                )
        faults = faults_of(path)
        book = CalamineWorkbook.from_path(path)
        shown, hidden = [], []
        for facts in book.sheets_metadata:
            if facts.typ is not SheetTypeEnum.WorkSheet:
                continue
            if facts.visible is not SheetVisibleEnum.Visible:
                hidden.append(facts.name)
                continue
            rows = book.get_sheet_by_name(facts.name).to_python(skip_empty_area=False)
            lines = _lines(rows, faults.get(facts.name, {}))
            if any(any(cells) for _, cells in lines):
                shown.append(Sheet(name=facts.name, lines=lines))
    except (CalamineError, OSError, *_DAMAGED) as error:
        raise DataError(
            f"{path} is not a readable spreadsheet ({error}). Save the table as CSV UTF-8."
        ) from error
    return Sheets(shown=tuple(shown), hidden=tuple(hidden))


def _lines(
    rows: Sequence[Sequence[Value]], faults: Mapping[tuple[int, int], str]
) -> list[tuple[int, list[str]]]:
    lines = [[_text(value) for value in row] for row in rows]
    for (row, column), text in faults.items():
        while len(lines) <= row:
            lines.append([])
        lines[row] += [""] * (column + 1 - len(lines[row]))
        lines[row][column] = text
    return list(enumerate(lines, 1))


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
