"""What is known of the faces: a CSV with one line a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pain.errors import DataError

_FILE: Final = ("file", "filename", "name", "path", "image")
_PAIN: Final = ("pain_like", "pain")
_BAND_YEARS: Final = 20
_YES_NO: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("yes", "y", "true", "1", "pain"), True),
    **dict.fromkeys(("no", "n", "false", "0", "none"), False),
    **dict.fromkeys(("unsure", "unknown", "?", ""), None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What somebody said of one face; empty where nobody did.

    Attributes:
        pain: whether it shows pain or what looks like it; None when unsure or not said.
        expression: in a word.
        age: years, or a band such as ``60-69`` or ``70+``.
        sex: in a word.
        person: who it is, so that several faces of a person count as what they are.
        set: where it comes from.
    """

    pain: bool | None = None
    expression: str = ""
    age: str = ""
    sex: str = ""
    person: str = ""
    set: str = ""

    @property
    def age_years(self) -> float | None:
        """Age, of a band its lower end; None when not given."""
        number = re.match(r"\d+(\.\d+)?", self.age)
        return float(number[0]) if number else None

    @property
    def age_band(self) -> str:
        """The band as given; years are put into one of twenty years."""
        if not re.fullmatch(r"\d+(\.\d+)?", self.age):
            return self.age
        start = int(float(self.age)) // _BAND_YEARS * _BAND_YEARS
        return f"{start}-{start + _BAND_YEARS - 1}"


def read_labels(path: Path) -> dict[str, Label]:
    """Read a CSV of labels.

    Columns: ``file``; and any of ``pain_like`` (or ``pain``: yes, no, unsure), ``expression``,
    ``age``, ``sex``, ``person``, ``set``. Others are passed over.

    Returns:
        Labels by file, as it stands there.

    Raises:
        DataError: no such file, no column ``file``, or a word that is neither yes nor no.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: the labels cannot be read ({error})") from error
    columns = list(rows[0]) if rows else []
    named = next((name for name in _FILE if name in columns), None)
    if named is None:
        raise DataError(
            f"{path}: needs a column 'file' and at least one line; its columns are "
            f"{', '.join(map(str, columns)) or 'none'}"
        )
    labels: dict[str, Label] = {}
    for line, row in enumerate(rows, start=2):
        name = (row[named] or "").strip()
        if not name:
            raise DataError(f"{path}:{line}: no file is named")
        if name in labels:
            raise DataError(f"{path}:{line}: {name} has a label already")
        labels[name] = label_of(row, where=f"{path}:{line}")
    return labels


def label_of(row: Mapping[str, str | None], *, where: str) -> Label:
    """Make a label of the columns of one line.

    Raises:
        DataError: the column of pain holds a word that is neither yes nor no.
    """

    def word(key: str) -> str:
        return (row.get(key) or "").strip()

    said = next((word(key).lower() for key in _PAIN if key in row), "")
    if said not in _YES_NO:
        raise DataError(f"{where}: pain_like = {said!r}: write yes, no or unsure")
    return Label(
        pain=_YES_NO[said],
        expression=word("expression"),
        age=word("age"),
        sex=word("sex").lower(),
        person=word("person"),
        set=word("set"),
    )


def match(names: Iterable[str], labels: Mapping[str, Label]) -> tuple[dict[str, Label], list[str]]:
    """Give each file its label, by its whole name or by its last part.

    Args:
        names: of the files.
        labels: by file, as the CSV has it.

    Returns:
        Labels by name; and the labels that name no file.
    """
    found: dict[str, Label] = {}
    used: set[str] = set()
    for name in names:
        for key in (name, Path(name).name, Path(name).stem):
            if key in labels:
                found[name] = labels[key]
                used.add(key)
                break
    return found, [key for key in labels if key not in used]
