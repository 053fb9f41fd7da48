"""What the landmark model learns, and that it learns it from other people than it is judged on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.train.landmarks.synthetic import population
from train.landmarks.crossval import cross_validate
from train.landmarks.evaluate import Result, evaluate
from train.landmarks.faces import UNITS, FaceTable
from train.landmarks.fit import FitSettings, fit

QUICK = FitSettings(components=20, inner_folds=3)


@pytest.fixture(scope="module")
def faces() -> FaceTable:
    return population()


@pytest.fixture(scope="module")
def results(faces: FaceTable) -> list[Result]:
    """What the quick model is judged at, over people that it has not seen."""
    return evaluate(faces, cross_validate(faces, QUICK))


def figures(results: list[Result]) -> dict[tuple[str, str], float]:
    return {(result.metric, result.subset): result.value for result in results}


def test_level_rises_with_pain_and_not_with_smiles(results: list[Result]) -> None:
    found = figures(results)
    assert found["level_mae", "all"] < 0.5 * found["level_mae", "mean_predictor"]
    assert found["auroc_pain_vs", "other_expressions"] > 0.95
    assert found["level_mean", "smile"] < 1.0
    assert found["level_mean", "pain_level_5_to_6"] > 4.5


def test_the_link_undoes_the_shrinkage_of_ridge(faces: FaceTable) -> None:
    noisy = replace(
        faces,
        landmarks=faces.landmarks
        + np.random.default_rng(1).normal(0.0, 0.03, faces.landmarks.shape).astype(np.float32),
    )
    predicted = cross_validate(noisy, QUICK)
    slope = np.polyfit(noisy.level, predicted.level, 1)[0]
    assert 0.8 < slope < 1.2


def test_no_person_is_in_training_and_in_test(
    faces: FaceTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[set[str], int]] = []

    def spy(train: FaceTable, settings: FitSettings) -> object:
        seen.append((set(train.person), len(train)))
        return fit(train, settings)

    monkeypatch.setattr("train.landmarks.crossval.fit", spy)
    cross_validate(faces, QUICK, folds=5)
    everybody = set(faces.person)
    held_out = [everybody - people for people, _ in seen]
    assert len(held_out) == 5
    assert set.union(*held_out) == everybody
    assert sum(map(len, held_out)) == len(everybody)
    # Every face of a training person is in, so none of the person's faces can be in the test.
    assert all(rows == np.isin(faces.person, list(people)).sum() for people, rows in seen)


def test_labels_that_follow_the_person_alone_are_not_learnt() -> None:
    """A leak over people would score far above chance here."""
    faces = population(people=40)
    rng = np.random.default_rng(3)
    of_person = dict(zip(np.unique(faces.person), rng.uniform(0, 6, 40), strict=True))
    still = population(people=40)
    landmarks = np.repeat(still.landmarks[::8], 8, axis=0)  # every face of a person is the same
    level = np.array([of_person[name] for name in faces.person])
    shuffled = replace(faces, landmarks=landmarks, level=level)
    try:
        predicted = cross_validate(shuffled, QUICK)
    except ValueError:  # the regression does not rise with the truth: the honest answer to chance
        return
    assert abs(np.corrcoef(predicted.level, level)[0, 1]) < 0.45


def test_the_same_faces_give_the_same_model(faces: FaceTable) -> None:
    first, second = fit(faces, QUICK), fit(faces, QUICK)
    np.testing.assert_array_equal(first.weights, second.weights)
    assert first.link == second.link


def test_too_few_people_are_refused(faces: FaceTable) -> None:
    few = faces.take(np.isin(faces.person, ["p000", "p001"]))
    with pytest.raises(ValueError, match="2 people are too few"):
        fit(few, QUICK)
    with pytest.raises(ValueError, match="2 people are too few"):
        cross_validate(few, QUICK)


def test_columns_of_another_length_are_refused(faces: FaceTable) -> None:
    with pytest.raises(ValueError, match=r"level has shape \(3,\)"):
        replace(faces, level=np.zeros(3))


def test_probabilities_are_a_distribution_with_the_level_as_mean(faces: FaceTable) -> None:
    predicted = fit(faces, QUICK).predict(faces.landmarks)
    np.testing.assert_allclose(predicted.probabilities.sum(axis=1), 1.0, atol=1e-12)
    assert predicted.probabilities.min() >= 0.0
    np.testing.assert_allclose(predicted.probabilities @ np.arange(7), predicted.level, atol=1e-12)
    assert predicted.units.shape == (len(faces), len(UNITS))


def test_intervals_hold_the_value_and_count_people(results: list[Result]) -> None:
    for result in results:
        assert result.low - 1e-9 <= result.value <= result.high + 1e-9, result
        assert 0 < result.people <= 30
        assert result.faces >= result.people
