from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from train.study.estimate import (
    auroc,
    difference,
    estimate,
    mean_absolute_error,
    mean_of,
    pearson,
)

ROWS = np.arange(4)
PERSON = np.array(["a", "a", "b", "b"])


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (mean_of(np.array([True, False, True, True])), 0.75),
        (mean_absolute_error(np.array([1.0, 2, 3, 4]), np.array([2.0, 2, 3, 7])), 1.0),
        (pearson(np.array([1.0, 2, 3, 4]), np.array([8.0, 6, 4, 2])), -1.0),
        (auroc(np.array([1.0, 3, 2, 4]), np.array([False, False, True, True])), 0.75),
        (difference(mean_of(np.full(4, 3.0)), mean_of(np.arange(4.0))), 1.5),
    ],
)
def test_figures_are_what_a_person_would_compute(figure, value: float):
    assert figure(ROWS) == pytest.approx(value)


@pytest.mark.parametrize(
    "figure",
    [
        pearson(np.ones(4), np.arange(4.0)),
        pearson(np.arange(4.0), np.zeros(4)),
        auroc(np.arange(4.0), np.ones(4, bool)),
        auroc(np.arange(4.0), np.zeros(4, bool)),
    ],
)
def test_a_figure_that_the_rows_do_not_define_is_no_number(figure):
    assert math.isnan(figure(ROWS))
    assert estimate(figure, ROWS, PERSON) is None


def test_the_area_is_that_of_scikit_learn_ties_included():
    rng = np.random.default_rng(2)
    score, positive = rng.integers(0, 5, 60).astype(float), rng.random(60) < 0.3
    expected = roc_auc_score(positive, score)
    assert auroc(score, positive)(np.arange(60)) == pytest.approx(expected)


def test_nothing_is_said_of_no_rows():
    assert estimate(mean_of(np.ones(4)), np.array([], np.intp), PERSON) is None


def test_the_interval_draws_people_not_pictures(monkeypatch: pytest.MonkeyPatch):
    """Pictures of one person that agree are no evidence about other people."""
    monkeypatch.setattr("train.study.estimate.RESAMPLES", 400)
    person = np.repeat([f"p{i}" for i in range(10)], 50)
    values = np.repeat(np.arange(10.0), 50)
    rows = np.arange(500)
    by_person = estimate(mean_of(values), rows, person)
    by_picture = estimate(mean_of(values), rows, np.array([f"q{i}" for i in rows]))
    assert by_person is not None
    assert by_picture is not None
    assert by_person.high - by_person.low > 4 * (by_picture.high - by_picture.low)
    # Standard error of the mean of ten people 0..9 is 0.91.
    assert by_person.high - by_person.low == pytest.approx(2 * 1.96 * 0.91, rel=0.2)
    assert (by_person.samples, by_person.people) == (500, 10)


@settings(max_examples=10, deadline=None)
@given(shift=st.floats(-3, 3), seed=st.integers(0, 50))
def test_a_difference_of_the_same_pictures_has_no_spread(shift: float, seed: int):
    values = np.random.default_rng(seed).normal(size=40)
    person = np.repeat([f"p{i}" for i in range(8)], 5)
    found = estimate(difference(mean_of(values + shift), mean_of(values)), np.arange(40), person)
    assert found is not None
    assert found.low == pytest.approx(found.high, abs=1e-9)
    assert found.value == pytest.approx(shift, abs=1e-9)
