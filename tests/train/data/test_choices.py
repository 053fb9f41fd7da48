from __future__ import annotations

from pathlib import Path

import pytest

from pain.errors import DataError, UsageError
from tests.train.data.trees import GOOD_CSV, csv_folder
from train.data.choices import AS_IT_SAYS, choices_of, people_of
from train.data.open import DatasetKind, open_dataset
from train.data.reading import RatingScale
from train.data.sample import Origin


def test_words_become_choices_and_words_again() -> None:
    words = ("kind=delaware", "origin=real", "rating_scale=1-7", "one_picture_each=true")
    found = choices_of(words)
    assert found.kind is DatasetKind.DELAWARE
    assert found.reading.origin is Origin.REAL
    assert found.reading.rating_scale is RatingScale.ONE_TO_SEVEN
    assert found.pairs() == words
    assert choices_of(None) == AS_IT_SAYS
    assert AS_IT_SAYS.pairs() == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [((), ()), (("origin=real",), ()), (("kind=csv", "level_from_pspi=true"), ("kind=unbc",))],
)
def test_the_difference_makes_one_out_of_the_other(one: list[str], other: list[str]) -> None:
    mine, theirs = choices_of(one), choices_of(other)
    assert theirs.changed(mine.difference(theirs)) == mine
    assert mine.changed(theirs.difference(mine)) == theirs


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("scale=1-7", "--read scale=1-7: unknown; write KEY=VALUE with one of kind, origin, "),
        ("rating_scale=0-10", "must be one of 0-6, 1-7"),
        ("kind=folder", "must be one of auto, residents, "),
        ("level_from_pspi=yes", "write level_from_pspi=true or level_from_pspi=false"),
        ("origin", "--read origin: write KEY=VALUE"),
    ],
)
def test_a_word_that_says_nothing_is_refused(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        choices_of([word])


def test_people_are_read_without_knowing_what_the_levels_mean(tmp_path: Path) -> None:
    unsaid = csv_folder(tmp_path / "set", GOOD_CSV.replace(",origin", "").replace(",real", ""))
    with pytest.raises(DataError, match="--origin"):
        open_dataset(unsaid)
    assert set(people_of(unsaid).subjects) == {"ann", "bob"}


def test_people_who_cannot_be_told_apart_stay_so_unless_somebody_vouches(tmp_path: Path) -> None:
    each = "image,subject,level\na1.png,1,0\na2.png,2,1\nb1.png,3,2\nb2.png,4,3\n"
    unsaid = csv_folder(tmp_path / "set", each)
    with pytest.raises(DataError):
        people_of(unsaid)
    assert len(people_of(unsaid, one_picture_each=True).subjects) == 4
