from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from pain.errors import AssetError
from train.backbones import BackboneName, WeightSource, make_backbone
from train.backbones.facenet import FaceNet
from train.backbones.state import load_state

PICTURES = torch.randint(
    0, 256, (2, 256, 256, 3), generator=torch.Generator().manual_seed(1)
).byte()


@pytest.fixture(scope="module")
def facenet_state() -> dict[str, torch.Tensor]:
    """Random weights in the layout of the published file, with its classifier of 8631 people."""
    made = make_backbone(BackboneName.FACENET, weights=WeightSource.RANDOM, seed=7)
    assert isinstance(made, FaceNet)
    state = dict(made.body.state_dict())
    generator = torch.Generator().manual_seed(2)
    for key, value in state.items():
        if key.startswith("last_bn.") and value.ndim:
            state[key] = 0.5 + torch.rand(value.shape, generator=generator)
    state["logits.weight"] = torch.zeros(8631, 512)
    state["logits.bias"] = torch.zeros(8631)
    return state


@pytest.fixture
def facenet_file(tmp_path: Path, facenet_state: dict[str, torch.Tensor]) -> Path:
    path = tmp_path / "20180402-114759-vggface2.pt"
    torch.save(facenet_state, path)
    return path


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_timms_own_file_fits_with_its_imagenet_head_left_aside(tmp_path: Path, suffix: str):
    published = timm.create_model("mobilenetv3_small_100", pretrained=False)
    path = tmp_path / f"weights{suffix}"
    save = save_file if suffix == ".safetensors" else torch.save
    save(published.state_dict(), path)

    network = make_backbone(BackboneName.MOBILENETV3_SMALL, weights=path)

    found = network.body.state_dict()
    assert found.keys() < published.state_dict().keys()
    assert all(torch.equal(value, published.state_dict()[key]) for key, value in found.items())


def test_the_published_facenet_layout_fits(
    facenet_file: Path, facenet_state: dict[str, torch.Tensor]
):
    network = make_backbone(BackboneName.FACENET, weights=facenet_file)

    found = network.body.state_dict()
    assert list(found) == [key for key in facenet_state if not key.startswith("logits.")]
    assert all(torch.equal(value, facenet_state[key]) for key, value in found.items())


def test_the_layout_is_the_one_of_the_published_checkpoint(
    facenet_state: dict[str, torch.Tensor],
):
    # Keys as facenet-pytorch's file has them; one of each kind of part.
    shapes = {
        "conv2d_1a.conv.weight": (32, 3, 3, 3),
        "conv2d_4b.bn.running_var": (256,),
        "repeat_1.4.branch2.2.conv.weight": (32, 32, 3, 3),
        "repeat_1.0.conv2d.bias": (256,),
        "mixed_6a.branch1.2.conv.weight": (256, 192, 3, 3),
        "repeat_2.9.branch1.1.conv.weight": (128, 128, 1, 7),
        "mixed_7a.branch2.2.conv.weight": (256, 256, 3, 3),
        "repeat_3.4.branch1.2.conv.weight": (192, 192, 3, 1),
        "block8.conv2d.weight": (1792, 384, 1, 1),
        "last_linear.weight": (512, 1792),
        "last_bn.weight": (512,),
    }

    assert {key: tuple(facenet_state[key].shape) for key in shapes} == shapes
    inside = [v for k, v in facenet_state.items() if "running" not in k and "batches" not in k]
    assert sum(v.numel() for v in inside) == 23_482_624 + 8631 * 513


def test_512_numbers_become_128_along_orthonormal_directions(facenet_file: Path):
    whole = make_backbone(BackboneName.FACENET, weights=facenet_file).eval()
    small = make_backbone(BackboneName.FACENET_128, weights=facenet_file).eval()
    pooled = torch.randn(64, 1792, generator=torch.Generator().manual_seed(3))

    with torch.no_grad():
        before = whole.body.last_bn(whole.body.last_linear(pooled))
        after = small.body.last_bn(small.body.last_linear(pooled))

    # The directions, found again from what went in and what came out.
    wide = torch.randn(600, 1792, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        given = whole.body.last_bn(whole.body.last_linear(wide)).double()
        made = small.body.last_bn(small.body.last_linear(wide)).double()
    directions = torch.linalg.lstsq(given, made).solution.T
    torch.testing.assert_close(after.double(), before.double() @ directions.T, atol=1e-3, rtol=0)
    identity = torch.eye(128, dtype=torch.float64)
    torch.testing.assert_close(directions @ directions.T, identity, atol=1e-2, rtol=0)


def test_a_file_with_128_numbers_is_taken_as_it_is(tmp_path: Path):
    original = make_backbone(BackboneName.FACENET_128, weights=WeightSource.RANDOM, seed=5).eval()
    path = tmp_path / "facenet-128.safetensors"
    save_file(original.body.state_dict(), path)

    network = make_backbone(BackboneName.FACENET_128, weights=path).eval()

    with torch.no_grad():
        assert torch.equal(network(PICTURES), original(PICTURES))
        assert torch.allclose(network(PICTURES).norm(dim=1), torch.ones(2))


def test_counters_that_old_files_lack_are_not_missed(
    tmp_path: Path, facenet_state: dict[str, torch.Tensor]
):
    path = tmp_path / "old.pt"
    torch.save({k: v for k, v in facenet_state.items() if "num_batches" not in k}, path)

    make_backbone(BackboneName.FACENET, weights=path)


KEYS = {"conv.weight": (4, 3, 3, 3), "bn.weight": (4,), "bn.bias": (4,), "fc.weight": (2, 4)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"bn.bias": (4,)}, r"3 keys are missing \(conv\.weight, bn\.weight, fc\.weight\)\."),
        ({}, r"4 keys are missing \(conv\.weight, bn\.weight, bn\.bias, \.\.\.\)\."),
        (KEYS | {"head.bias": (2,)}, r"1 keys are unknown \(head\.bias\)\."),
        (
            KEYS | {"conv.weight": (4, 1, 3, 3)},
            r"1 shapes differ \(conv\.weight is \(4, 1, 3, 3\) instead of \(4, 3, 3, 3\)\)\.",
        ),
        ({"a": (1,)} | KEYS | {"fc.weight": (1,)}, r"unknown \(a\); 1 shapes differ \(fc\.weight"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, tuple[int, ...]], message: str):
    network = torch.nn.Module()
    for part, layer in (
        ("conv", torch.nn.Conv2d(3, 4, 3, bias=False)),
        ("bn", torch.nn.GroupNorm(2, 4)),
        ("fc", torch.nn.Linear(4, 2, bias=False)),
    ):
        network.add_module(part, layer)
    state = {key: torch.full(shape, 5.0) for key, shape in given.items()}

    with pytest.raises(AssetError, match=message) as caught:
        load_state(network, state, path=Path("/srv/weights.pt"))
    assert "/srv/weights.pt" in str(caught.value)
    assert all((value != 5.0).all() for value in network.state_dict().values())


@pytest.mark.parametrize("name", [BackboneName.DINOV2_S14, BackboneName.MOBILENETV3_SMALL])
def test_another_networks_file_is_refused(facenet_file: Path, name: BackboneName):
    with pytest.raises(AssetError, match="do not fit"):
        make_backbone(name, weights=facenet_file)


class Code:
    """What a hostile file would run."""

    ran = False

    def __reduce__(self):
        return (run, ())


def run() -> None:
    Code.ran = True


@pytest.mark.parametrize(
    "write", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value))]
)
def test_code_in_a_file_is_not_run(tmp_path: Path, write):
    path = tmp_path / "hostile.pt"
    write({"conv2d_1a.conv.weight": Code()}, path)

    with pytest.raises(AssetError, match="not a readable file of weights"):
        make_backbone(BackboneName.FACENET, weights=path)
    assert not Code.ran


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.pt", None, "no such file"),
        ("empty.pt", b"", "not a readable file of weights"),
        ("text.pt", b"<html>not found</html>", "not a readable file of weights"),
        ("cut.pt", b"PK\x03\x04" + bytes(40), "not a readable file of weights"),
        ("empty.safetensors", b"", "not a readable file of weights"),
        ("text.safetensors", b"<html>not found</html>", "not a readable file of weights"),
    ],
)
def test_an_unreadable_file_is_told_in_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, message: str
):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(AssetError, match=message) as caught:
        make_backbone(BackboneName.FACENET, weights=path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [[torch.zeros(1)], {"model": {"a": torch.zeros(1)}}])
def test_a_checkpoint_of_other_things_is_refused(tmp_path: Path, value: object):
    path = tmp_path / "training.pt"
    torch.save(value, path)

    with pytest.raises(AssetError, match=r"state_dict\(\) alone"):
        make_backbone(BackboneName.FACENET, weights=path)
