"""A face embedding runs only when it is whole and computes what it computed at export."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edge.score.embedding import Embedder
from pain.bundle import MANIFEST_NAME
from pain.errors import BundleCorrupt, BundleError, ScoringError
from tests.edge.identity.bundles import DIMENSIONS, make_embedding
from tests.edge.score.conftest import replace_artefact
from tests.edge.score.test_scorer import a_face


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_embedding(tmp_path / "emb")
    return tmp_path / "emb"


def crop(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (256, 256, 3), dtype=np.uint8)


def test_a_face_gives_numbers_of_length_1_that_are_its_own(folder):
    embedder = Embedder(bundle_dir=folder, threads=1)
    one, again, other = (embedder.embed(a_face(crop=crop(seed))) for seed in (1, 1, 2))
    assert len(one) == DIMENSIONS
    assert math.hypot(*one) == pytest.approx(1.0, abs=1e-9)
    assert one == again != other


def test_a_vector_that_is_none_is_an_error_and_never_a_stranger(folder):
    grey = np.full((256, 256, 3), 127, np.uint8)
    embedder = Embedder(bundle_dir=folder, threads=1)
    embedder._runner = Zeros()
    with pytest.raises(ScoringError, match="16 numbers of length 0, not 16 of length 1"):
        embedder.embed(a_face(crop=grey))


class Zeros:
    """A graph that gives nothing for a face that it cannot see."""

    def run(self, feeds: object) -> dict[str, np.ndarray]:
        return {"embedding": np.zeros((1, DIMENSIONS), np.float32)}


def other_weights(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx")
    for tensor in model.graph.initializer:
        if tensor.name == "weights":
            shifted = numpy_helper.to_array(tensor) + np.float32(0.1)
            tensor.CopyFrom(numpy_helper.from_array(shifted, "weights"))
    replace_artefact(folder, "model", model.SerializeToString())


def other_name(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx")
    model.graph.node[-1].output[0] = model.graph.output[0].name = "vector"
    replace_artefact(folder, "model", model.SerializeToString())


def golden_without_outputs(folder: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **{"input.face": crop(1)[None]})
    replace_artefact(folder, "golden", buffer.getvalue())


@pytest.mark.parametrize(
    ("harm", "kind", "told"),
    [
        (other_weights, BundleError, "does not compute on 'cpu' what it computed at export"),
        (other_name, BundleCorrupt, "gives 'embedding' float32"),
        (golden_without_outputs, BundleCorrupt, "not a usable golden input"),
        (lambda f: replace_artefact(f, "golden", b"words"), BundleCorrupt, "golden input"),
        (lambda f: replace_artefact(f, "model", b"words"), BundleCorrupt, "cannot load"),
        (lambda f: (f / MANIFEST_NAME).write_text("[]"), BundleCorrupt, "bundle"),
    ],
)
def test_what_is_not_as_exported_is_refused(
    folder: Path, harm: Callable[[Path], Any], kind: type[BundleError], told: str
) -> None:
    harm(folder)
    with pytest.raises(kind, match=told):
        Embedder(bundle_dir=folder, threads=1)
