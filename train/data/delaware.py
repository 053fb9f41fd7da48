"""Delaware Pain Database (Mende-Siedlecki et al. 2020, PAIN Reports 5:e853): posed pain, rated.

Known, from the article: photographs of volunteers of several ancestries and both sexes who pose
pain at several strengths, with a neutral picture of each; every picture was rated by many people,
also for how much pain it shows; action units were coded; all of it is handed out through OSF,
pictures and norming tables apart.

Assumed, because the article prints no file listing: the pictures lie anywhere below the folder; one
table has a row a picture, with a column that names the picture (with or without folder and suffix)
and a column of mean pain ratings: one that says pain, before one that says level, rating or
intensity alone. A person's identity is a column of that table, or is taken from the picture's name:
the letters of ancestry and sex together with the number nearest to them (``BM12_pain_high.jpg`` and
``pain1_BM12.jpg`` are person ``BM12``; ``012-Black-Male-Pain3.png`` is ``012`` of black men). A
number that belongs to the word pain or neutral is its strength and nobody's. A picture named
neutral without a rating is level 0. Ratings on 1..7 are moved to 0..6.

Whatever does not fit is refused with what was looked for; a CSV file with the columns image,
subject, level loads any layout (``--kind csv``).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pain.errors import DataError
from pain.scales import LEVEL_MAX
from train.data.columns import ALIASES, RowReader, notes_of, plan_columns
from train.data.files import (
    names_in,
    pictures_below,
    plain_path,
    tables_below,
    unread_pictures_below,
)
from train.data.reading import RatingScale, Reading
from train.data.sample import Dataset, Demographics, Origin, Sample
from train.data.table import Row, Table, read_tables
from train.residents.expression import Kind

NAME: Final = "delaware"
_LICENCE: Final = "research use as its OSF page says; supplied by the user, never by painwatch"
_SAYS_PAIN: Final = (
    *("mean pain rating", "pain rating mean", "pain rating", "mean pain", "pain mean", "pain"),
    *("pain level", "pain intensity"),
)
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    **ALIASES,
    "image": (
        *ALIASES["image"],
        *("stimulus", "stimulus id", "stim", "image name", "file name", "stimulus file", "item"),
    ),
    "level": (*_SAYS_PAIN, "level", "mean rating", "rating mean", "rating", "intensity"),
}
_RATINGS_HINT: Final = re.compile(r"delaware|norm|rating|pain", re.IGNORECASE)
_ONE: Final = 1.0
_SEVEN: Final = 7.0
_NAMED: Final = 5
_ANCESTRIES: Final = {
    **dict.fromkeys(("b", "black"), "black"),
    **dict.fromkeys(("w", "white"), "white"),
    **dict.fromkeys(("a", "asian"), "asian"),
    **dict.fromkeys(("l", "latino", "latina", "latinx", "hispanic", "h"), "latinx"),
}
_SEXES: Final = {"m": "male", "male": "male", "f": "female", "female": "female", "w": "female"}
_RUN: Final = re.compile(r"[^\W_]+")
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")
_SHOWN_WORDS: Final = frozenset(
    {
        *("pain", "painful", "neutral", "expression", "expr", "face", "level", "lvl", "intensity"),
        *("int", "strength", "low", "mid", "medium", "high", "take", "version", "v", "rep"),
    }
)
"""Words whose number says which expression of a person a picture shows."""


def recognises(path: Path) -> bool:
    """Whether the folder's own name or a table in it speaks of the Delaware database."""
    if not path.is_dir() or not any(True for _ in pictures_below(path)):
        return False
    named = "delaware" in path.resolve().name.lower()
    return named or any("delaware" in table.name.lower() for table in tables_below(path))


def read(path: Path, options: Reading) -> Dataset:
    """Read the database.

    Args:
        path: folder with the unpacked pictures and the table of ratings.
        options: ``rating_scale`` where the ratings fit both 0..6 and 1..7.

    Raises:
        DataError: no pictures, no table of ratings, or a scale that cannot be told.
    """
    pictures = list(pictures_below(path))
    unread = [picture.name for picture in unread_pictures_below(path)]
    if not pictures:
        convert = " Convert them to PNG or JPEG." if unread else ""
        raise DataError(
            f"{path} holds no pictures. Unpack the database there; found {names_in(path)}.{convert}"
        )
    reader = _ratings(path)
    reader.scale = options.rating_scale or _scale_of(reader)
    rated = _by_picture(path, reader, pictures)
    samples = [
        sample
        for picture in pictures
        if (sample := _sample(path, picture, reader, rated.get(picture))) is not None
    ]
    unrated = len(pictures) - len(samples) - len(reader.problems)
    source = f"{reader.table.path.name}, column {reader.named['level']!r}"
    notes = [
        f"ratings from {source}, scale {reader.scale}",
        "subjects from the table"
        if "subject" in reader.named
        else "subjects from the pictures' names (ancestry, sex, the number nearest to them)",
        *notes_of(reader, _ALIASES),
    ]
    if unread:
        shown = ", ".join(unread[:_NAMED])
        notes.append(f"{len(unread)} file(s) left out, to be made PNG or JPEG first: {shown}")
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
    files = list(tables_below(path))
    fitting = [
        table
        for file in files
        for table in read_tables(file)
        if table.find(*_ALIASES["image"]) and table.find(*_ALIASES["level"])
    ]
    if len(fitting) > 1:
        hinted = [table for table in fitting if _RATINGS_HINT.search(_name(table))]
        if len(hinted) != 1:
            names = ", ".join(_name(table) for table in fitting)
            raise DataError(
                f"{path} holds several tables of ratings ({names}): leave the one to use."
            )
        fitting = hinted
    if fitting:
        reader = plan_columns(fitting[0], _ALIASES)
        _refuse_two_ratings(reader)
        return reader
    raise DataError(
        f"{path} holds no table of pain ratings: looked for a CSV file or spreadsheet with a "
        f"picture column ({', '.join(_ALIASES['image'])}) and a rating column "
        f"({', '.join(_ALIASES['level'])}); found "
        f"{', '.join(file.name for file in files) or 'no table'}."
    )


def _name(table: Table) -> str:
    return table.path.name if table.sheet is None else f"{table.path.name} [{table.sheet}]"


def _refuse_two_ratings(reader: RowReader) -> None:
    """Two columns that both say pain and differ: nobody but the user knows which is meant."""
    table = reader.table
    first, *others = table.find_all(*_SAYS_PAIN) or (None,)
    for other in others:
        if any(row.cells.get(first or "") != row.cells.get(other) for row in table.rows):
            raise DataError(
                f"{table.path}: the columns {first!r} and {other!r} both speak of pain and differ. "
                "Take out the one that is not the mean rating, or give it another name."
            )


def _scale_of(reader: RowReader) -> RatingScale:
    numbers = reader.written_levels()
    if not numbers or min(numbers) < _ONE:
        return RatingScale.ZERO_TO_SIX
    if LEVEL_MAX < max(numbers) <= _SEVEN:
        return RatingScale.ONE_TO_SEVEN
    raise DataError(
        f"{reader.table.path}: the ratings in {reader.named['level']!r} lie between "
        f"{min(numbers):g} and {max(numbers):g}, so they may be on 0-6 or on 1-7. "
        "Say which with --rating-scale."
    )


def _by_picture(root: Path, reader: RowReader, pictures: Sequence[Path]) -> dict[Path, Row]:
    """Row of each picture: by its path where it is given, else by its name without folder."""
    by_name: dict[str, list[Path]] = defaultdict(list)
    for picture in pictures:
        place = plain_path(picture.relative_to(root).as_posix())
        name = place.rpartition("/")[2]
        for key in {place, name, name.rpartition(".")[0]}:
            by_name[key].append(picture)
    rows: dict[Path, Row] = {}
    for row in reader.table.rows:
        written = reader.text(row, "image")
        if written is None:
            continue
        place = plain_path(written)
        name = place.rpartition("/")[2]
        keys = (place, name, name.rpartition(".")[0])
        found = next((by_name[key] for key in keys if key in by_name), [])
        if len(found) == 1 and found[0] not in rows:
            rows[found[0]] = row
        else:
            problem = "another row names the same picture"
            if len(found) != 1:
                problem = f"{len(found)} pictures of that name, expected one"
            reader.refuse_row(row, "image", written, problem)
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
    tokens = _TOKEN.findall(unicodedata.normalize("NFC", stem).lower())
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
    number = _number_of_person(stem)
    if number is None:
        return None, known
    letters = "".join(word[0].upper() for word in (ancestry, sex) if word)
    return f"{letters}{number}", known


def _says_who(token: str) -> bool:
    """Whether a token names ancestry, sex, or both as in ``bm``."""
    if token in _ANCESTRIES or token in _SEXES:
        return True
    return len(token) == 2 and token[0] in _ANCESTRIES and token[1] in _SEXES  # noqa: PLR2004


def _number_of_person(stem: str) -> str | None:
    """The number that is nearest to the letters of ancestry and sex, and no expression's strength.

    One that stands in one piece with the letters (``BM03``) comes before one that stands by itself;
    of two at the same distance the one that follows.
    """
    runs = _RUN.findall(unicodedata.normalize("NFC", stem).lower())
    tokens = [(run, token) for run, text in enumerate(runs) for token in _TOKEN.findall(text)]
    letters = [at for at, (_, token) in enumerate(tokens) if _says_who(token)]
    ranked = []
    for at, (run, token) in enumerate(tokens):
        if not token.isdigit():
            continue
        previous = tokens[at - 1] if at else None
        strength = previous is not None and previous[1] in _SHOWN_WORDS
        if strength and previous is not None and previous[0] == run:
            continue
        glued = any(tokens[letter][0] == run for letter in letters)
        far, before = min(((abs(at - k), at < k) for k in letters), default=(0, False))
        ranked.append((not glued, strength, far, before, at, token))
    return min(ranked)[-1] if ranked else None
