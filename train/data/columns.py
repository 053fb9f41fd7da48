"""Which column of a table means what, and the reading of one row by that plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from pain.action_units import AU_MAX, ActionUnit
from pain.errors import DataError
from pain.scales import LEVEL_MAX, LEVEL_MIN, PSPI_MAX
from train.data.files import tables_in
from train.data.numbers import (
    NOT_KNOWN,
    DecimalMark,
    MixedMarksError,
    NumberCell,
    decimal_mark,
    number_within,
)
from train.data.problem import Problem
from train.data.reading import RatingScale
from train.data.sample import Demographics, Origin
from train.data.table import Row, Table, read_tables
from train.data.words import LARGEST_AGE, age_of, eyes_closed, sex_of, unit_of
from train.residents.expression import Kind

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("image", "file", "filename", "path", "image path", "picture", "photo", "img"),
    "subject": (
        *("subject", "subject id", "person", "person id", "participant", "participant id"),
        *("patient", "patient id", "resident", "identity", "actor", "actor id", "model"),
        *("model id", "target", "target id"),
    ),
    "level": ("level", "pain level", "pain", "pain rating", "rating", "pain intensity"),
    "pspi": ("pspi",),
    "expression": ("expression", "emotion", "tag"),
    "kind": ("kind",),
    "origin": ("origin",),
    "synthetic": ("synthetic",),
    "age": ("age", "age years", "age group", "age band"),
    "sex": ("sex", "gender"),
    "ancestry": ("ancestry", "ethnicity", "race"),
    "skin_tone": ("skin tone", "skin type", "fitzpatrick"),
    "sequence": ("sequence", "clip", "video"),
    "time_s": ("time s", "time", "timestamp s", "seconds"),
}
"""Our field, and the column names that are taken for it."""

T = TypeVar("T")

_YES: Final = frozenset({"1", "true", "yes", "y"})
_NO: Final = frozenset({"0", "false", "no", "n"})
_LONGEST_CLIP_S: Final = 1e6
_LOWEST_RATING: Final = {RatingScale.ZERO_TO_SIX: LEVEL_MIN, RatingScale.ONE_TO_SEVEN: 1.0}
_DECIMALS: Final = 9
_MOST: Final = {
    "level": LEVEL_MAX + 1.0,
    "pspi": PSPI_MAX,
    "age": LARGEST_AGE,
    "time_s": _LONGEST_CLIP_S,
}
"""Largest value of every field that is read as a number; levels may be written as 1 to 7."""


@dataclass(slots=True, kw_only=True)
class RowReader:
    """Reads rows of one table; what is wrong with a row is collected, not raised.

    Attributes:
        table: the table.
        named: the file's column by our field.
        units: the file's column by AU.
        mark: what stands before decimals in this table; None when nothing tells.
        closed_or_open: AU43 is coded 0 or 1.
        unused: columns that mean nothing to us.
        scale: of the levels as they are written.
        problems: what was wrong so far.
    """

    table: Table
    named: Mapping[str, str]
    units: Mapping[ActionUnit, str]
    mark: DecimalMark | None
    closed_or_open: bool
    unused: tuple[str, ...]
    scale: RatingScale = RatingScale.ZERO_TO_SIX
    problems: list[Problem] = field(default_factory=list)

    def text(self, row: Row, name: str) -> str | None:
        """Cell of one of our fields, None when the column or the cell is absent."""
        column = self.named.get(name)
        return None if column is None else row.cells.get(column)

    def required(self, row: Row, name: str) -> str | None:
        """As ``text``, and a problem when it is absent."""
        found = self.text(row, name)
        if found is None:
            self._note(row, self.named[name], None, "the cell is empty")
        return found

    def number(self, row: Row, name: str, low: float, high: float) -> float | None:
        """Number in a cell; absent is None, wrong is None and a problem."""
        column = self.named.get(name)
        return None if column is None else self._number(row, column, low, high)

    def level(self, row: Row) -> float | None:
        """Pain level 0..6, whatever the scale that it is written in."""
        lowest = _LOWEST_RATING[self.scale]
        rating = self.number(row, "level", lowest, lowest + LEVEL_MAX)
        return None if rating is None else round(rating - lowest, _DECIMALS)

    def written_levels(self) -> list[float]:
        """Every number in the column of levels as it is written, for whoever asks for its scale."""
        found = []
        for _, text in self.table.values(self.named["level"]):
            try:
                found.append(number_within(text, -math.inf, math.inf, mark=self.mark))
            except ValueError:
                continue
        return found

    def pspi(self, row: Row) -> float | None:
        """PSPI 0..16."""
        return self.number(row, "pspi", 0.0, PSPI_MAX)

    def time_s(self, row: Row) -> float | None:
        """Seconds from the start of the clip."""
        return self.number(row, "time_s", 0.0, _LONGEST_CLIP_S)

    def action_units(self, row: Row) -> dict[ActionUnit, float] | None:
        """Intensities of the AUs that have a cell; None without any."""
        found: dict[ActionUnit, float] = {}
        for unit, column in self.units.items():
            value = self._number(row, column, 0.0, AU_MAX)
            if value is not None:
                binary = unit is ActionUnit.AU43 and self.closed_or_open
                found[unit] = eyes_closed(value) if binary else value
        return found or None

    def kind(self, row: Row) -> Kind | None:
        """Neutral, pain or other, from the column or from an expression of that name."""
        if "kind" in self.named:
            return self._word(row, "kind", lambda text: Kind(text.lower()), "neutral, pain, other")
        expression = (self.text(row, "expression") or "").lower()
        return Kind(expression) if expression in {Kind.NEUTRAL, Kind.PAIN} else None

    def origin(self, row: Row) -> Origin | None:
        """Origin from the columns ``origin`` or ``synthetic``; None when neither is there."""
        if "origin" in self.named:
            return self._word(row, "origin", lambda text: Origin(text.lower()), "real, synthetic")
        return self._word(row, "synthetic", _synthetic, "yes or no")

    def demographics(self, row: Row) -> Demographics:
        """Age, sex, ancestry and skin tone as far as given."""
        ancestry, skin_tone = self.text(row, "ancestry"), self.text(row, "skin_tone")
        age_years, band = self._word(row, "age", self._age, "years") or (None, None)
        return Demographics(
            age_years=age_years,
            age_band=band,
            sex=self._word(row, "sex", sex_of, "female, male, other"),
            ancestry=ancestry.lower() if ancestry else None,
            skin_tone=skin_tone.lower() if skin_tone else None,
        )

    def refuse_row(self, row: Row, name: str, value: str, message: str) -> None:
        """Note a problem with one of our fields."""
        self._note(row, self.named[name], value, message)

    def _age(self, text: str) -> tuple[float | None, str | None]:
        return (None, None) if text in NOT_KNOWN else age_of(text, mark=self.mark)

    def _number(self, row: Row, column: str, low: float, high: float) -> float | None:
        text = row.cells.get(column)
        if text is None or text in NOT_KNOWN:
            return None
        try:
            return number_within(text, low, high, mark=self.mark)
        except ValueError as error:
            self._note(row, column, text, str(error))
            return None

    def _word(self, row: Row, name: str, read: Callable[[str], T], expected: str) -> T | None:
        text = self.text(row, name)
        if text is None:
            return None
        try:
            return read(text)
        except ValueError as error:
            message = str(error) if str(error).startswith("expected") else f"expected {expected}"
            self._note(row, self.named[name], text, message)
            return None

    def _note(self, row: Row, column: str, value: str | None, message: str) -> None:
        self.problems.append(
            Problem(
                file=self.table.path, line=row.line, column=column, value=value, message=message
            )
        )


def plan_columns(table: Table, aliases: Mapping[str, tuple[str, ...]] = ALIASES) -> RowReader:
    """Find out what the columns of a table mean.

    Args:
        table: the table.
        aliases: names by our field.
    """
    named = {name: found for name, words in aliases.items() if (found := table.find(*words))}
    units: dict[ActionUnit, str] = {}
    for column in table.columns:
        try:
            unit = unit_of(column)
        except KeyError:
            continue
        if unit is not None:
            units.setdefault(unit, column)
    used = {*named.values(), *units.values()}
    try:
        mark = decimal_mark(_number_cells(table, named, units), table.usual_mark)
    except MixedMarksError as error:
        raise DataError(f"{table.path}: {error}") from error
    return RowReader(
        table=table,
        named=named,
        units=units,
        mark=mark,
        closed_or_open=_only_zero_and_one(table, units.get(ActionUnit.AU43), mark),
        unused=tuple(column for column in table.columns if column and column not in used),
    )


def notes_of(reader: RowReader, aliases: Mapping[str, tuple[str, ...]] = ALIASES) -> list[str]:
    """What a person should know of how a table was understood."""
    table, notes = reader.table, list(reader.table.notes)
    if table.sheet is not None:
        notes.append(f"read sheet {table.sheet!r} of {table.path.name}")
    if reader.mark is DecimalMark.COMMA:
        notes.append(f"{table.path.name} has decimal commas")
    for name, column in reader.named.items():
        rivals = [other for other in table.find_all(*aliases[name]) if other != column]
        if rivals:
            left = ", ".join(map(repr, rivals))
            notes.append(f"{name} is taken from {column!r}, not from {left}")
    if reader.unused:
        notes.append(f"columns left out: {', '.join(reader.unused)}")
    if reader.closed_or_open:
        notes.append("AU43 holds only 0 and 1 and is read as open or closed (0 or 5)")
    columns = [*reader.units.values()]
    columns += [reader.named[name] for name in ("level", "pspi", "time_s") if name in reader.named]
    unknown = sum(text in NOT_KNOWN for column in columns for _, text in table.values(column))
    if unknown:
        notes.append(f"{unknown} cell(s) say NA and are read as not known")
    return notes


def _number_cells(
    table: Table, named: Mapping[str, str], units: Mapping[ActionUnit, str]
) -> Iterator[NumberCell]:
    most = {name: high for name, high in _MOST.items() if name in named}
    columns = [(named[name], high) for name, high in most.items()]
    columns += [(column, AU_MAX) for column in units.values()]
    for column, high in columns:
        for line, text in table.values(column):
            yield NumberCell(text=text, where=f"line {line}, {column}", most=high)


def require_column(reader: RowReader, name: str, why: str) -> None:
    """Refuse a table without one of our fields.

    Raises:
        DataError: names the column, the aliases and what the table has instead.
    """
    if name in reader.named:
        return
    raise DataError(
        f"{reader.table.path}: no column {name!r}. {why} Looked for "
        f"{', '.join(ALIASES[name])}; the table has {', '.join(reader.table.columns)}."
    )


def table_of(path: Path) -> Table:
    """The table of a folder, or of the file itself: the one with pictures and people in it.

    Raises:
        DataError: there is none, there are several, or it cannot be read.
    """
    file = path if path.is_file() else _table_in(path)
    tables = read_tables(file)
    fitting = [t for t in tables if t.find(*ALIASES["image"]) and t.find(*ALIASES["subject"])]
    if len(fitting) > 1:
        names = ", ".join(str(table.sheet) for table in fitting)
        raise DataError(f"{file} holds several sheets with pictures ({names}): leave one of them.")
    return (fitting or tables)[0]


def _table_in(folder: Path) -> Path:
    found = tables_in(folder)
    if len(found) == 1:
        return found[0]
    if not found:
        texts = [path.name for path in sorted(folder.glob("*.txt"))]
        hint = f" If {texts[0]} is it, name the file instead of the folder." if texts else ""
        raise DataError(
            f"{folder} holds no CSV file and no spreadsheet. Expected one with the columns image, "
            f"subject and level.{hint}"
        )
    names = ", ".join(path.name for path in found)
    raise DataError(f"{folder} holds several CSV files ({names}): name the one to read.")


def _synthetic(text: str) -> Origin:
    word = text.lower()
    if word in _YES:
        return Origin.SYNTHETIC
    if word in _NO:
        return Origin.REAL
    raise ValueError(text)


def _only_zero_and_one(table: Table, column: str | None, mark: DecimalMark | None) -> bool:
    if column is None:
        return False
    written = {text for _, text in table.values(column) if text not in NOT_KNOWN}
    try:
        return {number_within(text, 0.0, AU_MAX, mark=mark) for text in written} <= {0.0, 1.0}
    except ValueError:
        return False
