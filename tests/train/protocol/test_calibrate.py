from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from train.objectives import Task
from train.objectives.point import binomial
from train.protocol.calibrate import (
    NARROWEST,
    UNCALIBRATED,
    Calibration,
    apart,
    classes_of,
    fit_calibration,
    fit_level_temperature,
    fit_operating_point,
    fit_spread,
    fit_temperature,
    fit_thresholds,
    mean_class,
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
    tempered = Calibration(temperature=2.5).read(torch.from_numpy(told)).probabilities.numpy()
    np.testing.assert_allclose(tempered.sum(axis=1), 1.0)
    np.testing.assert_array_equal(tempered.argsort(axis=1), told.argsort(axis=1))
    same = UNCALIBRATED.read(torch.from_numpy(told))
    np.testing.assert_array_equal(same.probabilities.numpy(), told)
    np.testing.assert_allclose(same.level.numpy(), told @ np.arange(7))


@given(st.lists(st.floats(0.0, 6.0), min_size=6, max_size=6), st.floats(0.0, 6.0))
def test_the_level_rounds_to_the_side_of_the_thresholds_and_rises(borders: list[float], raw: float):
    thresholds = apart(sorted(borders))
    calibration = Calibration(thresholds=thresholds)
    low, high = int(raw), min(int(raw) + 1, 6)
    shares = torch.zeros((1, 7), dtype=torch.float64)
    shares[0, low] += 1.0 - (raw - low)
    shares[0, high] += raw - low
    level = float(calibration.read(shares).level[0])
    mean = float(mean_class(shares)[0])
    above = sum(mean > border + 1e-9 for border in thresholds)
    at_least = sum(mean >= border - 1e-9 for border in thresholds)
    assert above - 0.5 - 1e-6 <= level <= at_least + 0.5 + 1e-6
    assert 0.0 <= level <= 6.0 + 1e-9


@pytest.mark.parametrize(
    "borders", [(0.0, 1.5, 2.5, 3.5, 4.5, 5.5), (0.5, 1.5, 1.5, 3.5, 4.5, 5.5), (1.0, 0.9)]
)
def test_thresholds_that_leave_a_level_no_room_are_refused(borders: tuple[float, ...]):
    with pytest.raises(ValueError, match="rise strictly"):
        Calibration(thresholds=borders)


@given(st.lists(st.floats(0.0, 6.0), min_size=6, max_size=6))
def test_borders_are_moved_apart_and_no_further_than_needed(borders: list[float]):
    found = np.array(apart(borders))
    gaps = np.diff([0.0, *found, 6.0])
    assert (gaps >= NARROWEST - 1e-9).all()
    np.testing.assert_allclose(apart(found.tolist()), found, atol=1e-9)


def test_a_level_between_two_tied_borders_is_still_called():
    """Level 1 is rare and hardly parted from level 2: both its borders are best at one place."""
    rng = np.random.default_rng(2)
    truth = np.repeat([0, 1, 2, 4], [300, 12, 300, 100])
    raw = np.clip(0.9 * truth + rng.normal(0, 0.3, len(truth)), 0, 6)
    raw[truth == 1] = rng.uniform(0.4, 1.4, 12)
    found = fit_thresholds(raw, truth, count=6)
    shares = torch.zeros((len(raw), 7), dtype=torch.float64)
    whole = np.minimum(raw.astype(int), 5)
    rows = np.arange(len(raw))
    shares[rows, whole] = torch.from_numpy(1.0 - (raw - whole))
    shares[rows, whole + 1] = torch.from_numpy(raw - whole)
    level = Calibration(thresholds=found).read(shares).level.numpy()
    assert (classes_of(level, binary=False) == 1).any()


@pytest.mark.parametrize("spread", [-0.9, -0.3, 0.0, 0.4, 0.9])
def test_a_spread_leaves_every_level_where_it_is(spread: float):
    level = torch.linspace(0.0, 6.0, 61, dtype=torch.float64)
    said = Calibration(spread=spread).read(binomial(level / 6.0))
    torch.testing.assert_close(said.level, level)
    torch.testing.assert_close(said.probabilities.sum(dim=1), torch.ones_like(level))
    torch.testing.assert_close(mean_class(said.probabilities), level)
    assert bool((said.probabilities >= 0.0).all())


@pytest.mark.parametrize(("noise", "wider"), [(0.2, False), (2.5, True)])
def test_the_spread_follows_the_errors(noise: float, *, wider: bool):
    rng = np.random.default_rng(3)
    level = rng.uniform(1.0, 5.0, 1500)
    truth = classes_of(level + rng.normal(0, noise, 1500), binary=False)
    found = fit_spread(binomial(torch.from_numpy(level) / 6.0).numpy(), truth)
    assert found > 0.3 if wider else found < -0.3


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
    assert (np.diff([0.0, *found, 6.0]) >= NARROWEST - 1e-9).all()


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
    ("task", "thresholds", "count"),
    [(Task.ORDINAL, True, 6), (Task.ORDINAL, False, None), (Task.BINARY, True, 1)],
)
def test_what_is_asked_for_is_fitted(task: Task, thresholds: bool, count: int | None):
    told, truth = drawn(400, 2 if task is Task.BINARY else 7, 2.0)
    fitted = fit_calibration(
        told, truth.astype(np.float32), task=task, temperature=True, thresholds=thresholds
    )
    assert fitted.temperature > 1.2
    assert fitted.spread == 0.0
    assert (fitted.thresholds and len(fitted.thresholds)) == count


def test_a_regression_keeps_the_level_that_it_learnt():
    level = np.linspace(0.2, 5.8, 200)
    said = binomial(torch.from_numpy(level) / 6.0)
    fitted = fit_calibration(
        said.numpy(),
        (level * 0.5).astype(np.float32),
        task=Task.REGRESSION,
        temperature=True,
        thresholds=True,
    )
    assert (fitted.temperature, fitted.thresholds) == (1.0, None)
    assert fitted.spread != 0.0
    np.testing.assert_allclose(fitted.read(said).level.numpy(), level)


def test_the_level_errs_least_at_its_own_temperature():
    rng = np.random.default_rng(5)
    level = rng.uniform(0.0, 6.0, 2000)
    read = level + rng.normal(0.0, 1.0, 2000)
    classes = np.arange(7)
    logits = read[:, None] * classes - classes**2 / 2.0
    found = fit_level_temperature(logits, level)

    def error(temperature: float) -> float:
        tempered = np.exp(logits / temperature - (logits / temperature).max(axis=1, keepdims=True))
        mean = tempered @ classes / tempered.sum(axis=1)
        return float(np.square(mean - level).mean())

    assert all(error(found) <= error(found * factor) for factor in (0.5, 0.9, 1.1, 2.0))
