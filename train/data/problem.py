"""What is wrong with one row or file of a data set, and with the set as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pain.errors import DataError

SHOWN: Final = 10
"""Problems spelled out in an error; the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        file: where.
        message: what is wrong and what is expected.
        line: 1-based line of a text file.
        column: column of a table or key of a record.
        value: the offending value as written.
    """

    file: Path
    message: str
    line: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line is not None else str(self.file)
        what = self.column or ""
        if self.value is not None:
            what = f"{what} = {self.value!r}" if what else repr(self.value)
        return ": ".join(part for part in (where, what, self.message) if part)


def refuse(problems: Sequence[Problem], *, name: str) -> None:
    """Raise when there is any problem.

    Raises:
        DataError: lists the first ``SHOWN`` of them.
    """
    if not problems:
        return
    lines = [str(problem) for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"and {len(problems) - SHOWN} more")
    raise DataError(
        f"{len(problems)} row(s) or file(s) of {name} cannot be used:\n"
        + "\n".join(lines)
        + "\nMend them, or see all with `painwatch train data inspect`."
    )
