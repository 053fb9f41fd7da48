"""SynPAIN (Taati et al. 2025): 5,355 pairs of AI-generated faces, half of them of old people.

Known, from the set's own ``SynPain.txt``: files are named ``<ID>_<Pain|NoPain>_<Man|Woman>_<Young|
Old>.jpg``; the ID has ten digits ``1 p g a r nnnnn`` (pain, woman, old, group 0-4 of ancestry,
running number). Young was prompted as 20-35, old as 75 and more. There are no AUs and no levels,
only pain or not: level is 0 where there is no pain and unknown where there is.

Assumed: a file that is at least ``PAIR_ASPECT`` times as wide as high shows the pair side by side,
the neutral face on the left and the named expression on the right, as the number of files (5,315)
against the number of pictures (10,710) and users' reports say; any other file shows one face with
the named expression. An ID without its pain digit is one person, so a pain and a no-pain file of
the same number stay together. Videos are left out: they carry no label per frame.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from pain.errors import DataError
from train.data.files import names_in, pictures_below
from train.data.problem import Problem
from train.data.reading import Reading
from train.data.sample import Dataset, Demographics, Half, Origin, Sample
from train.residents.expression import Kind

NAME: Final = "synpain"
PAIR_ASPECT: Final = 1.4
ANCESTRIES: Final = ("black", "south asian", "middle eastern", "caucasian", "asian")
"""Group of ancestry by its digit."""

_LICENCE: Final = "MIT, as its data card says (Hugging Face: TaatiTeam/SynPAIN)"
_FILE_NAME: Final = re.compile(
    r"1(?P<p>[01])(?P<g>[01])(?P<a>[01])(?P<r>[0-4])(?P<number>\d{5})"
    r"_(?P<expression>Pain|NoPain)_(?P<sex>Man|Woman)_(?P<age>Young|Old)"
)
_AGES: Final = {"Young": "20-35", "Old": "75+"}
_SEXES: Final = {"Man": "male", "Woman": "female"}


def recognises(path: Path) -> bool:
    """Whether some picture in the folder is named as SynPAIN names them."""
    if not path.is_dir():
        return False
    return any(_FILE_NAME.fullmatch(image.stem) for image in pictures_below(path))


def read(path: Path, options: Reading) -> Dataset:
    """Read the set.

    Args:
        path: the folder ``SynPain``, or any folder with its pictures.
        options: not used here.

    Raises:
        DataError: no picture has a name of the set.
    """
    del options
    problems: list[Problem] = []
    samples: list[Sample] = []
    strangers = 0
    for image in pictures_below(path):
        match = _FILE_NAME.fullmatch(image.stem)
        if match is None:
            strangers += 1
            continue
        if not _consistent(match):
            message = "the digits of the ID contradict the words of the name"
            problems.append(Problem(file=image, value=image.stem, message=message))
            continue
        samples += _samples(path, image, match, problems)
    if not samples and not problems:
        raise DataError(
            f"{path} is not SynPAIN: looked for pictures named like "
            f"1111300012_Pain_Woman_Old.jpg; found {names_in(path)}."
        )
    notes = [
        "AI-generated faces: synthetic",
        "pain has no level here; no pain and neutral are level 0",
        "wide files are read as pairs: neutral on the left, the named expression on the right",
    ]
    if strangers:
        notes.append(f"{strangers} picture(s) of another name left out")
    return Dataset(
        name=NAME,
        root=path,
        licence=_LICENCE,
        samples=tuple(samples),
        notes=tuple(notes),
        problems=tuple(problems),
    )


def _consistent(match: re.Match[str]) -> bool:
    words = (match["expression"] == "Pain", match["sex"] == "Woman", match["age"] == "Old")
    return all(match[digit] == str(int(word)) for digit, word in zip("pga", words, strict=True))


def _samples(
    root: Path, image: Path, match: re.Match[str], problems: list[Problem]
) -> list[Sample]:
    try:
        with Image.open(image) as picture:
            width, height = picture.size
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        problems.append(Problem(file=image, message=f"not a readable picture: {error}"))
        return []
    shown = "pain" if match["expression"] == "Pain" else "no_pain"
    if width < PAIR_ASPECT * height:
        return [_sample(root, image, match, shown, None)]
    return [
        _sample(root, image, match, "neutral", Half.LEFT),
        _sample(root, image, match, shown, Half.RIGHT),
    ]


def _sample(
    root: Path, image: Path, match: re.Match[str], expression: str, half: Half | None
) -> Sample:
    kinds = {"neutral": Kind.NEUTRAL, "pain": Kind.PAIN, "no_pain": Kind.OTHER}
    name = image.relative_to(root).as_posix()
    return Sample(
        id=f"{name}@{half}" if half else name,
        image=image,
        subject=f"{match['g']}{match['a']}{match['r']}{match['number']}",
        origin=Origin.SYNTHETIC,
        source=NAME,
        level=None if expression == "pain" else 0.0,
        expression=expression,
        kind=kinds[expression],
        demographics=Demographics(
            age_band=_AGES[match["age"]],
            sex=_SEXES[match["sex"]],
            ancestry=ANCESTRIES[int(match["r"])],
        ),
        half=half,
    )
