"""Known answers, and what is not defined."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.train.metrics.people import predictions
from train.metrics import (
    Predictions,
    calibration,
    classes,
    confusion_matrix,
    moments,
    ranking,
    reliability,
)
from train.metrics.moments import icc_3_1
from train.metrics.scored import nearest_whole, scored
from train.objectives import Task, has_pain, nearest_level

SHROUT_AND_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)
"""Table 2 of Shrout & Fleiss 1979: six targets, four judges."""


def figures(found: Predictions) -> dict[str, float]:
    faces = scored(found)
    return {
        name: value
        for family in (moments, classes, ranking, calibration)
        for name, value in family.values(faces).items()
    }


def few(
    truth: list[float],
    predicted: list[float],
    kind: list[str] | None = None,
    task: Task = Task.REGRESSION,
) -> Predictions:
    """One person's faces with these levels; probabilities are sure of the nearest one."""
    count = len(truth)
    level = np.array(predicted, float)
    classes_of = 2 if task is Task.BINARY else 7
    return predictions(
        people=1,
        each=count,
        task=task,
        truth=np.array(truth, float),
        predicted=level,
        probabilities=np.eye(classes_of)[nearest_whole(level)],
        kind=np.array(kind or [""] * count),
    )


def test_icc_of_shrout_and_fleiss():
    assert icc_3_1(SHROUT_AND_FLEISS) == pytest.approx(0.71, abs=0.005)


@pytest.mark.parametrize(
    ("second", "expected"),
    [([0, 1, 2, 3], 1.0), ([2, 3, 4, 5], 1.0), ([3, 2, 1, 0], -1.0), ([0, 2, 4, 6], 0.8)],
)
def test_icc_forgives_an_offset_and_not_a_slope(second: list[float], expected: float):
    assert icc_3_1(np.array([[0, 1, 2, 3], second], float).T) == pytest.approx(expected)


def test_errors_and_rounded_accuracy_of_a_regression():
    found = figures(few([0, 2, 4, 6], [0.4, 2.5, 4.0, 4.0]))
    assert found["mae"] == pytest.approx((0.4 + 0.5 + 0.0 + 2.0) / 4)
    assert found["mse"] == pytest.approx((0.16 + 0.25 + 0.0 + 4.0) / 4)
    assert found["accuracy"] == 0.5  # 2.5 is nearest to 3
    assert found["pcc"] == pytest.approx(np.corrcoef([0, 2, 4, 6], [0.4, 2.5, 4, 4])[0, 1])


def test_the_ordinal_task_calls_the_calibrated_level_in_every_figure():
    shares = np.tile([0.5, 0.3, 0.2, 0.0, 0.0, 0.0, 0.0], (4, 1))
    level = np.array([0.49, 0.5, 1.4, 1.5])
    found = predictions(
        people=1, each=4, probabilities=shares, predicted=level, truth=np.array([1.0, 1, 1, 0])
    )
    assert scored(found).predicted_class.tolist() == [0, 1, 1, 2]
    matrix = confusion_matrix(found)
    points = reliability(found)
    said = figures(found)["accuracy"]
    assert said == matrix.trace() / matrix.sum() == 0.5
    assert (points.accuracy * points.samples).sum() / 4 == said


def test_classes():
    found = figures(few([0, 0, 1, 1, 2], [0, 1, 1, 1, 0]))
    assert found["precision_0"] == found["recall_0"] == found["f1_0"] == 0.5
    assert found["precision_1"] == pytest.approx(2 / 3)
    assert found["recall_1"] == 1.0
    assert found["f1_1"] == pytest.approx(0.8)
    assert np.isnan(found["precision_2"])  # never called
    assert found["recall_2"] == found["f1_2"] == 0.0
    assert np.isnan([found["precision_3"], found["recall_3"], found["f1_3"]]).all()
    assert found["f1_macro"] == pytest.approx((0.5 + 0.8 + 0.0) / 3)
    assert found["f1_weighted"] == pytest.approx((2 * 0.5 + 2 * 0.8 + 0.0) / 5)
    assert found["f1_micro"] == found["precision_micro"] == found["accuracy"] == pytest.approx(0.6)


def test_kappa_charges_the_square_of_the_distance():
    near = figures(few([0, 1, 2, 3], [0, 1, 2, 2]))["quadratic_kappa"]
    far = figures(few([0, 1, 2, 3], [0, 1, 2, 1]))["quadratic_kappa"]
    # By hand: 1 or 4 is observed, and 8 expected from either margin.
    assert (near, far) == (pytest.approx(1 - 1 / 8), pytest.approx(1 - 4 / 8))


def test_pain_is_told_from_none_and_from_hard_negatives():
    found = figures(
        few(
            [0, 0, 0, 2, 4, 6],
            [0.0, 0.1, 3.0, 1.0, 2.0, 5.0],
            ["neutral", "neutral", "other", "pain", "pain", "pain"],
        )
    )
    assert found["auroc_any_pain_vs_no_pain"] == pytest.approx((2 + 2 + 3) / 9)
    assert found["auroc_any_pain_vs_hard_negatives"] == pytest.approx(1 / 3)
    assert found["auroc_moderate_pain_vs_no_pain"] == pytest.approx((2 + 3) / 6)
    assert found["auroc_moderate_pain_vs_hard_negatives"] == pytest.approx(1 / 2)


def test_a_hard_negative_is_never_a_positive_however_it_was_rated():
    found = figures(few([1.0, 4.0, 4.0], [1.0, 5.0, 2.0], ["neutral", "other", "pain"]))
    assert found["auroc_moderate_pain_vs_hard_negatives"] == 0.0
    assert found["auroc_any_pain_vs_hard_negatives"] == 0.0
    assert np.isnan(found["auroc_moderate_pain_vs_no_pain"])


def test_the_binary_task_is_scored_on_pain_or_none():
    found = figures(few([0, 0.4, 0.5, 6], [0.1, 0.6, 0.7, 0.9], task=Task.BINARY))
    assert found["mae"] == pytest.approx((0.1 + 0.6 + 0.3 + 0.1) / 4)
    assert found["accuracy"] == 0.75
    assert found["recall_0"] == 0.5
    assert found["auroc_any_pain_vs_no_pain"] == 1.0
    assert "precision_2" not in found


def test_a_network_that_is_as_right_as_it_is_sure_has_no_calibration_error():
    shares = np.zeros((10, 7))
    shares[:, 0], shares[:, 1] = 0.8, 0.2
    truth = np.array([0.0] * 8 + [1.0] * 2)
    found = predictions(
        people=1, each=10, truth=truth, probabilities=shares, predicted=np.full(10, 0.2)
    )
    assert figures(found)["ece"] == pytest.approx(0.0, abs=1e-6)
    points = reliability(found)
    assert (points.confidence.tolist(), points.accuracy.tolist()) == ([pytest.approx(0.8)], [0.8])
    assert points.samples.tolist() == [10]
    sure = np.eye(7)[np.zeros(10, int)]
    over = predictions(people=1, each=10, truth=truth, probabilities=sure, predicted=np.zeros(10))
    assert figures(over)["ece"] == pytest.approx(0.2)
    assert reliability(over).accuracy.tolist() == [0.8]


def test_reliability_sums_to_the_calibration_error():
    found = predictions(people=30)
    points = reliability(found)
    error = (np.abs(points.accuracy - points.confidence) * points.samples).sum() / len(found)
    assert figures(found)["ece"] == pytest.approx(error, abs=1e-6)
    assert points.samples.sum() == len(found)


def test_the_confusion_matrix_has_the_truth_in_its_rows():
    matrix = confusion_matrix(few([0, 3, 3], [0, 5, 3]))
    assert matrix.shape == (7, 7)
    assert matrix.sum() == 3
    assert matrix[0, 0] == matrix[3, 5] == matrix[3, 3] == 1
    assert confusion_matrix(few([0, 3], [0.9, 0.9], task=Task.BINARY)).tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("truth", "predicted", "undefined"),
    [
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], {"pcc"}),
        ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], {"pcc"}),
        ([2.0, 2.0], [2.0, 2.0], {"pcc", "icc_3_1", "quadratic_kappa"}),
        ([2.0], [3.0], {"pcc", "icc_3_1"}),
    ],
)
def test_what_is_not_defined_is_nan_without_a_warning(
    truth: list[float], predicted: list[float], undefined: set[str]
):
    found = figures(few(truth, predicted))
    scalar = {"mse", "mae", "pcc", "icc_3_1", "accuracy", "quadratic_kappa", "f1_macro", "ece"}
    assert {name for name in scalar if np.isnan(found[name])} == undefined
    assert np.isnan(found["auroc_any_pain_vs_no_pain"])


def test_both_halves_of_training_take_the_same_nearest_level():
    level = np.linspace(0.0, 6.0, 601)
    np.testing.assert_array_equal(nearest_whole(level), nearest_level(torch.from_numpy(level)))
    faces = scored(predictions(people=1, each=601, truth=level, kind=np.array([""] * 601)))
    np.testing.assert_array_equal(faces.any_pain, has_pain(torch.from_numpy(level)))
