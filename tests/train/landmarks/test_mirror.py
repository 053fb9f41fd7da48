"""Left and right count the same."""

from __future__ import annotations

import numpy as np
import pytest

from tests.train.landmarks.synthetic import population
from train.landmarks.fit import FitSettings, fit
from train.landmarks.mirror import mirror_order, symmetric


def test_counterparts_are_found_in_the_mean_face() -> None:
    order = mirror_order(population().landmarks.mean(axis=0, dtype=np.float64))
    np.testing.assert_array_equal(order, np.roll(np.arange(478), 239))


def test_a_face_that_is_no_mirror_of_itself_is_refused() -> None:
    lopsided = np.random.default_rng(0).uniform(0.0, 1.0, (478, 3))
    with pytest.raises(ValueError, match="not symmetric"):
        mirror_order(lopsided)


def test_a_face_scores_as_its_mirror_image() -> None:
    faces = population()
    model = fit(faces, FitSettings(components=20, inner_folds=3))
    mirrored = (faces.landmarks * (-1.0, 1.0, 1.0))[:, model.mirror].astype(np.float32)
    np.testing.assert_allclose(
        model.predict(mirrored).level, model.predict(faces.landmarks).level, atol=1e-6
    )


def test_averaging_twice_changes_nothing_more() -> None:
    faces = population(people=4)
    order = mirror_order(population().landmarks.mean(axis=0, dtype=np.float64))
    once = symmetric(faces.landmarks, order)
    np.testing.assert_allclose(symmetric(once, order), once, atol=1e-12)


def test_the_folded_matrix_computes_the_same() -> None:
    faces = population()
    model = fit(faces, FitSettings(components=20, inner_folds=3))
    flat = faces.landmarks.reshape(len(faces), -1).astype(np.float64)
    folded = (flat - model.mean) @ model.folded() + model.intercept
    np.testing.assert_allclose(folded, model.regress(faces.landmarks), atol=1e-9)
