"""Bundle manifests: refused as what they are, or taken because every hash in them is right."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any, Final

import atheris

with atheris.instrument_imports(include=["edge", "pain"]):
    from edge.score.builtin import builtin_bundle_dir
    from pain.bundle import MANIFEST_NAME, load_bundle, write_manifest
    from pain.errors import BundleError

from tests.faults.fuzz.damage import as_json
from tests.faults.fuzz.engine import FOLDER, Mutator, OneFile, fuzz

MANIFEST: Final = OneFile(MANIFEST_NAME)
WORDS: Final = (
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"NaN", b"1e999", b"-", b"\\u0000"),
    *(b"\\ud800", b"\xef\xbb\xbf", b"\xff\xfe", b'"role": "embedding"', b"model.int8", b"fp16"),
    *(b"..", b"/", b"model.onnx", b"action_units", b"preferred"),
)


def one(data: bytes) -> str:
    """Load a bundle with the input for its manifest."""
    MANIFEST.write(data)
    try:
        bundle = load_bundle(FOLDER)
    except BundleError as error:
        return type(error).__name__
    document = json.loads(data)
    assert bundle.bundle_sha256 == document["bundle_sha256"] == _seal(document)
    for artefact in bundle.artefacts.values():
        content = (FOLDER / artefact.file).read_bytes()
        assert (len(content), _sha256(content)) == (artefact.size_bytes, artefact.sha256)
    return "original" if document == ORIGINAL else "sealed anew"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _seal(document: dict[str, Any]) -> str:
    bare = {key: value for key, value in document.items() if key != "bundle_sha256"}
    return _sha256(json.dumps(bare, sort_keys=True, separators=(",", ":")).encode())


def sealed(rng: random.Random, document: Any) -> Any:
    """A damaged manifest, in every second case with the hash that it would have: to get further."""
    if isinstance(document, dict) and rng.random() < 0.5:
        return {**document, "bundle_sha256": _seal(document)}
    return document


def _original() -> Any:
    """The manifest of the built-in bundle, over small files and with shorter texts for people."""
    document = json.loads((builtin_bundle_dir("landmarks-v1") / MANIFEST_NAME).read_bytes())
    files = {}
    for role, artefact in document.pop("artefacts").items():
        (FOLDER / artefact["file"]).write_bytes(role.encode())
        files[role] = artefact["file"], artefact["precision"]
    document |= {key: document[key][:2] for key in ("metrics", "action_units")}
    document["training"] = {key: text[:20] for key, text in document["training"].items()}
    document |= {key: document[key][:20] for key in ("intended_use", "limits")}
    del document["bundle_sha256"]
    write_manifest(FOLDER, files=files, **document)
    return json.loads((FOLDER / MANIFEST_NAME).read_bytes())


ORIGINAL: Final = _original()

if __name__ == "__main__":
    whole = (builtin_bundle_dir("landmarks-v1") / MANIFEST_NAME).read_bytes()
    fuzz(
        one,
        seeds=[whole, as_json(ORIGINAL), b"[" * 2000],
        mutator=Mutator(documents=[ORIGINAL], finish=sealed),
        words=WORDS,
        max_len=8192,
    )
