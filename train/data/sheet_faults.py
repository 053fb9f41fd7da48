"""Cells of a spreadsheet that only look as if they held a plain number, or nothing.

calamine gives an error, and a formula that nobody calculated, as an empty cell, and 3.5 % as 0.035.
Each would be a wrong label that nobody is told of, so here they become the text that they show.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias
from xml.etree import ElementTree as ET

Faults: TypeAlias = Mapping[str, Mapping[tuple[int, int], str]]
"""Text by row and column from 0, by name of the sheet."""

_PERCENT_FORMATS: Final = frozenset({"9", "10"})
"""Excel's own formats 0% and 0.00%."""
_WORKBOOK: Final = "xl/workbook.xml"
_CONTENT: Final = "content.xml"


def faults_of(path: Path) -> Faults:
    """Find such cells in an xlsx or an ods.

    Raises:
        OSError, zipfile.BadZipFile, ET.ParseError, KeyError: it is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if _WORKBOOK in names:
            percent = _percent_styles(archive) if "xl/styles.xml" in names else frozenset()
            return {
                sheet: dict(_of_xlsx(archive, part, percent))
                for sheet, part in _parts(archive)
                if part in names
            }
        return _of_ods(archive) if _CONTENT in names else {}


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Names of the sheets of an xlsx and where in the archive each lies."""
    links = {
        link.get("Id"): link.get("Target", "")
        for link in _root(archive, "xl/_rels/workbook.xml.rels")
    }
    for element in _root(archive, _WORKBOOK).iter():
        if _tag(element) == "sheet":
            (link,) = (value for key, value in element.items() if key.endswith("}id"))
            yield element.get("name", ""), posixpath.join("/xl", links[link]).lstrip("/")


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """Numbers of the styles that show per cent."""
    root = _root(archive, "xl/styles.xml")
    formats = {
        element.get("numFmtId")
        for element in root.iter()
        if _tag(element) == "numFmt" and "%" in element.get("formatCode", "")
    }
    styles = next((each for each in root if _tag(each) == "cellXfs"), ())
    return frozenset(
        str(at)
        for at, style in enumerate(styles)
        if style.get("numFmtId") in formats | _PERCENT_FORMATS
    )


def _of_xlsx(
    archive: zipfile.ZipFile, part: str, percent: frozenset[str]
) -> Iterator[tuple[tuple[int, int], str]]:
    row = -1
    with archive.open(part) as file:
        for _, element in ET.iterparse(file):  # noqa: S314 - a table of one's own
            if _tag(element) != "row":
                continue
            row = int(element.get("r", row + 2)) - 1
            column = -1
            for cell in element:
                column = _column(cell.get("r", ""), column + 1)
                text = _xlsx_text(cell, percent)
                if text:
                    yield (row, column), text
            element.clear()


def _xlsx_text(cell: ET.Element, percent: frozenset[str]) -> str:
    inside = {_tag(child): child.text or "" for child in cell}
    kind, value = cell.get("t", "n"), inside.get("v", "")
    if kind == "e":
        return value
    if "f" in inside and not value and kind != "str":
        return f"={inside['f']}"
    if kind == "n" and value and cell.get("s") in percent:
        return f"{100 * float(value):g}%"
    return ""


def _column(reference: str, otherwise: int) -> int:
    """Column from 0 of a reference like AB7."""
    letters = reference.rstrip("0123456789")
    if not letters:
        return otherwise
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _of_ods(archive: zipfile.ZipFile) -> Faults:
    found: dict[str, dict[tuple[int, int], str]] = {}
    for table in _root(archive, _CONTENT).iter():
        if _tag(table) == "table":
            here = found.setdefault(_get(table, "name"), {})
            row = 0
            for line in table.iter():
                if _tag(line) == "table-row":
                    here.update(((row, column), text) for column, text in _of_ods_row(line))
                    row += int(_get(line, "number-rows-repeated") or 1)
    return found


def _of_ods_row(line: ET.Element) -> Iterator[tuple[int, str]]:
    column = 0
    for cell in line:
        text = _ods_text(cell)
        if text:
            yield column, text
        column += int(_get(cell, "number-columns-repeated") or 1)


def _ods_text(cell: ET.Element) -> str:
    # calcext:value-type says error where office:value-type says string.
    kinds = {value for key, value in cell.items() if key.endswith("}value-type")}
    if "error" in kinds:
        return "".join(cell.itertext())
    if "percentage" in kinds:
        return f"{100 * float(_get(cell, 'value')):g}%"
    formula = _get(cell, "formula")
    return f"={formula.partition('=')[2]}" if formula and not kinds else ""


def _root(archive: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(archive.read(part))  # noqa: S314 - a table of one's own


def _tag(element: ET.Element) -> str:
    """Name without its namespace, of which strict and other xlsx have several."""
    return element.tag.rpartition("}")[2]


def _get(element: ET.Element, name: str) -> str:
    """Attribute without its namespace."""
    return next((value for key, value in element.items() if key.endswith(f"}}{name}")), "")
