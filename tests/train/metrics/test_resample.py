"""The fast figures of a resample are the library's figures of the same faces repeated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.metrics.people import predictions
from train.metrics import calibration, classes, moments, ranking
from train.metrics.resample import draw_people, interval
from train.metrics.scored import Scored, scored
from train.objectives import Task

FAMILIES = (moments, classes, ranking, calibration)


def repeated(faces: Scored, weights: np.ndarray) -> Scored:
    """Every face as often as its person was drawn."""
    return faces.take(np.repeat(np.arange(len(faces)), weights[faces.person].astype(int)))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("people", [2, 3, 12])
def test_a_resample_is_the_faces_repeated(family, task: Task, people: int):
    faces = scored(predictions(people=people, each=6, task=task, seed=people))
    weights = draw_people(people, resamples=12, seed=1)
    found = family.resampled(faces, weights)
    for row, drawn in enumerate(weights):
        expected = family.values(repeated(faces, drawn))
        assert set(found) == set(expected)
        for name, value in expected.items():
            assert found[name][row] == pytest.approx(value, abs=1e-6, nan_ok=True), name


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_ties_and_constants_agree_too(data: st.DataObject):
    count = data.draw(st.integers(2, 8))
    grid = st.lists(st.integers(0, 3), min_size=count, max_size=count)
    level = np.array(data.draw(grid), float)
    faces = scored(
        predictions(
            people=count,
            each=1,
            task=Task.REGRESSION,
            truth=np.array(data.draw(grid), float),
            predicted=level,
            probabilities=np.eye(7)[level.astype(int)],
        )
    )
    weights = draw_people(count, resamples=3, seed=0)
    for family in FAMILIES:
        found = family.resampled(faces, weights)
        for row, drawn in enumerate(weights):
            for name, value in family.values(repeated(faces, drawn)).items():
                assert found[name][row] == pytest.approx(value, abs=1e-6, nan_ok=True), name


def test_people_are_drawn_with_replacement_and_reproducibly():
    weights = draw_people(30, resamples=50, seed=4)
    assert (weights.sum(axis=1) == 30).all()
    assert weights.max() > 1
    assert (weights == 0).any()
    np.testing.assert_array_equal(weights, draw_people(30, resamples=50, seed=4))
    assert (weights != draw_people(30, resamples=50, seed=5)).any()


def test_an_interval_leaves_out_what_is_not_defined():
    draws = np.linspace(0.0, 1.0, 1001)
    assert interval(draws) == pytest.approx((0.025, 0.975))
    assert interval(np.append(draws, [np.nan] * 900)) == pytest.approx((0.025, 0.975))
    assert np.isnan(interval(np.append(draws, [np.nan] * 1100))).all()
    assert np.isnan(interval(np.full(10, np.nan))).all()
