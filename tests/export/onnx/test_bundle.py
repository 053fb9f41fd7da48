"""What is exported is what was trained, and the daemon can run it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
import timm
from onnx import numpy_helper

from edge.config import ScoringConfig
from edge.score import Scorer
from export.faces import Faces
from export.model import Model, checked_name, open_model
from export.onnx import bundle as exporter
from export.onnx.bundle import export_bundle
from export.onnx.trace import IR_VERSION, OPSET, export_graph, operators
from export.session import run_graph
from export.tensorrt.importer import refusals
from export.verify.reference import run_model
from pain.bundle import load_bundle
from pain.errors import AssetError, DataError, ExportError
from tests.export.conftest import save_random_student
from train.backbones import BackboneName


@pytest.fixture(scope="module", params=["mobile_model", "flat_model"])
def model(request: pytest.FixtureRequest) -> Model:
    found: Model = request.getfixturevalue(request.param)
    return found


def test_a_bundle_holds_what_the_checkpoint_says(
    model: Model, faces: Faces, tmp_path: Path
) -> None:
    when = datetime(2026, 11, 25, 4, tzinfo=UTC)
    bundle = export_bundle(model, tmp_path / "out", faces, version="1.2.3", now=when)
    assert bundle == load_bundle(tmp_path / "out")
    assert (bundle.name, bundle.version) == (model.name, "1.2.3")
    assert bundle.created == "2026-11-25T04:00:00+00:00"
    assert bundle.inputs == model.inputs
    assert bundle.action_units == model.action_units
    assert bundle.training == model.training
    assert bundle.metrics == model.metrics
    assert bundle.calibration.temperature == pytest.approx(1.2)
    assert bundle.parity.inputs == len(faces)
    assert 0.0 < bundle.parity.max_level_difference < 1e-4
    assert set(bundle.parity.max_difference) == set(model.outputs)
    assert bundle.parity.mae_after == pytest.approx(bundle.parity.mae_before, abs=1e-4)


def test_outputs_vary_from_face_to_face_so_that_parity_says_something(
    model: Model, faces: Faces
) -> None:
    said = run_model(model, faces.of(model.inputs))
    assert said["level"].std() > 0.1
    assert said["pspi"].std() > 0.1
    assert said["action_units"].std(axis=0).min() > 0.1


def test_the_daemons_scorer_runs_it(model: Model, faces: Faces, tmp_path: Path) -> None:
    export_bundle(model, tmp_path / "out", faces, version="1")
    scorer = Scorer(bundle_dir=tmp_path / "out", scoring=ScoringConfig())
    assert scorer.wants_crop == ("face" in model.inputs)
    assert (scorer.provider_actual, scorer.precision_actual) == ("cpu", "fp32")


def test_the_graph_is_portable_and_free_in_its_batch(model: Model, faces: Faces) -> None:
    proto = export_graph(model, version="7")
    assert proto.ir_version == IR_VERSION
    assert [(entry.domain, entry.version) for entry in proto.opset_import] == [("", OPSET)]
    assert not {"Constant", "Identity", "Shape"} & set(operators(proto))
    facts = {entry.key: entry.value for entry in proto.metadata_props}
    assert (facts["name"], facts["version"]) == (model.name, "7")
    assert "random weights" in facts["training"]
    whole = run_graph(proto.SerializeToString(), faces.inputs)
    for rows in ([0], [3, 1, 2]):
        few = {name: values[rows] for name, values in faces.inputs.items()}
        for name, values in run_graph(proto.SerializeToString(), few).items():
            np.testing.assert_allclose(values, whole[name][rows], atol=1e-4)


def test_a_graph_with_other_weights_is_never_written(
    mobile_model: Model, faces: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_changed_weights(model: Model, *, version: str) -> onnx.ModelProto:
        proto = export_graph(model, version=version)
        last = next(t for t in proto.graph.initializer if t.name.endswith("head.last.weight"))
        changed = numpy_helper.to_array(last) * np.float32(1.01)
        last.CopyFrom(numpy_helper.from_array(changed, last.name))
        return proto

    monkeypatch.setattr(exporter, "export_graph", with_changed_weights)
    with pytest.raises(ExportError, match=r"level moves by .* at most, allowed is 0.001"):
        export_bundle(mobile_model, tmp_path / "out", faces, version="1")
    assert list(tmp_path.iterdir()) == []


def test_another_folder_is_not_replaced(mobile_model: Model, faces: Faces, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(AssetError, match="not a bundle"):
        export_bundle(mobile_model, tmp_path, faces, version="1")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_pictures_need_crops(mobile_model: Model, faces: Faces, tmp_path: Path) -> None:
    without = {name: v for name, v in faces.inputs.items() if name != "face"}
    with pytest.raises(DataError, match="--crops"):
        export_bundle(mobile_model, tmp_path / "out", replace(faces, inputs=without), version="1")


@pytest.mark.parametrize("name", ["", "Mobile", "-mobile", "a b"])
def test_bad_names_are_told(name: str) -> None:
    with pytest.raises(AssetError, match="--name"):
        checked_name(name)


def test_a_vision_transformer_keeps_its_norms_whole_and_reads_its_batch_once(
    faces: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two layers of the twelve: the same parts, a sixth of the time.
    shallow = partial(timm.create_model, depth=2)
    monkeypatch.setattr("train.backbones.dinov2.timm.create_model", shallow)
    few = faces.take(np.arange(4))
    save_random_student(tmp_path, BackboneName.DINOV2_S14, few)
    model = open_model(tmp_path)
    proto = export_graph(model)
    counts = operators(proto)
    assert counts["LayerNormalization"] == 2 * 2 + 1
    assert counts["Softmax"] == 2 + 1
    assert counts["Shape"] == counts["Expand"] == 1
    assert refusals(proto) == ()
    assert not {"Constant", "Identity", "Resize", "Where", "Equal"} & set(counts)
    expected = run_model(model, few.of(model.inputs))
    found = run_graph(proto.SerializeToString(), few.of(model.inputs), batch=3)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-3)
