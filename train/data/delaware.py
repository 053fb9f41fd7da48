"""Delaware Pain Database (Mende-Siedlecki et al. 2020, PAIN Reports 5:e853): posed pain, rated.

Known, from the article: photographs of volunteers of several ancestries and both sexes who pose
pain at several strengths, with a neutral picture of each; every picture was rated by many people,
also for how much pain it shows; action units were coded; all of it is handed out through OSF,
pictures and norming tables apart.

Assumed, because the article prints no file listing: the pictures lie anywhere below the folder; one
CSV file has a row a picture, with a column that names the picture (with or without folder and
suffix) and a column of mean pain ratings. A person's identity is a column of that table, or is
taken from the picture's name: the letters of ancestry and sex together with the first number
(``BM12_pain_high.jpg`` is person ``BM12``; ``012-Black-Male-Pain3.png`` is ``012`` of black men).
A picture named neutral without a rating is level 0. Ratings on 1..7 are moved to 0..6.

Whatever does not fit is refused with what was looked for; a CSV file with the columns image,
subject, level loads any layout (``--kind csv``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pain.errors import DataError
from pain.scales import LEVEL_MAX
from train.data.columns import ALIASES, RowReader, plan_columns
from train.data.files import names_in, pictures_below
from train.data.reading import RatingScale, Reading
from train.data.sample import Dataset, Demographics, Origin, Sample
from train.data.table import Row, Table, read_table
from train.residents.expression import Kind

NAME: Final = "delaware"
_LICENCE: Final = "research use as its OSF page says; supplied by the user, never by painwatch"
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    **ALIASES,
    "image": (
        *ALIASES["image"],
        *("stimulus", "stimulus id", "stim", "image name", "file name", "stimulus file", "item"),
    ),
    "level": (
        *("level", "pain level", "pain rating", "mean pain", "pain mean", "mean pain rating"),
        *("pain rating mean", "pain intensity", "intensity", "pain"),
    ),
}
_RATINGS_HINT: Final = re.compile(r"delaware|norm|rating|pain", re.IGNORECASE)
_ONE: Final = 1.0
_SEVEN: Final = 7.0
_ANCESTRIES: Final = {
    **dict.fromkeys(("b", "black"), "black"),
    **dict.fromkeys(("w", "white"), "white"),
    **dict.fromkeys(("a", "asian"), "asian"),
    **dict.fromkeys(("l", "latino", "latina", "latinx", "hispanic", "h"), "latinx"),
}
_SEXES: Final = {"m": "male", "male": "male", "f": "female", "female": "female", "w": "female"}
_TOKEN: Final = re.compile(r"[a-z]+|\d+")


def recognises(path: Path) -> bool:
    """Whether the folder's own name or a table in it speaks of the Delaware database."""
    if not path.is_dir() or not any(True for _ in pictures_below(path)):
        return False
    named = "delaware" in path.resolve().name.lower()
    return named or any("delaware" in table.name.lower() for table in path.rglob("*.csv"))


def read(path: Path, options: Reading) -> Dataset:
    """Read the database.

    Args:
        path: folder with the unpacked pictures and the table of ratings.
        options: ``rating_scale`` where the ratings fit both 0..6 and 1..7.

    Raises:
        DataError: no pictures, no table of ratings, or a scale that cannot be told.
    """
    pictures = list(pictures_below(path))
    if not pictures:
        raise DataError(
            f"{path} holds no pictures. Unpack the database there; found {names_in(path)}."
        )
    reader = _ratings(path)
    scale = options.rating_scale or _scale_of(reader)
    if scale is RatingScale.ONE_TO_SEVEN:
        reader = _shifted(reader)
    rated = _by_picture(reader, pictures)
    samples = [
        sample
        for picture in pictures
        if (sample := _sample(path, picture, reader, rated.get(picture))) is not None
    ]
    unrated = len(pictures) - len(samples) - len(reader.problems)
    notes = [
        f"ratings from {reader.table.path.name}, column {reader.named['level']!r}, scale {scale}",
        "subjects from the table"
        if "subject" in reader.named
        else "subjects from the pictures' names (ancestry, sex, first number)",
    ]
    if unrated > 0:
        notes.append(f"{unrated} picture(s) without a rating or an identity left out")
    return Dataset(
        name=NAME,
        root=path,
        licence=_LICENCE,
        samples=tuple(samples),
        notes=tuple(notes),
        problems=tuple(reader.problems),
    )


def _ratings(path: Path) -> RowReader:
    """The one table with a picture column and a pain column."""
    tables = sorted(path.rglob("*.csv"))
    fitting = []
    for file in tables:
        reader = plan_columns(read_table(file), _ALIASES)
        if {"image", "level"} <= set(reader.named):
            fitting.append(reader)
    if len(fitting) == 1:
        return fitting[0]
    if len(fitting) > 1:
        hinted = [r for r in fitting if _RATINGS_HINT.search(r.table.path.name)]
        if len(hinted) == 1:
            return hinted[0]
        names = ", ".join(str(reader.table.path.relative_to(path)) for reader in fitting)
        raise DataError(f"{path} holds several tables of ratings ({names}): leave the one to use.")
    sheets = [file.name for file in path.rglob("*.xls*")]
    hint = f" Save {', '.join(sheets)} as CSV UTF-8 first." if sheets else ""
    raise DataError(
        f"{path} holds no table of pain ratings: looked for a CSV file with a picture column "
        f"({', '.join(_ALIASES['image'])}) and a rating column ({', '.join(_ALIASES['level'])}); "
        f"found {', '.join(file.name for file in tables) or 'no CSV file'}.{hint}"
    )


def _scale_of(reader: RowReader) -> RatingScale:
    values = [_float(row.cells.get(reader.named["level"])) for row in reader.table.rows]
    numbers = [value for value in values if value is not None]
    if not numbers or min(numbers) < _ONE:
        return RatingScale.ZERO_TO_SIX
    if LEVEL_MAX < max(numbers) <= _SEVEN:
        return RatingScale.ONE_TO_SEVEN
    raise DataError(
        f"{reader.table.path}: the ratings in {reader.named['level']!r} lie between "
        f"{min(numbers):g} and {max(numbers):g}, so they may be on 0-6 or on 1-7. "
        "Say which with --rating-scale."
    )


def _float(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _shifted(reader: RowReader) -> RowReader:
    """The same table with ratings 1..7 as levels 0..6."""
    column = reader.named["level"]
    rows = tuple(
        Row(line=row.line, cells={**row.cells, column: f"{value - _ONE:.6g}"})
        if (value := _float(row.cells.get(column))) is not None
        else row
        for row in reader.table.rows
    )
    table = Table(
        path=reader.table.path,
        columns=reader.table.columns,
        rows=rows,
        decimal_comma=reader.table.decimal_comma,
    )
    return plan_columns(table, _ALIASES)


def _by_picture(reader: RowReader, pictures: Sequence[Path]) -> dict[Path, Row]:
    """Row of each picture; names match without folder and suffix, whatever their case."""
    by_stem: dict[str, list[Path]] = {}
    for picture in pictures:
        by_stem.setdefault(picture.stem.lower(), []).append(picture)
    rows: dict[Path, Row] = {}
    for row in reader.table.rows:
        name = reader.text(row, "image")
        if name is None:
            continue
        stem = Path(name.replace("\\", "/")).name.lower()
        found = by_stem.get(stem) or by_stem.get(Path(stem).stem, [])
        if len(found) == 1 and found[0] not in rows:
            rows[found[0]] = row
        else:
            problem = "another row names the same picture"
            if len(found) != 1:
                problem = f"{len(found)} pictures of that name, expected one"
            reader.refuse_row(row, "image", name, problem)
    return rows


def _sample(root: Path, picture: Path, reader: RowReader, row: Row | None) -> Sample | None:
    person, shown = person_of(picture.stem)
    neutral = "neutral" in picture.stem.lower()
    before = len(reader.problems)
    subject = (reader.text(row, "subject") if row else None) or (
        None if "subject" in reader.named else person
    )
    level = reader.level(row) if row else None
    if level is None and neutral:
        level = 0.0
    told = reader.demographics(row) if row else Demographics()
    pspi = reader.pspi(row) if row else None
    units = reader.action_units(row) if row else None
    if len(reader.problems) > before or subject is None or level is None:
        return None
    kind = Kind.NEUTRAL if neutral else Kind.PAIN
    return Sample(
        id=picture.relative_to(root).as_posix(),
        image=picture,
        subject=subject,
        origin=Origin.REAL,
        source=NAME,
        level=level,
        pspi=pspi,
        units=units,
        expression=(reader.text(row, "expression") if row else None) or kind.value,
        kind=kind,
        demographics=Demographics(
            age_years=told.age_years,
            age_band=told.age_band,
            sex=told.sex or shown.sex,
            ancestry=told.ancestry or shown.ancestry,
        ),
    )


def person_of(stem: str) -> tuple[str | None, Demographics]:
    """Person and demographics that a picture's name tells.

    Args:
        stem: name without folder and suffix, e.g. ``BM12_pain_high``.

    Returns:
        Identifier such as ``BM12`` (None without a number), and what is known of the person.
    """
    tokens = _TOKEN.findall(stem.lower())
    number = next((token for token in tokens if token.isdigit()), None)
    ancestry = sex = None
    for token in tokens:
        if ancestry is None and sex is None and len(token) == 2:  # noqa: PLR2004  (e.g. BM)
            first, second = _ANCESTRIES.get(token[0]), _SEXES.get(token[1])
            if first and second:
                ancestry, sex = first, second
                continue
        if ancestry is None and token in _ANCESTRIES:
            ancestry = _ANCESTRIES[token]
        elif sex is None and token in _SEXES:
            sex = _SEXES[token]
    known = Demographics(sex=sex, ancestry=ancestry)
    if number is None:
        return None, known
    letters = "".join(word[0].upper() for word in (ancestry, sex) if word)
    return f"{letters}{number}", known
