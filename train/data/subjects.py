"""People must be told apart: the same face in training and in the test makes every figure a lie."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pain.errors import DataError
from train.data.sample import Dataset, Sample

_WHOLE: Final = re.compile(r"(\d+)[.,]0+")
_LEADING_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")


def person_key(subject: str) -> str:
    """What is left of an identifier when what programs change by themselves is taken out.

    Excel drops leading zeros (``007``, ``7``), pandas makes ``7.0`` of a column with a gap, macOS
    takes accents from their letters, people vary case and blanks. Two identifiers of one key are
    one person: to join two people costs a face, to part one person makes every figure a lie.
    """
    folded = unicodedata.normalize("NFKC", subject).casefold()
    folded = " ".join(unicodedata.normalize("NFKC", folded).split())
    whole = _WHOLE.fullmatch(folded)
    return _LEADING_ZEROS.sub("", whole[1] if whole else folded)


def with_joined_subjects(dataset: Dataset) -> Dataset:
    """The set with one identifier a person, by ``person_key``; what was joined is listed in it."""
    counts = Counter(sample.subject for sample in dataset.samples)
    groups: dict[str, list[str]] = defaultdict(list)
    for subject in counts:
        groups[person_key(subject)].append(subject)
    joined = [group for group in groups.values() if len(group) > 1]
    if not joined:
        return dataset
    # The name that most pictures have stays.
    kept = {name: max(group, key=lambda one: counts[one]) for group in joined for name in group}
    samples = [replace(s, subject=kept.get(s.subject, s.subject)) for s in dataset.samples]
    whole = replace(dataset, samples=tuple(samples), joined=tuple(map(tuple, joined)))
    return replace(whole, notes=(*dataset.notes, *joined_notes(whole)))


def joined_notes(dataset: Dataset) -> tuple[str, ...]:
    """Who was read as one person though written differently, in words; empty when nobody was."""
    if not dataset.joined:
        return ()
    shown = "; ".join(", ".join(map(repr, group)) for group in dataset.joined)
    return (f"read as one person each, though written differently: {shown}",)


def require_subjects(
    samples: Sequence[Sample], *, name: str, one_picture_each: bool = False
) -> None:
    """Refuse a set whose people cannot be told apart.

    Args:
        samples: the whole set.
        name: of the set, for the message.
        one_picture_each: the user vouches that no two samples show the same person.

    Raises:
        DataError: no sample, one subject for all, or a subject of its own for every picture.
    """
    if not samples:
        raise DataError(f"{name} holds no usable sample.")
    subjects = {sample.subject for sample in samples}
    if len(subjects) == 1:
        raise DataError(
            f"All {len(samples)} samples of {name} belong to one subject, "
            f"{next(iter(subjects))!r}. People must be told apart, because a person who is in "
            "training must not be in the test. Give every person an identifier of their own."
        )
    if len(subjects) == len(samples) and not one_picture_each:
        raise DataError(
            f"Every one of the {len(samples)} samples of {name} has a subject of its own, as if "
            "the subject were the picture's number. Pictures of one person could then fall on both "
            "sides of a split. Name the person in the subject column; if every picture really "
            "shows another person, say so with --one-picture-each."
        )
