from __future__ import annotations

import numpy as np
import pytest

from pain.errors import DataError
from train.study.regress import folds_by_person, held_out, held_out_mean

PERSON = np.repeat([f"p{i:02d}" for i in range(20)], 5)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_nobody_is_trained_and_tested_on_and_everybody_is_tested_once(folds: int):
    tested = []
    for train, test in folds_by_person(PERSON, folds):
        assert not set(PERSON[train]) & set(PERSON[test])
        tested += test.tolist()
    assert sorted(tested) == list(range(len(PERSON)))


def test_too_few_people_are_refused():
    with pytest.raises(DataError, match="3 people with faces are too few for 5 folds"):
        folds_by_person(PERSON[:15])


@pytest.mark.parametrize("components", [None, 10])
def test_a_planted_linear_relation_is_recovered(rng: np.random.Generator, components: int | None):
    axes = rng.normal(size=(6, 30))
    hidden = rng.normal(size=(len(PERSON), 6))
    targets = hidden @ rng.normal(size=(6, 2)) + 5.0
    features = hidden @ axes + rng.normal(0, 0.01, (len(PERSON), 30))
    predicted = held_out(features, targets, PERSON, components=components)
    assert np.abs(predicted - targets).mean() < 0.05


@pytest.mark.parametrize("components", [None, 10])
def test_what_belongs_to_the_person_alone_is_not_learnt(
    rng: np.random.Generator, components: int | None
):
    """Labels that follow a person's looks are learnt by heart when people cross folds."""
    looks = rng.normal(size=(20, 30))
    label = rng.normal(size=20)
    features = np.repeat(looks, 5, axis=0) + rng.normal(0, 0.01, (len(PERSON), 30))
    targets = np.repeat(label, 5)[:, None]
    predicted = held_out(features, targets, PERSON, components=components)
    assert np.corrcoef(predicted[:, 0], targets[:, 0])[0, 1] < 0.4


def test_noise_is_shrunk_to_the_mean(rng: np.random.Generator):
    targets = rng.normal(size=(len(PERSON), 1))
    predicted = held_out(rng.normal(size=(len(PERSON), 40)), targets, PERSON)
    assert predicted.std() < 0.3 * targets.std()


def test_the_mean_predictor_has_not_seen_the_person_either():
    targets = np.repeat(np.arange(20.0), 5)[:, None]
    for _, test in folds_by_person(PERSON):
        others = ~np.isin(PERSON, PERSON[test])
        assert held_out_mean(targets, PERSON)[test] == pytest.approx(targets[others].mean())
