"""Who is tested by whom: folds that keep people together, and the image-wise ones that do not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from pain.errors import DataError
from train.experiment.schema import SplitBy, SplitSection

Rows = npt.NDArray[np.intp]

_RARE_CLASS: Final = "The least populated class in y"
_MIN_PARTS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Rows of one fold; no row is in two of the three.

    Attributes:
        number: from 0.
        train: fit the weights on these.
        validation: stop training and fit the calibration on these.
        test: score these, nothing else.
    """

    number: int
    train: Rows
    validation: Rows
    test: Rows


def make_folds(
    levels: npt.NDArray[np.floating],
    subjects: npt.NDArray[np.str_],
    *,
    split: SplitSection,
) -> tuple[Fold, ...]:
    """Draw folds with like shares of every level.

    By subject, all faces of a person are in one part. By image, faces of one person may be in
    training and in the test, as in many published figures; those flatter. Leaving one out, every
    person is the test of a fold of their own, in the order of their names.

    Args:
        levels: (n,) pain level.
        subjects: (n,) whose face.
        split: how many folds, by what, and from which seed.

    Raises:
        DataError: too few people or faces.
    """
    rows = np.arange(len(levels), dtype=np.intp)
    drawn = []
    if split.leave_one_out:
        parts = _people(rows, subjects)
    else:
        parts = _parts(rows, levels, subjects, parts=split.folds, split=split)
    for number, (rest, test) in enumerate(parts):
        train, held = split_validation(rest, levels, subjects, split=split)
        drawn.append(Fold(number=number, train=train, validation=held, test=test))
    return tuple(drawn)


def split_validation(
    rows: Rows,
    levels: npt.NDArray[np.floating],
    subjects: npt.NDArray[np.str_],
    *,
    split: SplitSection,
) -> tuple[Rows, Rows]:
    """Part rows into training and validation, about ``split.validation`` in the second.

    Raises:
        DataError: too few people or faces.
    """
    share = min(split.validation, 1.0 - split.validation)
    parts = max(_MIN_PARTS, round(1.0 / share))
    groups = len(np.unique(subjects[rows])) if split.by is SplitBy.SUBJECT else len(rows)
    parts = min(parts, groups)
    larger, smaller = next(_parts(rows, levels, subjects, parts=parts, split=split))
    return (larger, smaller) if split.validation == share else (smaller, larger)


def _people(rows: Rows, subjects: npt.NDArray[np.str_]) -> Iterator[tuple[Rows, Rows]]:
    """Everybody else and the person, for each person."""
    people = np.unique(subjects)
    if len(people) <= _MIN_PARTS:
        raise DataError(
            f"{len(people)} people are too few to leave one out: of the others somebody stops the "
            "training; take a larger set"
        )
    for person in people:
        yield rows[subjects != person], rows[subjects == person]


def _parts(
    rows: Rows,
    levels: npt.NDArray[np.floating],
    subjects: npt.NDArray[np.str_],
    *,
    parts: int,
    split: SplitSection,
) -> Iterator[tuple[Rows, Rows]]:
    """The rest and the part, for each part of ``rows``."""
    by = split.by
    rounded = np.floor(levels[rows] + 0.5).astype(np.intp)
    groups = subjects[rows]
    available = len(np.unique(groups)) if by is SplitBy.SUBJECT else len(rows)
    what = "people" if by is SplitBy.SUBJECT else "faces"
    if available < parts or parts < _MIN_PARTS:
        raise DataError(
            f"{available} {what} are too few for {max(parts, _MIN_PARTS)} parts; take a larger "
            "set, or fewer split.folds"
        )
    if np.bincount(rounded).max() < parts:
        rounded[:] = 0  # no level has a face for every part: nothing to be like in
    if by is SplitBy.SUBJECT:
        splitter, kept = StratifiedGroupKFold(parts, shuffle=True, random_state=split.seed), groups
    else:
        splitter, kept = StratifiedKFold(parts, shuffle=True, random_state=split.seed), None
    with warnings.catch_warnings():
        # A level rarer than the folds is missing from some of them: the rule in small sets.
        warnings.filterwarnings("ignore", message=_RARE_CLASS)
        drawn = list(splitter.split(rows, rounded, kept))
    for rest, part in drawn:
        if not len(part) or not len(rest):
            raise DataError(
                f"one of {parts} parts by {by} is empty: a few people have most faces; take fewer "
                "split.folds"
            )
        yield rows[rest], rows[part]
