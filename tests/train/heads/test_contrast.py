from __future__ import annotations

import numpy as np
import pytest
import torch

from train.heads import Contrast, make_head

WIDTH = 5


def fitted() -> Contrast:
    """Two parts: the first tells pain from smile and rest, the second two pains from the rest."""
    layer = Contrast(WIDTH, 2)
    first = torch.tensor([[2.0, 0, 0, 0, 0], [0, 2.0, 0, 0, 0], [0.0] * 5, [9.0] * 5])
    second = torch.tensor([[0, 0, 1.0, 0, 0], [0, 0, 0, 1.0, 0], [0, 0, 0, 0, 1.0]])
    layer.fit(
        [first, second],
        [torch.tensor([0.5, 0.0, 0.0, 0.0]), torch.zeros(3)],
        [torch.tensor([1.0, -1.0, -1.0, 0.0]), torch.tensor([1.0, 1.0, -1.0])],
    )
    return layer


def test_the_score_of_a_part_is_pain_against_all_that_is_none():
    features = torch.tensor([[1.0, 0.3, -0.2, 0.7, 0.4]])
    out = fitted()(features)[0]
    first = 2.5 - np.log(np.exp(0.6) + 1.0)
    second = np.log(np.exp(-0.2) + np.exp(0.7)) - 0.4

    assert torch.equal(out[:WIDTH], features[0])
    assert out[WIDTH:].tolist() == pytest.approx([first, second], abs=1e-6)


def test_what_is_on_neither_side_changes_nothing():
    layer, without = fitted(), fitted()
    without.weight[3] = -100.0
    features = torch.randn(4, WIDTH, generator=torch.Generator().manual_seed(1))

    assert torch.equal(layer(features), without(features))


@pytest.mark.parametrize("size", [1.0, 300.0, 2000.0])
def test_large_logits_stay_finite(size: float):
    features = torch.tensor([[size, -size, size, -size, size]])

    assert torch.isfinite(fitted()(features)).all()


def test_a_state_says_how_many_classes_there_are():
    head, empty = make_head(WIDTH, (), 3, parts=2), make_head(WIDTH, (), 3, parts=2)
    assert isinstance(head.layers, Contrast)
    fitted_layer = fitted()
    head.layers.load_state_dict(fitted_layer.state_dict())
    empty.load_state_dict(head.state_dict())
    features = torch.randn(4, WIDTH)

    assert torch.equal(empty(features), head(features))


def test_hidden_layers_and_a_contrast_exclude_each_other():
    with pytest.raises(ValueError, match="in the place of hidden layers"):
        make_head(WIDTH, (4,), 3, parts=1)
