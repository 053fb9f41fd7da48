from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch
from huggingface_hub import constants
from safetensors.torch import save_file
from torch import Tensor, nn

from pain.errors import AssetError
from train.backbones import (
    BackboneName,
    TimmName,
    Trainable,
    WeightSource,
    backbone_of,
    make_backbone,
    takes_any_size,
)
from train.backbones.base import set_trainable
from train.backbones.timm_models import config_of, obtain_timm
from train.backbones.timm_network import TimmNetwork

RESNET = TimmName("timm:test_resnet")
VIT = TimmName("timm:test_vit")
PICTURES = torch.randint(
    0, 256, (2, 256, 256, 3), generator=torch.Generator().manual_seed(1)
).byte()


def features(backbone: nn.Module) -> Tensor:
    with torch.no_grad():
        out: Tensor = backbone.eval()(PICTURES)
    return out


def published(classes: int | None = None) -> nn.Module:
    """timm's network with its classifier and with numbers that are not those of the start."""
    options = {} if classes is None else {"num_classes": classes}
    with torch.random.fork_rng():
        torch.manual_seed(5)
        made = timm.create_model(RESNET.model, pretrained=False, **options)
    return made.eval()


@pytest.mark.parametrize("name", [RESNET, VIT, "timm:test_efficientnet.r160_in1k"])
def test_a_network_sees_the_size_and_scale_of_its_own_data_config(name: str):
    known = backbone_of(name)
    assert isinstance(known, TimmName)
    backbone = make_backbone(known, weights=WeightSource.RANDOM)
    config = config_of(known)
    assert isinstance(backbone, TimmNetwork)
    prepared = backbone.preprocess(PICTURES)
    assert prepared.shape == (2, *config.input_size)
    black = backbone.preprocess(torch.zeros(1, 256, 256, 3).byte())[0, :, 80, 80]
    expected = -torch.tensor(config.mean) / torch.tensor(config.std)
    torch.testing.assert_close(black, expected, atol=1e-5, rtol=0)
    assert features(backbone).shape == (2, backbone.width)
    assert torch.equal(features(backbone), backbone.body(prepared))


def test_random_weights_follow_from_the_seed():
    one, same, other = (
        features(make_backbone(RESNET, weights=WeightSource.RANDOM, seed=seed))
        for seed in (3, 3, 4)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(("classes", "suffix"), [(None, ".safetensors"), (3, ".pth"), (0, ".pth")])
def test_a_file_in_timms_layout_fits_whatever_its_classifier_tells_apart(
    classes: int | None, suffix: str, tmp_path: Path
):
    original = published(classes)
    path = tmp_path / f"weights{suffix}"
    (save_file if suffix == ".safetensors" else torch.save)(original.state_dict(), path)
    backbone = make_backbone(RESNET, weights=path)
    original.reset_classifier(0)  # type: ignore[operator]
    with torch.no_grad():
        expected = original(backbone.preprocess(PICTURES))
    torch.testing.assert_close(features(backbone), expected)


def test_a_file_of_another_layout_is_converted_as_timm_does(tmp_path: Path):
    ours = make_backbone(VIT, weights=WeightSource.RANDOM).body.state_dict()
    save_file(
        {f"visual.trunk.{key}": value for key, value in ours.items()}, tmp_path / "a.safetensors"
    )
    loaded = make_backbone(VIT, weights=tmp_path / "a.safetensors", seed=9).body.state_dict()
    assert all(torch.equal(value, ours[key]) for key, value in loaded.items())


@pytest.mark.parametrize("gone", ["conv1.0.weight", "layer1.0.bn1.weight"])
def test_a_file_that_lacks_a_key_is_refused(gone: str, tmp_path: Path):
    state = published().state_dict()
    path = tmp_path / "weights.safetensors"
    assert gone in state
    save_file({key: value for key, value in state.items() if key != gone}, path)
    with pytest.raises(AssetError, match=r"weights\.safetensors do not fit timm:test_resnet"):
        make_backbone(RESNET, weights=path)


def test_another_networks_file_is_refused(tmp_path: Path):
    path = tmp_path / "weights.safetensors"
    save_file(published().state_dict(), path)
    with pytest.raises(AssetError, match="do not fit timm:test_vit"):
        make_backbone(VIT, weights=path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timm:resnet19", "knows no network resnet19; the nearest are resnet18, "),
        ("timm:zzzqqq", r"knows no network zzzqqq; timm\.list_models\(\) lists all"),
        ("timm:resnet18.a9_in1k", "has no weights resnet18.a9_in1k; the nearest are resnet18.a"),
        ("timm:hf-hub:some/body", r"write timm:NAME or timm:NAME\.TAG"),
        ("resnet18", "must be one of: landmarks, .* or timm:NAME for a network of timm"),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_the_nearest(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        backbone_of(text)


def test_without_a_network_official_weights_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(AssetError, match=r"could not be fetched .*--weights PATH.*weights: random"):
        make_backbone(RESNET, weights=WeightSource.OFFICIAL)


def test_weights_in_the_hubs_cache_are_taken_without_asking_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    repository = tmp_path / f"models--{config_of(RESNET).hf_hub_id.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc", encoding="utf-8")
    (repository / "snapshots" / "abc").mkdir(parents=True)
    file = repository / "snapshots" / "abc" / "model.safetensors"
    original = published()
    save_file(original.state_dict(), file)
    assert obtain_timm(RESNET) == file
    backbone = make_backbone(RESNET, weights=WeightSource.OFFICIAL)
    assert torch.equal(backbone.body.state_dict()["conv1.0.weight"], original.conv1[0].weight)  # type: ignore[index]


@pytest.mark.parametrize("name", ["timm:test_resnet", "timm:test_vit", "timm:test_convnext"])
def test_of_the_last_block_layers_that_mix_features_learn(name: str):
    backbone = make_backbone(TimmName(name), weights=WeightSource.RANDOM)
    set_trainable(backbone, Trainable.LAST_BLOCK)
    learns = [parameter for parameter in backbone.parameters() if parameter.requires_grad]
    assert any(parameter.ndim > 1 for parameter in learns)
    assert len(learns) < len(list(backbone.parameters()))
    first = next(iter(backbone.parameters()))
    assert not first.requires_grad


def test_a_convolutional_network_takes_another_size_and_a_transformer_its_own():
    assert (takes_any_size(RESNET), takes_any_size(VIT)) == (True, False)
    assert takes_any_size(BackboneName.MOBILENETV3_SMALL)
    small = make_backbone(RESNET, weights=WeightSource.RANDOM, input_px=64)
    assert isinstance(small, TimmNetwork)
    assert small.preprocess(PICTURES).shape == (2, 3, 64, 64)
    with pytest.raises(ValueError, match="has one input size"):
        make_backbone(VIT, weights=WeightSource.RANDOM, input_px=64)


def test_a_network_that_takes_no_square_is_refused():
    # Without numbers: a picture of 1024 x 768 and its 90 million weights cost nothing.
    refused = pytest.raises(AssetError, match="a face is a square in three colours")
    with refused, torch.device("meta"):
        make_backbone(TimmName("timm:vit_base_patch16_sapiens2"), weights=WeightSource.RANDOM)
