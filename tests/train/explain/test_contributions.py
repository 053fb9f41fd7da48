from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from train.explain.contributions import integrated_gradients


def test_parts_of_a_linear_model_are_its_terms():
    weights = torch.tensor([2.0, -1.0, 0.0])
    found = integrated_gradients(
        lambda x: x @ weights + 1.0,
        [np.array([1.0, 3.0, 9.0], np.float32)],
        [np.array([0.5, 1.0, 0.0], np.float32)],
        steps=1,
    )
    np.testing.assert_allclose(found.parts[0], [1.0, -2.0, 0.0], atol=1e-6)
    assert (found.level, found.reference_level) == (0.0, 1.0)


@given(seed=st.integers(0, 1000))
def test_parts_sum_to_the_difference_of_a_crooked_model(seed: int):
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(6, 5, generator=generator)
    second = torch.randn(4, 5, generator=generator)

    def level(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return 6 * torch.sigmoid(torch.tanh(x @ first + y @ second).sum(dim=1))

    rng = np.random.default_rng(seed)
    face = [rng.normal(size=6).astype(np.float32), rng.normal(size=4).astype(np.float32)]
    reference = [np.zeros(6, np.float32), np.zeros(4, np.float32)]
    found = integrated_gradients(level, face, reference, steps=512)
    assert found.unexplained == pytest.approx(0.0, abs=0.02)
    assert [part.shape for part in found.parts] == [(6,), (4,)]


def test_an_input_equal_to_its_reference_contributes_nothing():
    reference, face = np.array([[4.0, 5.0], [4.0, 6.0]], np.float32)
    found = integrated_gradients(lambda x: (x**2).sum(dim=1), [face], [reference], steps=64)
    assert found.parts[0][0] == 0.0
    assert found.parts[0][1] == pytest.approx(36 - 25, rel=1e-3)
