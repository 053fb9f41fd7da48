from __future__ import annotations

import pytest
import torch
from torch import nn

from train.backbones import BackboneName, Trainable, WeightSource, make_backbone
from train.backbones.base import Backbone, set_trainable

PICTURES = torch.randint(
    0, 256, (1, 256, 256, 3), generator=torch.Generator().manual_seed(1)
).byte()


def network(trainable: Trainable) -> Backbone:
    made = make_backbone(BackboneName.MOBILENETV3_SMALL, weights=WeightSource.RANDOM)
    set_trainable(made, trainable)
    return made.train()


def norms(backbone: Backbone) -> list[nn.BatchNorm2d]:
    return [module for module in backbone.modules() if isinstance(module, nn.BatchNorm2d)]


def test_a_frozen_batchnorm_does_not_average_what_passes():
    frozen = network(Trainable.FROZEN)
    before = [norm.running_mean.clone() for norm in norms(frozen)]

    first = frozen(PICTURES)
    second = frozen(255 - PICTURES)
    again = frozen(PICTURES)

    assert torch.equal(first, again)
    assert not torch.equal(first, second)
    after = [norm.running_mean for norm in norms(frozen)]
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_a_learning_batchnorm_does():
    learning = network(Trainable.ALL)

    learning(PICTURES)

    assert all(norm.running_mean.abs().sum() > 0 for norm in norms(learning))


def test_nothing_frozen_gets_a_gradient():
    frozen = network(Trainable.FROZEN)

    assert not frozen(PICTURES).requires_grad


@pytest.mark.parametrize(
    "name", [name for name in BackboneName if not name.sees_landmarks], ids=str
)
def test_of_the_last_block_only_the_layers_nearest_to_the_features_learn(name: BackboneName):
    with torch.device("meta"):
        backbone = make_backbone(name, weights=WeightSource.RANDOM)
    every = sum(p.numel() for p in backbone.parameters())

    set_trainable(backbone, Trainable.LAST_BLOCK)

    learning = [p for p in backbone.parameters() if p.requires_grad]
    in_last = {id(p) for module in backbone.last_block for p in module.parameters()}
    assert {id(p) for p in learning} == in_last
    assert 0 < sum(p.numel() for p in learning) < every


def test_the_last_block_learns_and_the_rest_rests():
    backbone = network(Trainable.LAST_BLOCK)

    backbone(PICTURES).sum().backward()

    assert backbone.body.blocks[-1][0].conv.weight.grad is not None
    assert backbone.body.conv_stem.weight.grad is None
    assert backbone.body.blocks[-1][0].bn1.training
    assert not backbone.body.bn1.training


def test_what_was_frozen_can_be_thawed():
    backbone = network(Trainable.FROZEN)

    set_trainable(backbone, Trainable.ALL)

    assert all(p.requires_grad for p in backbone.parameters())
    assert all(norm.training for norm in norms(backbone))


def test_evaluation_mode_holds_for_what_learns_too():
    backbone = network(Trainable.LAST_BLOCK).eval()

    assert not any(module.training for module in backbone.modules())
    set_trainable(backbone, Trainable.ALL)
    assert not any(module.training for module in backbone.modules())


def test_landmarks_have_nothing_to_learn():
    backbone = make_backbone(BackboneName.LANDMARKS, weights=WeightSource.RANDOM)

    set_trainable(backbone, Trainable.LAST_BLOCK)

    assert backbone.last_block == ()
    assert list(backbone.parameters()) == []
