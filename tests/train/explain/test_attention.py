from __future__ import annotations

import numpy as np
import pytest

from train.explain.attention import patch_attention


@pytest.mark.parametrize("registers", [0, 4])
def test_heads_sum_to_one_and_patches_keep_their_place(registers: int):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 3, 1 + registers + 12)).astype(np.float32)
    logits[:, 1, 1 + registers + 7] = 9.0
    rows = np.exp(logits)
    maps = patch_attention(rows / rows.sum(axis=-1, keepdims=True), grid=(3, 4))
    assert maps.shape == (2, 3, 3, 4)
    np.testing.assert_allclose(maps.sum(axis=(2, 3)), 1.0, rtol=1e-5)
    for picture in maps:
        assert np.unravel_index(picture[1].argmax(), (3, 4)) == (1, 3)


def test_a_head_that_looks_at_no_patch_is_no_division_by_zero():
    alone = np.zeros((1, 1, 5), np.float32)
    alone[..., 0] = 1.0
    assert not patch_attention(alone, grid=(2, 2)).any()
