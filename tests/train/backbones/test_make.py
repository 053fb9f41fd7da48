from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from train.backbones import BackboneName, Sees, WeightSource, make_backbone, weights_of

WIDTHS = {
    BackboneName.LANDMARKS: 1404,
    BackboneName.LANDMARKS_BLENDSHAPES: 1456,
    BackboneName.MOBILENETV3_SMALL: 576,
    BackboneName.MOBILENETV3_LARGE: 960,
    BackboneName.FACENET: 512,
    BackboneName.FACENET_128: 128,
    BackboneName.DINOV2_S14: 384,
    BackboneName.DINOV2_L14: 1024,
    BackboneName.FACE_MESH: 4096,
    BackboneName.FACE_MESH_BLENDSHAPES: 4148,
    BackboneName.FACE_MESH_LANDMARKS: 5582,
}


def inputs_of(sees: Sees, count: int) -> list[torch.Tensor]:
    every = {
        "face": torch.randint(0, 256, (count, 256, 256, 3)).byte(),
        "landmarks": torch.randn(count, 478, 3),
        "blendshapes": torch.rand(count, 52),
    }
    return [every[name] for name in sees.inputs]


@pytest.mark.parametrize("name", BackboneName)
def test_every_backbone_turns_faces_into_features_of_its_width(name: BackboneName):
    # Without numbers: only shapes are computed, so that 300 million weights cost nothing.
    with torch.device("meta"):
        backbone = make_backbone(name, weights=WeightSource.RANDOM)
        features = backbone(*(x.to("meta") for x in inputs_of(backbone.sees, 2)))

    assert features.shape == (2, WIDTHS[name])
    assert backbone.width == WIDTHS[name]
    assert backbone.name is name


@pytest.mark.parametrize(
    "name",
    [BackboneName.MOBILENETV3_SMALL, BackboneName.FACENET_128, BackboneName.FACE_MESH],
)
def test_features_are_finite_and_do_not_depend_on_the_others_in_the_batch(name: BackboneName):
    backbone = make_backbone(name, weights=WeightSource.RANDOM).eval()
    (pictures,) = inputs_of(backbone.sees, 2)

    with torch.no_grad():
        both, second = backbone(pictures), backbone(pictures[1:])

    assert torch.isfinite(both).all()
    torch.testing.assert_close(both[1:], second, atol=1e-5, rtol=1e-4)


def test_landmarks_are_laid_out_point_by_point_without_the_irises():
    (landmarks,) = inputs_of(Sees.LANDMARKS, 2)
    backbone = make_backbone(BackboneName.LANDMARKS, weights=WeightSource.OFFICIAL)

    features = backbone(landmarks)

    assert torch.equal(features[:, 3:6], landmarks[:, 1])
    assert torch.equal(features[:, -3:], landmarks[:, 467])


def test_blendshapes_follow_the_landmarks():
    landmarks, blendshapes = inputs_of(Sees.LANDMARKS_BLENDSHAPES, 2)
    backbone = make_backbone(BackboneName.LANDMARKS_BLENDSHAPES, weights=WeightSource.OFFICIAL)

    features = backbone(landmarks, blendshapes)

    assert torch.equal(features[:, :3], landmarks[:, 0])
    assert torch.equal(features[:, 1404:], blendshapes)


def test_the_seed_alone_decides_random_weights():
    def weights(seed: int) -> torch.Tensor:
        network = make_backbone(
            BackboneName.MOBILENETV3_SMALL, weights=WeightSource.RANDOM, seed=seed
        )
        return network.body.conv_stem.weight

    before = torch.random.get_rng_state()
    first = weights(1)
    torch.rand(5)

    assert torch.equal(first, weights(1))
    assert not torch.equal(first, weights(2))
    torch.random.set_rng_state(before)
    expected = torch.rand(1)
    torch.random.set_rng_state(before)
    weights(3)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("official", WeightSource.OFFICIAL),
        ("random", WeightSource.RANDOM),
        ("vits14.pth", Path("/etc/painwatch/vits14.pth")),
        ("/srv/vits14.pth", Path("/srv/vits14.pth")),
        ("./official", Path("/etc/painwatch/official")),
    ],
)
def test_weights_are_a_word_or_a_path(text: str, expected: WeightSource | Path):
    assert weights_of(text, folder=Path("/etc/painwatch")) == expected


def test_naming_backbones_loads_no_pytorch():
    code = "import sys, train.backbones; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
