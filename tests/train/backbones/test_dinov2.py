from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch

from train.backbones import BackboneName, WeightSource, make_backbone
from train.backbones.dinov2 import Dinov2

PICTURES = torch.randint(
    0, 256, (1, 256, 256, 3), generator=torch.Generator().manual_seed(1)
).byte()


@pytest.fixture(scope="module")
def network() -> Dinov2:
    made = make_backbone(BackboneName.DINOV2_S14, weights=WeightSource.RANDOM).eval()
    assert isinstance(made, Dinov2)
    made.requires_grad_(False)
    # Fresh weights attend evenly, so that a wrong head or a lost scale would not be seen.
    made.body.blocks[-1].attn.qkv.weight.mul_(20)
    return made


def test_attention_is_what_the_last_layer_computes_without_fusion(network: Dinov2):
    attention = network.body.blocks[-1].attn
    seen: list[torch.Tensor] = []
    hook = attention.attn_drop.register_forward_hook(lambda _m, _i, out: seen.append(out))
    fused, attention.fused_attn = attention.fused_attn, False
    network(PICTURES)
    attention.fused_attn = fused
    hook.remove()

    found = network.class_attention(PICTURES)

    assert found.shape == (1, 6, 16, 16)
    torch.testing.assert_close(found.flatten(2), seen[0][:, :, 0, 1:], atol=1e-6, rtol=1e-4)
    assert found.std() > 1e-3


def test_attention_is_a_share(network: Dinov2):
    found = network.class_attention(PICTURES)

    assert (found >= 0).all()
    assert (found.sum(dim=(2, 3)) <= 1 + 1e-5).all()


def test_asking_for_attention_leaves_nothing_behind(network: Dinov2):
    before = network(PICTURES)
    network.class_attention(PICTURES)

    assert torch.equal(network(PICTURES), before)
    assert not network.body.blocks[-1].attn._forward_pre_hooks


def test_patches_lie_where_they_are_in_the_picture(network: Dinov2):
    # Blocks of fresh weights add next to nothing, so that a token still is its own patch.
    changed = PICTURES.clone()
    row, column = 5, 11
    top, left = 16 + 14 * row, 16 + 14 * column
    changed[0, top : top + 14, left : left + 14] = 0

    moved = network.patch_features(PICTURES) - network.patch_features(changed)
    distance = moved[0].norm(dim=-1)

    assert distance.shape == (16, 16)
    assert divmod(int(distance.argmax()), 16) == (row, column)
    assert distance.flatten().sort().values[-2] < distance.max() / 5


def test_published_weights_give_what_timm_computes_of_them_at_224_px(tmp_path: Path):
    published = timm.create_model(
        "vit_small_patch14_dinov2", pretrained=False, num_classes=0, dynamic_img_size=True
    ).eval()
    # Meta's file: positions of 37 x 37 patches, and a token that only its training used.
    state = published.state_dict() | {"mask_token": torch.zeros(1, 384)}
    assert state["pos_embed"].shape == (1, 1 + 37 * 37, 384)
    path = tmp_path / "dinov2_vits14_pretrain.pth"
    torch.save(state, path)

    network = make_backbone(BackboneName.DINOV2_S14, weights=path).eval()

    with torch.no_grad():
        expected = published(network.preprocess(PICTURES))
        torch.testing.assert_close(network(PICTURES), expected, atol=1e-5, rtol=1e-4)
