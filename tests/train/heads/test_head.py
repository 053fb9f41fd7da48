from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from train.backbones import BackboneName
from train.heads import THESIS_HIDDEN, Standardise, make_head

WIDTHS = st.lists(st.integers(1, 9), max_size=3).map(tuple)


@given(width=st.integers(1, 20), hidden=WIDTHS, outputs=st.integers(1, 8))
def test_features_become_outputs_through_the_hidden_layers(
    width: int, hidden: tuple[int, ...], outputs: int
):
    head = make_head(width, hidden, outputs)

    assert head(torch.randn(3, width)).shape == (3, outputs)
    dense = [module for module in head.modules() if isinstance(module, nn.Linear)]
    assert tuple(layer.out_features for layer in dense) == (*hidden, outputs)
    assert head.last is dense[-1]


def test_without_hidden_layers_it_is_linear():
    head = make_head(5, (), 2)
    a, b = torch.randn(2, 4, 5)

    torch.testing.assert_close(head((a + b) / 2), (head(a) + head(b)) / 2)


def test_with_a_hidden_layer_it_is_not():
    head = make_head(5, (16,), 2)
    a, b = torch.randn(2, 4, 5)

    assert not torch.allclose(head((a + b) / 2), (head(a) + head(b)) / 2, atol=1e-4)


def test_the_seed_alone_decides_the_weights():
    first = make_head(5, (4,), 2, seed=1)
    torch.rand(3)

    assert torch.equal(first.last.weight, make_head(5, (4,), 2, seed=1).last.weight)
    assert not torch.equal(first.last.weight, make_head(5, (4,), 2, seed=2).last.weight)


def test_dropout_rests_units_in_training_alone():
    head = make_head(5, (256,), 2, 0.5)
    shown = torch.randn(1, 5)

    assert not torch.equal(head(shown), head(shown))
    head.eval()
    assert torch.equal(head(shown), head(shown))


@pytest.mark.parametrize(
    ("width", "hidden", "outputs"), [(0, (), 1), (3, (4, 0), 1), (3, (), 0), (3, (-1,), 1)]
)
def test_an_empty_layer_is_refused(width: int, hidden: tuple[int, ...], outputs: int):
    with pytest.raises(ValueError, match="at least 1"):
        make_head(width, hidden, outputs)


@given(mean=st.floats(-1e3, 1e3), scale=st.floats(1e-3, 1e3), seed=st.integers(0, 100))
def test_fitted_features_have_mean_0_and_deviation_1(mean: float, scale: float, seed: int):
    noise = torch.randn(200, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    features = mean + scale * noise
    standardise = Standardise(3).double()

    standardise.fit(features)

    out = standardise(features)
    torch.testing.assert_close(out.mean(dim=0), torch.zeros(3).double(), atol=1e-5, rtol=0)
    deviation = out.std(dim=0, correction=0)
    torch.testing.assert_close(deviation, torch.ones(3).double(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("value", [0.0, 0.1, 1234.5])
def test_a_feature_that_never_varies_is_centred_and_not_blown_up(value: float):
    standardise = Standardise(2)
    standardise.fit(torch.full((7, 2), value))

    torch.testing.assert_close(
        standardise(torch.full((1, 2), value + 1)), torch.ones(1, 2), atol=1e-3, rtol=0
    )


def test_before_it_is_fitted_nothing_changes():
    features = torch.randn(4, 3)

    assert torch.equal(Standardise(3)(features), features)


def test_what_was_fitted_is_saved_and_restored_and_not_trained():
    head = make_head(3, (4,), 1)
    head.standardise.fit(torch.randn(50, 3) * 7 + 2)
    other = make_head(3, (4,), 1, seed=9)

    other.load_state_dict(head.state_dict())

    shown = torch.randn(2, 3)
    assert torch.equal(other(shown), head(shown))
    assert list(head.standardise.parameters()) == []


def test_the_thesis_names_a_head_for_every_backbone():
    assert set(THESIS_HIDDEN) == set(BackboneName)
    assert THESIS_HIDDEN[BackboneName.LANDMARKS] == (100,)
    assert THESIS_HIDDEN[BackboneName.FACENET] == (64, 32)
    assert len(THESIS_HIDDEN[BackboneName.DINOV2_L14]) == 1
