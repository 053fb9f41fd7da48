"""People must be told apart: the same face in training and in the test makes every figure a lie."""

from __future__ import annotations

from collections.abc import Sequence

from pain.errors import DataError
from train.data.sample import Sample


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
