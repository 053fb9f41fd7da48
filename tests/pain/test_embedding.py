"""A manifest of a face embedding: its role is checked before anything else is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from pain.bundle import MANIFEST_NAME, load_bundle, write_manifest
from pain.embedding import UnitVector, load_embedding, write_embedding
from pain.errors import BundleCorrupt, BundleError
from tests.pain.test_bundle import FIELDS, FILES

PARITY = {"inputs": 3, "max_difference": 1e-6, "max_cosine_distance": 1e-9}
COMMON = {
    key: FIELDS[key]
    for key in (
        *("name", "version", "created", "training", "metrics"),
        *("intended_use", "limits", "library_versions"),
    )
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"a graph")
    (tmp_path / "golden.npz").write_bytes(b"an input")
    return tmp_path


def test_it_is_read_as_it_was_written(folder):
    written = write_embedding(
        folder, files=FILES, fields={**COMMON, "dimensions": 512, "parity": PARITY}
    )
    assert written == load_embedding(folder)
    assert (written.role, written.dimensions) == ("embedding", 512)
    with pytest.raises(BundleError, match="is a face embedding"):
        load_bundle(folder)


def test_a_manifest_without_a_role_is_a_pain_model(folder):
    write_manifest(folder, files=FILES, **FIELDS)
    path = folder / MANIFEST_NAME
    document = json.loads(path.read_text())
    assert document.pop("role") == "pain"
    path.write_text(json.dumps(document))
    with pytest.raises(BundleError, match="is a pain model"):
        load_embedding(folder)


@pytest.mark.parametrize("role", ["weather", 7, None, ["embedding"]])
def test_an_unknown_role_is_told(folder, role):
    write_manifest(folder, files=FILES, **FIELDS)
    path = folder / MANIFEST_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), "role": role}))
    for load in (load_bundle, load_embedding):
        with pytest.raises(BundleCorrupt, match="role"):
            load(folder)


@pytest.mark.parametrize("width", [0, 1, 4096])
def test_a_width_that_no_message_can_carry_is_refused(folder, width):
    with pytest.raises(BundleCorrupt, match="dimensions"):
        write_embedding(
            folder, files=FILES, fields={**COMMON, "dimensions": width, "parity": PARITY}
        )


@pytest.mark.parametrize("vector", [(), (0.0, 0.0), (2.0,), (float("nan"),), (float("inf"),)])
def test_what_has_not_length_1_is_no_vector(vector):
    with pytest.raises(ValidationError, match="length 1"):
        TypeAdapter(UnitVector).validate_python(vector)
