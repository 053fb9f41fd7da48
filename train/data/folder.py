"""A folder of pictures with a table (CSV or a spreadsheet): the way to bring your own set.

Columns: ``image`` (path below the folder of the CSV file) and ``subject`` are required, and at
least one of ``level`` (0..6), ``pspi`` (0..16), ``AU4`` ... ``AU43`` (0..5) or ``expression``.
Optional: ``kind``, ``origin`` or ``synthetic``, ``age``, ``sex``, ``ancestry``, ``skin_tone``,
``sequence``, ``time_s``. ``train.data.columns.ALIASES`` lists the other names that are understood.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PureWindowsPath
from typing import Final

from pain.errors import DataError
from train.data.columns import RowReader, notes_of, plan_columns, require_column, table_of
from train.data.files import TABLES, PictureFinder, tables_in
from train.data.reading import RatingScale, Reading
from train.data.sample import Dataset, Origin, Sample
from train.data.table import Row

_LICENCE: Final = "not stated; whoever supplied the folder knows"
_LABELS: Final = ("level", "pspi", "expression")
_NAMED: Final = TABLES | {".txt"}
"""A text file must be named: most of those that lie in folders are no tables."""


def recognises(path: Path) -> bool:
    """Whether the path is a table or a folder with one."""
    if path.is_file():
        return path.suffix.lower() in _NAMED
    return path.is_dir() and bool(tables_in(path))


def read(path: Path, options: Reading) -> Dataset:
    """Read a folder with a CSV file.

    Args:
        path: the folder, or the CSV file itself.
        options: ``origin`` is needed when the table does not say what is real.

    Raises:
        DataError: no table, no subjects, no labels, or nobody says whether the faces are real.
    """
    table = table_of(path)
    reader = plan_columns(table)
    reader.scale = options.rating_scale or RatingScale.ZERO_TO_SIX
    require_column(reader, "image", "Which picture does a row speak of?")
    require_column(
        reader,
        "subject",
        "Without it, pictures of one person could be in training and in the test.",
    )
    if not (reader.units or any(name in reader.named for name in _LABELS)):
        raise DataError(
            f"{table.path}: no label: none of the columns level, pspi, AU4 ... AU43, expression."
        )
    if options.origin is None and not {"origin", "synthetic"} & set(reader.named):
        raise DataError(
            f"{table.path} does not say whether its faces are real or synthetic. Add a column "
            "'origin' with real or synthetic, or give --origin."
        )
    root = table.path.parent
    finder = PictureFinder(root)
    named = [
        (row, sample)
        for row in table.rows
        if (sample := _sample(reader, row, finder, root, options.origin))
    ]
    samples = _without_repeats(reader, named)
    notes = notes_of(reader)
    if reader.scale is RatingScale.ONE_TO_SEVEN:
        notes.append(f"levels in {reader.named.get('level')!r} are ratings 1-7, moved to 0-6")
    other = [(reader.text(row, "image"), sample.id) for row, sample in named]
    other = [(written, found) for written, found in other if Path(written or "") != Path(found)]
    if other:
        written, found = other[0]
        notes.append(
            f"{len(other)} picture(s) are written otherwise than the files are named, e.g. "
            f"{written!r} is {found!r}"
        )
    return Dataset(
        name=root.resolve().name,
        root=root,
        licence=_LICENCE,
        samples=tuple(samples),
        notes=tuple(notes),
        problems=tuple(reader.problems),
    )


def _sample(
    reader: RowReader, row: Row, finder: PictureFinder, root: Path, origin: Origin | None
) -> Sample | None:
    """The row's sample, None when anything is wrong with it."""
    before = len(reader.problems)
    written, subject = reader.required(row, "image"), reader.required(row, "subject")
    said = reader.origin(row) or origin
    found = finder.find(written) if written is not None else ()
    if written is not None and len(found) != 1:
        several = f"it may be any of {', '.join(found)}; write the one as its file is named"
        nothing = f"no such file below {root}{_foreign(written)}"
        reader.refuse_row(row, "image", written, several if found else nothing)
    if said is None and len(reader.problems) == before:
        column = "origin" if "origin" in reader.named else "synthetic"
        reader.refuse_row(row, column, "", "the cell is empty; say real or synthetic")
    level, pspi, units = reader.level(row), reader.pspi(row), reader.action_units(row)
    kind, demographics = reader.kind(row), reader.demographics(row)
    time_s = reader.time_s(row)
    if len(reader.problems) > before or subject is None or said is None:
        return None
    return Sample(
        id=found[0],
        image=root / found[0],
        subject=subject,
        origin=said,
        source=root.resolve().name,
        level=level,
        pspi=pspi,
        units=units,
        expression=reader.text(row, "expression"),
        kind=kind,
        demographics=demographics,
        sequence=reader.text(row, "sequence"),
        time_s=time_s,
    )


def _foreign(written: str) -> str:
    """What to do with a path of somebody's own computer."""
    if PureWindowsPath(written).is_absolute() or written.startswith("/"):
        return "; write the path from the table's folder, not that of your computer"
    return ""


def _without_repeats(reader: RowReader, named: list[tuple[Row, Sample]]) -> list[Sample]:
    """Samples in order; a picture that two rows name is a problem and is left out."""
    counts = Counter(sample.id for _, sample in named)
    for row, sample in named:
        if counts[sample.id] > 1:
            image = reader.text(row, "image") or sample.id
            reader.refuse_row(row, "image", image, "another row names the same picture")
    kept = [sample for _, sample in named if counts[sample.id] == 1]
    return sorted(kept, key=lambda s: (s.sequence or "", s.time_s or 0.0, s.id))
