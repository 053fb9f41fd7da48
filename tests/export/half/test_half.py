"""Half precision where it is enough, and a bundle that stays as it is where it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from edge.config import ScoringConfig
from edge.score import Scorer
from export.clips.read import Clip
from export.faces import Faces
from export.half import bundle as adder
from export.half.bundle import add_half
from export.half.convert import KEPT, to_half
from export.model import Model
from export.onnx.bundle import export_bundle
from export.onnx.trace import export_graph
from pain.bundle import load_bundle
from pain.errors import ExportError


@pytest.fixture
def folder(flat_model: Model, faces: Faces, tmp_path: Path) -> Path:
    export_bundle(flat_model, tmp_path / "flat", faces, version="1")
    return tmp_path / "flat"


@pytest.fixture(scope="module")
def clip(faces: Faces) -> Clip:
    """The faces as if they came one after the other."""
    at_s = tuple(0.1 * number for number in range(len(faces)))
    return Clip(name="x", at_s=at_s, reasons=(None,) * len(faces), inputs=faces.inputs)


def test_a_half_graph_is_added_and_the_rest_stays(folder: Path, faces: Faces, clip: Clip) -> None:
    before = load_bundle(folder)
    after, found = add_half(folder, faces, clips=[clip])
    assert found.clips[0].faces == len(faces)
    assert after.parity_by_precision["fp16"] == found.as_parity()
    assert after.artefacts["model"] == before.artefacts["model"]
    assert after.artefacts["model.fp16"].precision == "fp16"
    assert after.artefacts["model.fp16"].size_bytes < 0.6 * after.artefacts["model"].size_bytes
    assert 0.0 < after.parity_by_precision["fp16"].max_level_difference <= 0.02
    assert (after.parity, after.training, after.preferred) == (
        before.parity,
        before.training,
        "fp32",
    )
    scorer = Scorer(bundle_dir=folder, scoring=ScoringConfig(precision="fp16"))
    assert scorer.precision_actual == "fp16"


def test_added_twice_it_is_replaced(folder: Path, faces: Faces, clip: Clip) -> None:
    first, _ = add_half(folder, faces, clips=[clip])
    second, _ = add_half(folder, faces, clips=[clip])
    assert second.artefacts == first.artefacts


def test_inputs_outputs_norms_and_preprocessing_stay_in_fp32(mobile_model: Model) -> None:
    proto = export_graph(mobile_model)
    half = to_half(proto)
    assert half.graph.input == proto.graph.input
    assert half.graph.output == proto.graph.output
    types = {
        port.name: port.type.tensor_type.elem_type
        for port in onnx.shape_inference.infer_shapes(half).graph.value_info
    }
    for node in half.graph.node:
        if node.op_type == "Cast":
            continue
        halved = types.get(node.output[0]) == TensorProto.FLOAT16
        if node.op_type in KEPT or "/preprocess/" in node.name:
            assert not halved, node.name
        if node.op_type in {"Conv", "Gemm"}:
            assert halved, node.name


def test_weights_that_half_cannot_hold_leave_the_bundle_as_it_is(
    folder: Path, faces: Faces, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(proto: onnx.ModelProto) -> onnx.ModelProto:
        half = to_half(proto)
        last = next(t for t in half.graph.initializer if "head.last.weight" in t.name)
        changed = numpy_helper.to_array(last) * np.float16(1.5)
        last.CopyFrom(numpy_helper.from_array(changed, last.name))
        return half

    before = load_bundle(folder)
    monkeypatch.setattr(adder, "to_half", too_large)
    with pytest.raises(ExportError, match=r"\(fp16\) misses its bar"):
        add_half(folder, faces, clips=[clip])
    assert load_bundle(folder) == before


def test_a_graph_without_layers_gains_nothing() -> None:
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]> g (float[N] x) => (float[N] y) { y = Relu(x) }'
    )
    with pytest.raises(ExportError, match="gains nothing"):
        to_half(proto)
