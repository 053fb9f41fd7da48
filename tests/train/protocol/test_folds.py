from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain.errors import DataError
from train.experiment.schema import SplitBy, SplitSection
from train.protocol.folds import make_folds, split_validation


def table(people: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    subjects = np.repeat([f"p{number:03d}" for number in range(people)], each)
    return rng.uniform(0, 6, people * each).astype(np.float32), subjects


@settings(max_examples=30)
@given(
    people=st.integers(8, 30),
    each=st.integers(1, 6),
    folds=st.integers(2, 5),
    seed=st.integers(0, 1000),
)
def test_no_person_is_in_two_parts_of_a_fold(people: int, each: int, folds: int, seed: int):
    levels, subjects = table(people, each, seed)
    levels[: people * each // 2] = 0.0
    drawn = make_folds(levels, subjects, split=SplitSection(folds=folds, seed=seed))
    assert np.array_equal(
        np.sort(np.concatenate([fold.test for fold in drawn])), np.arange(len(levels))
    )
    for fold in drawn:
        parts = [set(subjects[rows]) for rows in (fold.train, fold.validation, fold.test)]
        assert all(parts)
        assert sum(map(len, parts)) == len(set.union(*parts)) == people


def test_image_wise_folds_share_people():
    levels, subjects = table(10, 10)
    drawn = make_folds(levels, subjects, split=SplitSection(by=SplitBy.IMAGE))
    for fold in drawn:
        assert set(subjects[fold.test]) & set(subjects[fold.train])
        rows = np.concatenate([fold.train, fold.validation, fold.test])
        assert np.array_equal(np.sort(rows), np.arange(100))


def test_folds_have_like_shares_of_every_level():
    subjects = np.repeat([f"p{number:03d}" for number in range(50)], 7)
    levels = np.tile(np.arange(7, dtype=np.float32), 50)
    for fold in make_folds(levels, subjects, split=SplitSection()):
        assert np.ptp(np.bincount(levels[fold.test].astype(int))) <= 1


def test_the_seed_decides():
    levels, subjects = table(20, 5)
    one, same, other = (
        make_folds(levels, subjects, split=SplitSection(seed=seed)) for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a.test, b.test) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a.test, b.test) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("share", "expected"), [(0.2, 20), (0.5, 50), (0.8, 80), (0.1, 10)])
def test_the_validation_share_is_kept(share: float, expected: int):
    levels, subjects = table(100, 1)
    train, held = split_validation(
        np.arange(100), np.round(levels), subjects, split=SplitSection(validation=share)
    )
    assert len(held) == pytest.approx(expected, abs=4)
    assert len(train) + len(held) == 100


@pytest.mark.parametrize(
    ("people", "folds", "says"), [(3, 5, "3 people are too few for 5"), (2, 2, "too few")]
)
def test_too_few_people_are_refused(people: int, folds: int, says: str):
    levels, subjects = table(people, 10)
    with pytest.raises(DataError, match=says):
        make_folds(np.zeros_like(levels), subjects, split=SplitSection(folds=folds))


def test_leaving_one_out_everybody_is_tested_once_by_all_others():
    levels, subjects = table(people=6, each=4)
    drawn = make_folds(levels, subjects, split=SplitSection(leave_one_out=True))
    assert [set(subjects[fold.test]) for fold in drawn] == [{who} for who in np.unique(subjects)]
    for fold in drawn:
        parts = [set(subjects[rows]) for rows in (fold.train, fold.validation, fold.test)]
        assert all(parts)
        assert len(set.union(*parts)) == sum(map(len, parts)) == 6
        assert len(fold.train) + len(fold.validation) + len(fold.test) == len(levels)


def test_two_people_are_too_few_to_leave_one_out():
    levels, subjects = table(people=2, each=4)
    with pytest.raises(DataError, match="2 people are too few to leave one out"):
        make_folds(levels, subjects, split=SplitSection(leave_one_out=True))


def test_leaving_a_person_out_needs_people_kept_together():
    with pytest.raises(ValueError, match="leave by at subject"):
        SplitSection(leave_one_out=True, by=SplitBy.IMAGE)
