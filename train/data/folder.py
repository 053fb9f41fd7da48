"""A folder of pictures with a CSV file: the way to bring your own set.

Columns: ``image`` (path below the folder of the CSV file) and ``subject`` are required, and at
least one of ``level`` (0..6), ``pspi`` (0..16), ``AU4`` ... ``AU43`` (0..5) or ``expression``.
Optional: ``kind``, ``origin`` or ``synthetic``, ``age``, ``sex``, ``ancestry``, ``skin_tone``,
``sequence``, ``time_s``. ``train.data.columns.ALIASES`` lists the other names that are understood.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from pain.errors import DataError
from train.data.columns import RowReader, plan_columns, require_column, table_in
from train.data.reading import Reading
from train.data.sample import Dataset, Origin, Sample
from train.data.table import Row, read_table

_LICENCE: Final = "not stated; whoever supplied the folder knows"
_LABELS: Final = ("level", "pspi", "expression")


def recognises(path: Path) -> bool:
    """Whether the path is a CSV file or a folder with one."""
    if path.is_file():
        return path.suffix.lower() in {".csv", ".tsv"}
    return path.is_dir() and any(p.suffix.lower() in {".csv", ".tsv"} for p in path.iterdir())


def read(path: Path, options: Reading) -> Dataset:
    """Read a folder with a CSV file.

    Args:
        path: the folder, or the CSV file itself.
        options: ``origin`` is needed when the table does not say what is real.

    Raises:
        DataError: no table, no subjects, no labels, or nobody says whether the faces are real.
    """
    table = read_table(path if path.is_file() else table_in(path))
    reader = plan_columns(table)
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
    samples = [
        sample for row in table.rows if (sample := _sample(reader, row, root, options.origin))
    ]
    ordered = _without_repeats(reader, samples)
    notes = [f"columns left out: {', '.join(reader.unused)}"] if reader.unused else []
    if reader.closed_or_open:
        notes.append("AU43 holds only 0 and 1 and is read as open or closed (0 or 5)")
    return Dataset(
        name=root.resolve().name,
        root=root,
        licence=_LICENCE,
        samples=tuple(ordered),
        notes=tuple(notes),
        problems=tuple(reader.problems),
    )


def _sample(reader: RowReader, row: Row, root: Path, origin: Origin | None) -> Sample | None:
    """The row's sample, None when anything is wrong with it."""
    before = len(reader.problems)
    image, subject = reader.required(row, "image"), reader.required(row, "subject")
    said = reader.origin(row) or origin
    if image is not None and not (root / image).is_file():
        reader.refuse_row(row, "image", image, f"no such file below {root}")
    if said is None and len(reader.problems) == before:
        column = "origin" if "origin" in reader.named else "synthetic"
        reader.refuse_row(row, column, "", "the cell is empty; say real or synthetic")
    level, pspi, units = reader.level(row), reader.pspi(row), reader.action_units(row)
    kind, demographics = reader.kind(row), reader.demographics(row)
    time_s = reader.time_s(row)
    if len(reader.problems) > before or image is None or subject is None or said is None:
        return None
    return Sample(
        id=Path(image).as_posix(),
        image=root / image,
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


def _without_repeats(reader: RowReader, samples: list[Sample]) -> list[Sample]:
    """Samples in order; a picture that two rows name is a problem and is left out."""
    counts = Counter(sample.id for sample in samples)
    for row in reader.table.rows:
        image = reader.text(row, "image")
        if image is not None and counts[Path(image).as_posix()] > 1:
            reader.refuse_row(row, "image", image, "another row names the same picture")
    kept = [sample for sample in samples if counts[sample.id] == 1]
    return sorted(kept, key=lambda s: (s.sequence or "", s.time_s or 0.0, s.id))
