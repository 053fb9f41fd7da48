"""Whether anybody of a test was trained on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from export.evaluate.target import Target
from pain.errors import DataError
from train.data.choices import people_of
from train.data.sample import Dataset

_NAMED: Final = 3
"""So many people are named in a refusal."""


def refuse_known_people(
    test: Dataset, trained_on: Sequence[Path], *, one_picture_each: bool = False
) -> None:
    """Compare the people of a test with those of training sets, with and without a face.

    Args:
        test: the set that shall judge.
        trained_on: folders of sets that a bundle learnt from, was stopped or calibrated on.
        one_picture_each: somebody vouches that none of them shows a person twice.

    Raises:
        DataError: somebody is in both, or a set cannot be read.
    """
    for folder in trained_on:
        training = people_of(folder, one_picture_each=one_picture_each)
        both = sorted(set(test.subjects) & set(training.subjects))
        if both:
            raise DataError(
                f"{test.root}: {len(both)} of {len(test.subjects)} people are in {folder} too "
                f"({', '.join(both[:_NAMED])}{', ...' if len(both) > _NAMED else ''}); figures on "
                "people that were trained on say nothing. Give a set of other people with --data."
            )


def refuse_named_set(test: Dataset, targets: Sequence[Target]) -> None:
    """Refuse a set that a bundle's manifest names among its training data.

    Raises:
        DataError: it does.
    """
    name = re.compile(rf"(?<![\w-]){re.escape(test.name)}(?![\w-])")
    for target in targets:
        if name.search(target.bundle.training.data):
            raise DataError(
                f"{test.root}: {target.directory} learnt from {test.name} "
                f"({target.bundle.training.data!r}); give a set of other people with --data"
            )
