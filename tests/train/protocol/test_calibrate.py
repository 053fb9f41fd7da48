from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.protocol.calibrate import (
    UNCALIBRATED,
    Calibration,
    classes_of,
    expected,
    fit_calibration,
    fit_operating_point,
    fit_temperature,
    fit_thresholds,
)


def drawn(n: int, classes: int, sharpness: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Honest probabilities, the truth drawn from them, then made too sharp or too dull."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, classes))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(classes, p=p) for p in honest])
    told = np.exp(logits * sharpness)
    return told / told.sum(axis=1, keepdims=True), truth


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_was_done(sharpness: float):
    told, truth = drawn(3000, 7, sharpness)
    assert fit_temperature(told, truth) == pytest.approx(sharpness, rel=0.12)


def test_temperature_keeps_order_and_sums():
    told, _ = drawn(50, 7, 1.0)
    tempered = Calibration(temperature=2.5).probabilities(told)
    np.testing.assert_allclose(tempered.sum(axis=1), 1.0)
    np.testing.assert_array_equal(tempered.argsort(axis=1), told.argsort(axis=1))
    np.testing.assert_allclose(UNCALIBRATED.probabilities(told), told, atol=1e-9)


@given(st.lists(st.floats(0.0, 6.0), min_size=6, max_size=6), st.floats(0.0, 6.0))
def test_the_level_rounds_to_the_side_of_the_thresholds_and_rises(borders: list[float], raw: float):
    thresholds = tuple(sorted(borders))
    calibration = Calibration(thresholds=thresholds)
    low, high = int(raw), min(int(raw) + 1, 6)
    shares = np.zeros((1, 7))
    shares[0, low] += 1.0 - (raw - low)
    shares[0, high] += raw - low
    level = float(calibration.level(shares)[0])
    mean = float(expected(shares)[0])
    above = sum(mean > border for border in thresholds)
    at_least = sum(mean >= border for border in thresholds)
    assert above - 0.5 - 1e-9 <= level <= at_least + 0.5 + 1e-9
    assert 0.0 <= level <= 6.0


def test_thresholds_undo_a_shrunk_scale():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 7, 2000)
    raw = 1.5 + 0.5 * truth + rng.normal(0, 0.05, 2000)
    found = fit_thresholds(raw, truth, count=6)
    np.testing.assert_allclose(found, 1.5 + 0.5 * (np.arange(6) + 0.5), atol=0.15)


def test_few_faces_move_nothing():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 7, 30)
    raw = np.clip(truth + rng.normal(0, 0.7, 30), 0, 6)
    found = fit_thresholds(raw, truth, count=6)
    np.testing.assert_allclose(found, np.arange(6) + 0.5, atol=0.6)


@given(st.lists(st.tuples(st.floats(0.0, 6.0), st.integers(0, 6)), min_size=1, max_size=40))
def test_thresholds_ascend_within_the_scale(rows: list[tuple[float, int]]):
    raw, truth = np.array([a for a, _ in rows]), np.array([b for _, b in rows])
    found = fit_thresholds(raw, truth, count=6)
    assert list(found) == sorted(found)
    assert all(0.0 <= border <= 6.0 for border in found)


def test_the_operating_point_lies_between_the_classes():
    probability = np.array([0.1, 0.2, 0.25, 0.31, 0.4])
    pain = np.array([False, False, False, True, True])
    assert fit_operating_point(probability, pain) == pytest.approx(0.28)
    assert fit_operating_point(probability, np.zeros(5, bool)) == 0.5


@pytest.mark.parametrize(
    ("level", "seven", "two"),
    [(0.0, 0, 0), (0.49, 0, 0), (0.5, 1, 1), (2.5, 3, 1), (6.0, 6, 1)],
)
def test_classes_are_nearest_whole_levels(level: float, seven: int, two: int):
    levels = np.array([level], np.float32)
    assert classes_of(levels, binary=False)[0] == seven
    assert classes_of(levels, binary=True)[0] == two


@pytest.mark.parametrize(
    ("classes", "thresholds", "count"), [(7, True, 6), (7, False, None), (2, True, 1)]
)
def test_what_is_asked_for_is_fitted(classes: int, thresholds: bool, count: int | None):
    told, truth = drawn(400, classes, 2.0)
    fitted = fit_calibration(
        told, truth.astype(np.float32), temperature=True, thresholds=thresholds
    )
    assert fitted.temperature > 1.2
    assert (fitted.thresholds and len(fitted.thresholds)) == count
