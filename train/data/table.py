"""Reads tables as people, Excel, R and others write them, and says which line is wrong."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from pain.errors import DataError
from train.data.numbers import DecimalMark
from train.data.sheets import is_spreadsheet, read_sheets

_DELIMITERS: Final = ",;\t|"
_LOOKED_AT: Final = 20
_UNSEEN: Final = "\\s\u200b\u200e\u200f\u2060\ufeff"
_AROUND: Final = re.compile(f"^[{_UNSEEN}]+|[{_UNSEEN}]+$")
_KEPT_AS_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ELSEWHERE: Final = re.compile(rb"[\x80-\x9f]")
"""Letters in Mac Roman and old DOS tables, mostly punctuation in Windows-1252."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table.

    Attributes:
        line: 1-based line in the file, or row of the sheet.
        cells: text by column as the file names it; empty cells are left out.
    """

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file or one sheet of a spreadsheet.

    Attributes:
        path: the file.
        columns: names as written, without surrounding blanks.
        rows: lines that are not blank.
        usual_mark: decimal mark of such files where no number tells; None when there is none.
        sheet: name of the sheet, None in a text file.
        notes: what was assumed while reading; for people.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    usual_mark: DecimalMark | None
    sheet: str | None = None
    notes: tuple[str, ...] = ()

    def find(self, *aliases: str) -> str | None:
        """Name of the column that answers to one of the aliases, earlier aliases first.

        Case, blanks, underscores, dashes and dots do not matter.
        """
        return next(iter(self.find_all(*aliases)), None)

    def find_all(self, *aliases: str) -> tuple[str, ...]:
        """As ``find``, and the columns that would answer too, the best first."""
        return tuple(
            column
            for alias in dict.fromkeys(map(plain, aliases))
            for column in self.columns
            if plain(column) == alias
        )

    def values(self, column: str) -> Iterator[tuple[int, str]]:
        """Line and text of every cell of a column that is not empty."""
        return ((row.line, row.cells[column]) for row in self.rows if column in row.cells)


def plain(name: str) -> str:
    """A column's name without what people vary: case, blanks and punctuation."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def read_tables(path: Path) -> tuple[Table, ...]:
    """Read a text table with a header line, or every sheet of a spreadsheet that holds anything.

    Args:
        path: CSV, TSV or Excel's "Unicode text" in UTF-8, UTF-16 or Windows-1252, parted by commas,
            semicolons, tabs or bars; or xlsx, xlsm or ods. What it is, the content says.

    Raises:
        DataError: unreadable, of an unknown encoding, empty, a repeated column, or a line with more
            cells than the header has columns.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    if is_spreadsheet(content):
        found = read_sheets(path)
        left = ", ".join(map(repr, found.hidden))
        aside = f"hidden sheets of {path.name} were left aside: {left}"
        tables = tuple(
            _table(
                path,
                iter(sheet.lines),
                DecimalMark.POINT,
                sheet=sheet.name,
                notes=(aside,) * bool(left),
            )
            for sheet in found.shown
        )
        if not tables:
            hidden = f" that is shown; hidden are {left}" if left else ""
            raise DataError(f"{path} holds no sheet with anything in it{hidden}.")
        return tables
    text, notes = _decoded(path, content)
    delimiter, first = _delimiter(text)
    mark = DecimalMark.POINT if delimiter == "," else None
    lines = (line for line in _lines(path, text, delimiter) if line[0] >= first)
    return (_table(path, lines, mark, notes=notes),)


def read_table(path: Path) -> Table:
    """Read a file that holds one table.

    Raises:
        DataError: as ``read_tables``, or a spreadsheet with several sheets.
    """
    tables = read_tables(path)
    if len(tables) > 1:
        names = ", ".join(str(table.sheet) for table in tables)
        raise DataError(f"{path} holds several sheets ({names}): leave the one to use.")
    return tables[0]


def _decoded(path: Path, content: bytes) -> tuple[str, tuple[str, ...]]:
    if content.startswith(_UTF_16) or b"\0" in content:
        # Excel's "Unicode text"; without a mark the zero byte of the first letter tells the order.
        order = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
        encoding = "utf-16" if content.startswith(_UTF_16) else order
        try:
            return content.decode(encoding), ()
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: damaged UTF-16 text; save it as CSV UTF-8.") from error
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        if _ELSEWHERE.search(content):
            raise DataError(
                f"{path}:{line}: not UTF-8 text, and it cannot be told whether Windows or a Mac "
                "wrote its letters. Save the table as CSV UTF-8 and try again."
            ) from error
        shown = content.split(b"\n")[line - 1].decode("cp1252").strip()
        note = f"{path.name} is not UTF-8 and was read as Windows-1252: line {line} says {shown!r}"
        return content.decode("cp1252"), (note,)


def _delimiter(text: str) -> tuple[str, int]:
    """What parts the cells, and the line to begin with: Excel's ``sep=;`` is no header."""
    named = _SEPARATOR_LINE.fullmatch(text.partition("\n")[0].strip())
    if named is not None:
        return named[1], 2
    return max(_DELIMITERS, key=lambda delimiter: _agreement(text, delimiter)), 1


def _agreement(text: str, delimiter: str) -> tuple[float, int]:
    """Share of the first lines with as many cells as the header, and the header's cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        counts = [len(cells) for cells in islice(filter(None, reader), _LOOKED_AT)]
    except csv.Error:
        return 0.0, 0
    if not counts or counts[0] < 2:  # noqa: PLR2004  (one column is no table)
        return 0.0, 0
    return sum(count == counts[0] for count in counts) / len(counts), counts[0]


def _table(
    path: Path,
    lines: Iterator[tuple[int, Sequence[str]]],
    mark: DecimalMark | None,
    *,
    sheet: str | None = None,
    notes: tuple[str, ...] = (),
) -> Table:
    filled = ((line, [_cell(cell) for cell in cells]) for line, cells in lines)
    filled = ((line, cells) for line, cells in filled if any(cells))
    first, header = next(filled, (1, []))
    columns = tuple(header)
    if not columns:
        raise DataError(f"{path} is empty; expected a header line that names the columns.")
    repeated = _first_repeated(columns)
    if repeated is not None:
        raise DataError(f"{path}:{first}: the column {repeated!r} stands twice in the header.")
    rows = tuple(
        Row(line=line, cells=_by_column(path, line, columns, cells, sheet=sheet))
        for line, cells in filled
    )
    return Table(path=path, columns=columns, rows=rows, usual_mark=mark, sheet=sheet, notes=notes)


def _by_column(
    path: Path, line: int, columns: Sequence[str], cells: Sequence[str], *, sheet: str | None
) -> Mapping[str, str]:
    """Cells of a line by their column; none may lie outside the columns, or a value is lost."""
    # The first column of pandas and R is the row's number and has no name.
    nameless = [cell for name, cell in zip(columns[1:], cells[1:], strict=False) if not name]
    if any(nameless) or any(cells[len(columns) :]):
        named = len([name for name in columns if name])
        what = (
            "Put cells that hold the delimiter, such as decimal commas, into double quotes; give "
            "every column a name."
            if sheet is None
            else f"In sheet {sheet!r} the first line that is not blank must name every column: no "
            "title above it, no names over several columns, no merged cells."
        )
        raise DataError(f"{path}:{line}: {len(cells)} cells under {named} columns. {what}")
    pairs = zip(columns, cells, strict=False)
    return {name: cell for name, cell in pairs if name and cell}


def _cell(text: str) -> str:
    """A cell without blanks around it, also those that nobody sees; ``="007"`` is 007 to Excel."""
    bare = _AROUND.sub("", text)
    kept = _KEPT_AS_TEXT.fullmatch(bare)
    return _AROUND.sub("", kept[1]) if kept else bare


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
