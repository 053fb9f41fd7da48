from __future__ import annotations

import numpy as np

from train.explain.attention import among_patches


def test_every_head_sums_to_one_and_patches_keep_their_place():
    rng = np.random.default_rng(0)
    attention = rng.dirichlet(np.ones(13), (2, 3))[..., 1:].reshape(2, 3, 3, 4).astype(np.float32)
    shares = among_patches(attention)
    np.testing.assert_allclose(shares.sum(axis=(2, 3)), 1.0, rtol=1e-5)
    ratio = shares / attention
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[..., :1, :1], ratio.shape), rtol=1e-5)
    assert (ratio > 1.0).all()  # what the class token kept for itself is shared out


def test_a_head_that_looks_at_no_patch_is_no_division_by_zero():
    assert not among_patches(np.zeros((1, 1, 2, 2), np.float32)).any()
