"""Which landmark is which one's mirror image."""

from __future__ import annotations

import numpy as np
import pytest

from tests.train.population import population
from train.preprocess.mirror import mirror_order


def test_counterparts_are_found_in_the_mean_face() -> None:
    order = mirror_order(population().landmarks.mean(axis=0, dtype=np.float64))
    np.testing.assert_array_equal(order, np.roll(np.arange(478), 239))


def test_a_face_that_is_no_mirror_of_itself_is_refused() -> None:
    lopsided = np.random.default_rng(0).uniform(0.0, 1.0, (478, 3))
    with pytest.raises(ValueError, match="not symmetric"):
        mirror_order(lopsided)
