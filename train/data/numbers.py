"""The one reader of numbers in tables: which mark parts decimals is told by the file, not guessed.

A column of levels that Excel wrote in Germany holds ``1,39``, one from R in England ``1.39``; with
groups of thousands each may also look like the other (``1,234``). All cells of a table that are
read as numbers speak together: one that can only be read one way decides for all. Where cells
contradict each other, or where nothing decides, the table or the cell is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NOT_KNOWN: Final = frozenset({"NA", "#N/A", "#NV", "#N/D"})
"""What R (``NA``) and Excel in English, German, French and Italian write for a missing number."""

_THOUSAND: Final = 1000.0
_GROUPED: Final = r"[1-9]\d{{0,2}}(?:(?P<group>[{groups}])\d{{3}})(?:(?P=group)\d{{3}})*"
_NUMBER: Final = r"[+-]?(?:(?P<whole>\d+|{grouped})(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?"
_SPACES: Final = re.compile("[\u00a0\u2007\u2009\u202f]")
_DATE: Final = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:[T ].*)?"
    r"|(?:\d{1,2}\.?[ -]?)?[^\W\d_]{3,9}\.?[ -]?\d{2,4}|\d{1,2}\.?[ -][^\W\d_]{3,9}\.?"
)


class DecimalMark(StrEnum):
    """What stands before the decimals."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCell:
    """A cell that is to be read as a number.

    Attributes:
        text: as written.
        where: line and column, for messages.
        most: largest value that its column may hold.
    """

    text: str
    where: str
    most: float


class MixedMarksError(ValueError):
    """Cells of one table that no single decimal mark can read."""


def decimal_mark(cells: Iterable[NumberCell], usual: DecimalMark | None) -> DecimalMark | None:
    """The decimal mark of a table.

    Args:
        cells: every cell of it that is to be read as a number.
        usual: what the kind of file says where no cell does: a table whose cells are parted by
            commas has points, one that is parted by semicolons or tabs may have either.

    Returns:
        The mark; None when nothing tells.

    Raises:
        MixedMarksError: one cell has a decimal comma and another a decimal point.
    """
    told: dict[DecimalMark, NumberCell] = {}
    for cell in cells:
        read = _readings(cell.text, cell.most)
        if len(read) == 1:
            told.setdefault(next(iter(read)), cell)
    if len(told) > 1:
        comma, point = told[DecimalMark.COMMA], told[DecimalMark.POINT]
        raise MixedMarksError(
            f"{comma.where} is {comma.text!r} with a decimal comma, {point.where} is "
            f"{point.text!r} with a decimal point. Write all numbers of the table in one way."
        )
    return next(iter(told), usual)


def number_within(
    text: str, low: float, high: float, *, mark: DecimalMark | None = DecimalMark.POINT
) -> float:
    """Read a finite number in ``low``..``high``.

    Args:
        text: as written; groups of thousands are understood where ``high`` allows for any.
        low: smallest allowed value.
        high: largest allowed value.
        mark: what stands before the decimals; None when the file does not tell.

    Raises:
        ValueError: no number, outside, or of two meanings; says the range.
    """
    expected = f"expected a number from {low:g} to {high:g}"
    read = _readings(text, high)
    if mark is None and len(set(read.values())) > 1:
        comma, point = read[DecimalMark.COMMA], read[DecimalMark.POINT]
        raise ValueError(
            f"{expected}; this may be {min(comma, point):g} or {max(comma, point):g}, and no cell "
            "of the table tells which. Save it without groups of thousands, with decimal points"
        )
    value = next(iter(read.values()), None) if mark is None else read.get(mark)
    if value is None:
        if _DATE.fullmatch(text.strip()):
            expected += (
                "; this is a date, as Excel makes of 1.5 or 3-6 (and the number is lost): read "
                "the original again with the column set to text"
            )
        elif text.startswith("="):
            expected += (
                "; this is a formula that nobody calculated: open the table in a spreadsheet "
                "program, save it and try again"
            )
        elif text.startswith("#"):
            expected += "; this is an error of the spreadsheet: mend it there"
        raise ValueError(expected)
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(expected)
    return value


def looks_like_number(text: str) -> bool:
    """Whether the text is a number, whatever its decimal mark."""
    return bool(_readings(text, math.inf))


def _readings(text: str, most: float) -> dict[DecimalMark, float]:
    """Value by the marks with which the text is a number."""
    plain = _SPACES.sub(" ", text).replace("\u2212", "-").replace("\u2019", "'").strip()
    found: dict[DecimalMark, float] = {}
    for mark, pattern in _PATTERNS.items():
        match = pattern.fullmatch(plain)
        if match is None or (match["group"] and most < _THOUSAND):
            continue
        whole = plain.replace(match["group"], "") if match["group"] else plain
        found[mark] = float(whole.replace(",", "."))
    return found


def _pattern(mark: DecimalMark) -> re.Pattern[str]:
    other = DecimalMark.COMMA if mark is DecimalMark.POINT else DecimalMark.POINT
    grouped = _GROUPED.format(groups=re.escape(f"{other} '"))
    return re.compile(_NUMBER.format(grouped=grouped, mark=re.escape(mark)), re.ASCII)


_PATTERNS: Final = {mark: _pattern(mark) for mark in DecimalMark}
