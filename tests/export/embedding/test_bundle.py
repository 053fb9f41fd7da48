"""A network that tells faces apart becomes a bundle that the daemon runs, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edge.score import builtin_bundle_dir
from edge.score.embedding import Embedder
from export.embedding.bundle import compare, export_embedding
from export.embedding.network import FaceEmbedding
from export.faces import Faces
from pain.align import CROP_SIZE
from pain.bundle import MANIFEST_NAME, load_bundle
from pain.embedding import load_embedding
from pain.errors import BundleCorrupt, BundleError, BundleTampered, ExportError, ScoringError
from tests.edge.score.test_scorer import a_face
from tests.export.conftest import TRAINING

WIDTH = 16


class Strange(nn.Module):
    """A small network with random weights: 16 numbers of any length."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(4)
            self.layers = nn.Sequential(
                nn.AvgPool2d(32), nn.Flatten(), nn.Linear(3 * (CROP_SIZE // 32) ** 2, WIDTH)
            )

    def forward(self, faces: Tensor) -> Tensor:
        pixels = faces.permute(0, 3, 1, 2).float() / 255 - 0.5
        found: Tensor = self.layers(pixels) * 7
        return found


@pytest.fixture(scope="module")
def network() -> FaceEmbedding:
    return FaceEmbedding(
        name="strange-embedding", module=Strange().eval(), training=TRAINING, libraries={}
    )


@pytest.fixture(scope="module")
def crops(faces: Faces) -> np.ndarray:
    return np.ascontiguousarray(faces.of(("face",))["face"])


@pytest.fixture
def folder(network: FaceEmbedding, crops: np.ndarray, tmp_path: Path) -> Path:
    export_embedding(network, tmp_path / "out", crops)
    return tmp_path / "out"


def test_the_daemon_computes_what_the_network_computes(folder, network, crops):
    bundle = load_embedding(folder)
    assert (bundle.name, bundle.role, bundle.dimensions) == ("strange-embedding", "embedding", 16)
    assert bundle.parity.inputs == len(crops)
    embedder = Embedder(bundle_dir=folder, threads=1)
    with torch.inference_mode():
        raw = network.module(torch.from_numpy(crops[:3].copy())).numpy()
    expected = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    for crop, vector in zip(crops, expected, strict=False):
        assert embedder.embed(a_face(crop=crop)) == pytest.approx(vector.tolist(), abs=1e-5)


def test_a_face_without_a_crop_is_an_error(folder):
    with pytest.raises(ScoringError, match="crop"):
        Embedder(bundle_dir=folder, threads=1).embed(a_face(crop=None))


def test_an_embedding_is_refused_where_a_pain_model_is_needed(folder):
    with pytest.raises(BundleError, match=r"is a face embedding.*a pain model is needed"):
        load_bundle(folder)


def test_a_pain_model_is_refused_where_an_embedding_is_needed():
    with pytest.raises(BundleError, match=r"is a pain model.*a face embedding"):
        Embedder(bundle_dir=builtin_bundle_dir("landmarks-v1"), threads=1)


@pytest.mark.parametrize("name", ["model.onnx", "golden.npz"])
def test_a_changed_file_is_refused(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(BundleTampered):
        Embedder(bundle_dir=folder, threads=1)


def test_nothing_there_says_how_to_make_one(tmp_path):
    with pytest.raises(BundleCorrupt, match="painwatch export embedding"):
        load_embedding(tmp_path)


def test_a_network_that_gives_no_numbers_is_not_written(network, crops, tmp_path):
    class Nothing(nn.Module):
        def forward(self, faces: Tensor) -> Tensor:
            return faces.float().mean(dim=(1, 2)) * float("nan")

    with pytest.raises(ExportError, match="finite"):
        export_embedding(replace(network, module=Nothing()), tmp_path / "out", crops)
    assert not (tmp_path / "out" / MANIFEST_NAME).exists()


def test_a_graph_that_says_something_else_is_told():
    said = np.eye(3, dtype=np.float32)
    parity = compare(said, said[::-1].copy())
    assert (parity.max_difference, parity.max_cosine_distance) == (1.0, 1.0)
