"""FaceNet as an embedding says honestly where its weights come from."""

from __future__ import annotations

import pytest
import torch
from typer.testing import CliRunner

from export.cli import app
from export.embedding.network import UnitLength, facenet
from pain.errors import AssetError
from train.backbones import BackboneName
from train.backbones.weights import WeightSource


def test_random_weights_say_that_they_recognise_nobody():
    network = facenet(BackboneName.FACENET_128, WeightSource.RANDOM)
    assert "recognise nobody" in network.training.data
    assert network.name == "facenet-128-embedding"
    faces = torch.randint(0, 256, (2, 256, 256, 3), dtype=torch.uint8)
    with torch.inference_mode():
        vectors = UnitLength(network.module)(faces)
    assert vectors.shape == (2, 128)
    assert torch.linalg.norm(vectors, dim=1).tolist() == pytest.approx([1.0, 1.0], abs=1e-5)


def test_weights_of_a_file_say_that_their_licence_is_not_known(tmp_path):
    whole = facenet(BackboneName.FACENET_128, WeightSource.RANDOM).module
    path = tmp_path / "mine.pt"
    torch.save(whole.body.state_dict(), path)
    training = facenet(BackboneName.FACENET_128, path).training
    assert training.data == "not known: weights were read from mine.pt"
    assert "not known" in training.data_licence


def test_an_unknown_network_is_refused_before_anything_is_made(tmp_path):
    arguments = ["embedding", "--weights", "random", "--network", "arcface"]
    folders = [f"--{name}={tmp_path / name}" for name in ("out", "data", "cache")]
    result = CliRunner().invoke(app, [*arguments, *folders])
    assert isinstance(result.exception, AssetError)
    assert "facenet, facenet_128" in str(result.exception)
