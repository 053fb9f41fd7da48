"""A bundle is whole, unchanged and understood, or it is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pain.bundle import (
    MANIFEST_NAME,
    ROLES,
    Bundle,
    load_bundle,
    manifest_sha256,
    write_manifest,
)
from pain.errors import BundleCorrupt, BundleTampered

FIELDS: dict[str, Any] = {
    "name": "landmarks-v1",
    "version": "0.1.0",
    "created": "2026-11-24T03:00:00Z",
    "inputs": ("landmarks", "blendshapes"),
    "outputs": ("probabilities", "level", "pspi", "action_units"),
    "action_units": ("AU4", "AU43"),
    "training": {
        "data": "1,200 synthetic residents, synthetic",
        "data_licence": "CC0-1.0",
        "split_protocol": "5 folds by person",
        "task": "level 0..6",
        "loss": "squared error",
        "backbone": "ridge on landmarks",
        "command": "painwatch train distil",
    },
    "metrics": ({"name": "MAE", "value": 1.8, "low": 1.7, "high": 1.9, "on": "held-out people"},),
    "parity": {"inputs": 100, "max_level_difference": 1e-5, "mean_level_difference": 1e-6},
    "intended_use": "research",
    "limits": "never shown a real face",
    "library_versions": {"onnx": "1.17"},
}
FILES: dict[str, Any] = {"model": ("model.onnx", "fp32"), "golden": ("golden.npz", None)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good bundle."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"a graph" * 100)
    (folder / "golden.npz").write_bytes(b"an input" * 10)
    write_manifest(folder, files=FILES, **FIELDS)
    return folder


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object], *, seal: bool) -> None:
    """Change the manifest; ``seal`` puts a matching hash on it, as a careless tool would."""
    path = folder / MANIFEST_NAME
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    if seal:
        document["bundle_sha256"] = manifest_sha256(document)
    path.write_text(json.dumps(document), encoding="utf-8")


class TestRoundTrip:
    def test_what_was_written_is_read(self, folder):
        bundle = load_bundle(folder)
        assert bundle.name == "landmarks-v1"
        assert bundle.inputs == ("landmarks", "blendshapes")
        assert bundle.action_units == ("AU4", "AU43")
        assert bundle.metrics[0].value == 1.8
        assert bundle.calibration.temperature == 1.0

    def test_writing_gives_what_reading_gives(self, tmp_path):
        (tmp_path / "model.onnx").write_bytes(b"x")
        written = write_manifest(tmp_path, files={"model": ("model.onnx", "fp32")}, **FIELDS)
        assert written == load_bundle(tmp_path)

    def test_the_hashes_are_those_of_the_files(self, folder):
        for artefact in load_bundle(folder).artefacts.values():
            content = (folder / artefact.file).read_bytes()
            assert artefact.sha256 == hashlib.sha256(content).hexdigest()
            assert artefact.size_bytes == len(content)

    def test_a_bundle_may_be_moved(self, folder, tmp_path):
        moved = shutil.copytree(folder, tmp_path / "elsewhere")
        assert load_bundle(moved) == load_bundle(folder)

    def test_the_layout_of_the_json_does_not_matter(self, folder):
        before = load_bundle(folder)
        path = folder / MANIFEST_NAME
        document = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(dict(reversed(document.items()))), encoding="utf-8")
        assert load_bundle(folder) == before

    @pytest.mark.parametrize("changed", ["model.onnx", "golden.npz"])
    def test_another_artefact_gives_another_bundle_hash(self, folder, changed):
        before = load_bundle(folder).bundle_sha256
        (folder / changed).write_bytes(b"other")
        assert write_manifest(folder, files=FILES, **FIELDS).bundle_sha256 != before

    @given(
        st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists))
    )
    def test_the_hash_covers_everything_but_itself(self, document):
        document.pop("bundle_sha256", None)
        digest = manifest_sha256(document)
        assert manifest_sha256({**document, "bundle_sha256": "anything"}) == digest
        assert manifest_sha256({**document, "one more": 1}) != digest


class TestArtefactDamage:
    @pytest.mark.parametrize("name", ["model.onnx", "golden.npz"])
    @pytest.mark.parametrize(
        "damage",
        [
            lambda content: content[:-1],
            lambda content: content + b"\0",
            lambda content: b"",
            lambda content: bytes([content[0] ^ 1]) + content[1:],
            lambda content: content[:-1] + bytes([content[-1] ^ 128]),
            lambda content: bytes(len(content)),
        ],
        ids=["cut short", "longer", "empty", "first bit", "last bit", "zeros"],
    )
    def test_is_seen(self, folder, name, damage):
        path = folder / name
        path.write_bytes(damage(path.read_bytes()))
        with pytest.raises(BundleTampered, match=r"SHA-256.*install the bundle again") as caught:
            load_bundle(folder)
        assert name in str(caught.value)
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize("name", ["model.onnx", "golden.npz"])
    def test_an_absent_artefact_is_named(self, folder, name):
        (folder / name).unlink()
        with pytest.raises(BundleCorrupt, match=name):
            load_bundle(folder)

    def test_a_folder_is_no_artefact(self, folder):
        (folder / "model.onnx").unlink()
        (folder / "model.onnx").mkdir()
        with pytest.raises(BundleCorrupt, match=r"model\.onnx"):
            load_bundle(folder)

    def test_two_files_exchanged_are_seen(self, folder):
        (folder / "model.onnx").rename(folder / "other")
        (folder / "golden.npz").rename(folder / "model.onnx")
        (folder / "other").rename(folder / "golden.npz")
        with pytest.raises(BundleTampered):
            load_bundle(folder)


class TestManifestDamage:
    @pytest.mark.parametrize(
        "content",
        [b"", b"{", b"[]", b"null", b'"words"', b"\xff\xfe", b"{}", b'{"schema_version": 1}'],
        ids=["empty", "cut", "list", "null", "text", "not UTF-8", "no fields", "one field"],
    )
    def test_a_manifest_that_is_none_is_corrupt(self, folder, content):
        (folder / MANIFEST_NAME).write_bytes(content)
        with pytest.raises(BundleCorrupt, match=r"bundle\.json"):
            load_bundle(folder)

    def test_an_absent_manifest_says_what_to_do(self, folder):
        (folder / MANIFEST_NAME).unlink()
        with pytest.raises(BundleCorrupt, match=r"scoring\.bundle"):
            load_bundle(folder)

    def test_an_absent_folder_says_what_to_do(self, tmp_path):
        with pytest.raises(BundleCorrupt, match=r"scoring\.bundle"):
            load_bundle(tmp_path / "nowhere")

    @pytest.mark.parametrize("key", [key for key in Bundle.model_fields if key != "bundle_sha256"])
    def test_a_changed_field_is_seen(self, folder, key):
        def change(document: dict[str, Any]) -> None:
            if key == "schema_version":
                document[key] = 2
            else:
                document.pop(key)

        rewrite(folder, change, seal=False)
        with pytest.raises((BundleCorrupt, BundleTampered)):
            load_bundle(folder)

    @pytest.mark.parametrize(
        "change",
        [
            lambda d: d.update(limits="none at all"),
            lambda d: d["calibration"].update(temperature=2.0),
            lambda d: d["metrics"][0].update(value=0.1),
            lambda d: d.update(bundle_sha256="0" * 64),
        ],
        ids=["limits", "calibration", "metric", "hash"],
    )
    def test_a_valid_change_without_its_hash_is_tampering(self, folder, change):
        rewrite(folder, change, seal=False)
        with pytest.raises(BundleTampered, match="changed after export"):
            load_bundle(folder)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda d: d.update(schema_version=2), "schema_version"),
            (lambda d: d.update(extra=1), "extra"),
            (lambda d: d.update(name="Upper Case"), "name"),
            (lambda d: d.update(inputs=[]), "inputs"),
            (lambda d: d.update(inputs=["pixels"]), "inputs"),
            (lambda d: d.update(outputs=["level", "pspi"]), "probabilities"),
            (lambda d: d.update(outputs=["probabilities", "pspi"]), "level"),
            (lambda d: d.update(action_units=[]), "action_units"),
            (lambda d: d.update(outputs=["probabilities", "level"]), "action_units"),
            (lambda d: d["artefacts"].pop("model"), "model"),
            (lambda d: d["artefacts"]["model"].update(size_bytes=0), "size_bytes"),
            (lambda d: d["artefacts"]["model"].update(sha256="abc"), "sha256"),
            (lambda d: d["artefacts"]["model"].update(precision="fp8"), "precision"),
            (lambda d: d["calibration"].update(temperature=0), "temperature"),
            (lambda d: d["calibration"].update(level="moved"), "border_1 to border_6"),
            (
                lambda d: d["calibration"].update(
                    level="moved", thresholds={f"border_{k}": 2.0 for k in range(1, 7)}
                ),
                "rise strictly",
            ),
            (lambda d: d["parity"].update(inputs=0), "inputs"),
            (lambda d: d.pop("training"), "training"),
        ],
    )
    def test_a_sealed_manifest_that_breaks_the_contract_is_corrupt(self, folder, change, message):
        rewrite(folder, change, seal=True)
        with pytest.raises(BundleCorrupt, match=message):
            load_bundle(folder)

    @pytest.mark.parametrize(
        "file",
        ["../model.onnx", "/etc/passwd", "a/../../model.onnx", "..", "", "a//b", "model onnx", "é"],
    )
    def test_an_artefact_outside_the_bundle_is_refused(self, folder, file):
        rewrite(folder, lambda d: d["artefacts"]["model"].update(file=file), seal=True)
        with pytest.raises(BundleCorrupt, match="artefacts"):
            load_bundle(folder)

    def test_a_wrong_size_is_tampering(self, folder):
        rewrite(folder, lambda d: d["artefacts"]["model"].update(size_bytes=1), seal=True)
        with pytest.raises(BundleTampered, match=r"model\.onnx"):
            load_bundle(folder)


PRECISE: dict[str, Any] = {**FILES, "model.int8": ("model.int8.onnx", "int8")}
OF_INT8: dict[str, Any] = {
    "inputs": 80,
    "max_level_difference": 0.4,
    "mean_level_difference": 0.05,
    "max_difference": {"level": 0.4, "pspi": 1.5},
    "class_agreement": 0.98,
    "mae_before": 0.71,
    "mae_after": 0.73,
    "kept_float": ("/head/last/Gemm (0.120 level)",),
}
NEW_FIELDS = ("preferred", "parity_by_precision", "members")
NEW_IN_PARITY = (
    *("max_difference", "readings", "alarms", "class_agreement", "mae_before", "mae_after"),
    "kept_float",
)


class TestPrecisions:
    def test_each_has_its_own_parity_and_one_is_preferred(self, folder):
        (folder / "model.int8.onnx").write_bytes(b"integers")
        more = {"preferred": "int8", "parity_by_precision": {"int8": OF_INT8}}
        write_manifest(folder, files=PRECISE, **FIELDS, **more)
        bundle = load_bundle(folder)
        assert bundle.preferred == "int8"
        assert bundle.artefacts[ROLES["int8"]].precision == "int8"
        assert set(bundle.parity_by_precision) == {"int8"}
        assert bundle.parity_by_precision["int8"].model_dump(exclude_defaults=True) == OF_INT8
        assert bundle.parity.max_level_difference == 1e-5

    @pytest.mark.parametrize("precision", ["fp16", "int8"])
    def test_what_has_no_graph_cannot_be_preferred(self, folder, precision):
        rewrite(folder, lambda d: d.update(preferred=precision), seal=True)
        with pytest.raises(BundleCorrupt, match=f"preferred is {precision}.*no graph"):
            load_bundle(folder)
        with pytest.raises(BundleCorrupt, match=f"preferred is {precision}.*no graph"):
            write_manifest(folder, files=FILES, **FIELDS, preferred=precision)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda d: d.update(preferred="fp8"), "preferred"),
            (lambda d: d.update(parity_by_precision={"fp8": OF_INT8}), "parity_by_precision"),
            (lambda d: d["parity"].update(class_agreement=1.5), "class_agreement"),
            (lambda d: d["parity"].update(mae_after=-0.1), "mae_after"),
            (lambda d: d["parity"].update(max_difference={"pulse": 1.0}), "max_difference"),
        ],
    )
    def test_values_out_of_range_are_corrupt(self, folder, change, message):
        rewrite(folder, change, seal=True)
        with pytest.raises(BundleCorrupt, match=message):
            load_bundle(folder)

    def test_a_manifest_of_before_they_existed_loads_as_it_was_sealed(self, folder):
        def forget(document: dict[str, Any]) -> None:
            for name in NEW_FIELDS:
                del document[name]
            for name in NEW_IN_PARITY:
                del document["parity"][name]

        rewrite(folder, forget, seal=True)
        bundle = load_bundle(folder)
        assert (bundle.preferred, bundle.parity_by_precision, bundle.members) == ("fp32", {}, ())
        assert bundle.parity.class_agreement is None
        assert bundle.parity.kept_float == ()
        document = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
        assert bundle.bundle_sha256 == document["bundle_sha256"]
        assert set(document).isdisjoint(NEW_FIELDS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_no_single_changed_byte_goes_unseen(folder, data):
    name = data.draw(st.sampled_from([MANIFEST_NAME, "model.onnx", "golden.npz"]))
    path = folder / name
    original = path.read_bytes()
    position = data.draw(st.integers(0, len(original) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != original[position]))
    path.write_bytes(original[:position] + bytes([byte]) + original[position + 1 :])
    try:
        try:
            loaded = load_bundle(folder)
        except (BundleCorrupt, BundleTampered):
            return
        # White space between the values of the manifest means nothing and may change.
        assert name == MANIFEST_NAME
        assert bytes([byte]).isspace()
        path.write_bytes(original)
        assert loaded == load_bundle(folder)
    finally:
        path.write_bytes(original)


class TestWriting:
    def test_needs_its_files(self, tmp_path):
        with pytest.raises(BundleCorrupt, match=r"model\.onnx"):
            write_manifest(tmp_path, files=FILES, **FIELDS)

    @pytest.mark.parametrize(
        "fields",
        [{"name": "Bad Name"}, {"outputs": ("level",)}, {"parity": None}, {"unknown": 1}],
    )
    def test_refuses_what_reading_would_refuse(self, tmp_path, fields):
        (tmp_path / "model.onnx").write_bytes(b"x")
        with pytest.raises(BundleCorrupt):
            write_manifest(
                tmp_path, files={"model": ("model.onnx", "fp32")}, **{**FIELDS, **fields}
            )
        assert not (tmp_path / MANIFEST_NAME).exists()
