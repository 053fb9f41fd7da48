"""Which column of a table means what, and the reading of one row by that plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from pain.action_units import AU_MAX, ActionUnit
from pain.errors import DataError
from pain.scales import LEVEL_MAX, LEVEL_MIN, PSPI_MAX
from train.data.problem import Problem
from train.data.sample import Demographics, Origin
from train.data.table import Row, Table
from train.data.words import age_of, eyes_closed, number_within, sex_of, unit_of
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


@dataclass(slots=True, kw_only=True)
class RowReader:
    """Reads rows of one table; what is wrong with a row is collected, not raised.

    Attributes:
        table: the table.
        named: the file's column by our field.
        units: the file's column by AU.
        closed_or_open: AU43 is coded 0 or 1.
        unused: columns that mean nothing to us.
        problems: what was wrong so far.
    """

    table: Table
    named: Mapping[str, str]
    units: Mapping[ActionUnit, str]
    closed_or_open: bool
    unused: tuple[str, ...]
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
        """Pain level 0..6."""
        return self.number(row, "level", LEVEL_MIN, LEVEL_MAX)

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
        age_years, band = self._word(row, "age", age_of, "years") or (None, None)
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

    def _number(self, row: Row, column: str, low: float, high: float) -> float | None:
        text = row.cells.get(column)
        if text is None:
            return None
        try:
            return number_within(text, low, high, decimal_comma=self.table.decimal_comma)
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
    return RowReader(
        table=table,
        named=named,
        units=units,
        closed_or_open=_only_zero_and_one(table, units.get(ActionUnit.AU43)),
        unused=tuple(column for column in table.columns if column and column not in used),
    )


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


def table_in(folder: Path) -> Path:
    """The one CSV file of a folder.

    Raises:
        DataError: there is none, or there are several.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".csv", ".tsv"})
    if len(found) == 1:
        return found[0]
    if not found:
        raise DataError(
            f"{folder} holds no CSV file. Expected one with the columns image, subject and level."
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


def _only_zero_and_one(table: Table, column: str | None) -> bool:
    if column is None:
        return False
    written = {row.cells[column] for row in table.rows if column in row.cells}
    try:
        return {float(text) for text in written} <= {0.0, 1.0}
    except ValueError:
        return False
