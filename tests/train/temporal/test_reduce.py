from __future__ import annotations

import numpy as np
import pytest
import torch

from train.temporal.reduce import Reduce


def features(count: int = 200) -> torch.Tensor:
    """Thirty coordinates that two hidden numbers move, and four others."""
    rng = np.random.default_rng(3)
    hidden = rng.normal(size=(count, 2)) * (5.0, 1.0)
    coordinates = hidden @ rng.normal(size=(2, 30)) + 7.0
    return torch.from_numpy(np.hstack([coordinates, rng.normal(size=(count, 4))])).float()


def fitted(components: int = 2) -> Reduce:
    reduce = Reduce(coordinates=30, others=4, components=components)
    reduce.fit(features())
    return reduce


def test_what_moves_the_landmarks_remains_and_is_standardised():
    found = fitted()(features())
    assert found.shape == (200, 6)
    np.testing.assert_allclose(found.mean(dim=0), 0.0, atol=1e-3)
    np.testing.assert_allclose(found.std(dim=0), 1.0, atol=0.02)
    # Two numbers moved all thirty, so two components say them again.
    seen = torch.cat([found[:, :2], torch.ones(200, 1)], dim=1)
    again = seen @ torch.linalg.lstsq(seen, features()[:, :30]).solution
    np.testing.assert_allclose(again, features()[:, :30], atol=1e-2)


def test_without_components_the_others_stand_alone():
    assert fitted(0)(features()).shape == (200, 4)


def test_a_component_that_does_not_vary_is_not_blown_up():
    still = features()
    still[:, :30] = still[:, :1]
    reduce = Reduce(coordinates=30, others=4, components=3)
    reduce.fit(still)
    assert torch.isfinite(reduce(still)).all()
    assert reduce(still)[:, 1:3].abs().max() < 0.1


def test_frames_and_clips_are_reduced_alike():
    reduce, flat = fitted(), features()
    torch.testing.assert_close(reduce(flat.view(10, 20, 34)).view(200, 6), reduce(flat))


def test_too_few_frames_are_refused():
    with pytest.raises(ValueError, match="3 frames have no 5 components"):
        Reduce(coordinates=30, others=4, components=5).fit(features(3))
