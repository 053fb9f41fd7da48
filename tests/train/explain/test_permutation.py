from __future__ import annotations

import numpy as np
import pytest

from train.explain.permutation import permutation_importance
from train.explain.regions import REGION_LANDMARKS, FaceRegion


@pytest.mark.parametrize("informative", list(FaceRegion))
def test_only_the_region_that_the_model_reads_matters(informative: FaceRegion):
    rng = np.random.default_rng(0)
    landmarks = rng.normal(size=(80, 478, 3)).astype(np.float32)
    columns = list(REGION_LANDMARKS[informative])

    def score(faces: np.ndarray) -> np.ndarray:
        return faces[:, columns].sum(axis=(1, 2), dtype=np.float64)

    found = permutation_importance(
        score, landmarks, score(landmarks), parts=REGION_LANDMARKS, repeats=3, rng=rng
    )
    assert [part.name for part in found] == list(REGION_LANDMARKS)
    for part in found:
        if part.name is informative:
            assert part.rise > 1.0
        else:
            assert part.rise == pytest.approx(0.0)
            assert part.spread == pytest.approx(0.0)


def test_columns_of_a_part_stay_together():
    inputs = np.repeat(np.arange(40, dtype=np.float32)[:, None], 2, axis=1)

    def score(faces: np.ndarray) -> np.ndarray:
        return np.abs(faces[:, 0] - faces[:, 1]).astype(np.float64)

    (both,) = permutation_importance(
        score,
        inputs,
        np.zeros(40),
        parts={"both": (0, 1)},
        repeats=4,
        rng=np.random.default_rng(1),
    )
    assert both.rise == 0.0


def test_inputs_are_left_as_they_were():
    inputs = np.random.default_rng(2).normal(size=(10, 3)).astype(np.float32)
    before = inputs.copy()
    counted: list[None] = []
    permutation_importance(
        lambda faces: faces[:, 0].astype(np.float64),
        inputs,
        np.zeros(10),
        parts={"a": (0,), "b": (1, 2)},
        repeats=5,
        rng=np.random.default_rng(3),
        on_done=lambda: counted.append(None),
    )
    np.testing.assert_array_equal(inputs, before)
    assert len(counted) == 10
