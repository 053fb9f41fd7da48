"""Every graph that ships, and every one that is exported now, passes TensorRT's written list.

TensorRT itself was not run here. The list is read out of its importer's sources; the bundles as
they were before stand here as the graph that it must refuse.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from edge.score import builtin_bundle_dir
from export.faces import Faces
from export.half.convert import to_half
from export.model import Model, open_model
from export.onnx.trace import export_graph
from export.tensorrt.importer import SOURCES, Rule, refusals, require_importable
from pain.bundle import ROLES, load_bundle
from pain.errors import ExportError
from tests.export.conftest import save_random_student
from train.backbones import AnyBackbone, BackboneName, TimmName
from train.preprocess.graph import Preprocess

BUNDLES = sorted(builtin_bundle_dir().parent.glob("*/bundle.json"))
SHIPPED = [
    (manifest.parent, precision)
    for manifest in BUNDLES
    for precision, role in ROLES.items()
    if role in load_bundle(manifest.parent).artefacts
]


def graph_of(folder: Path, precision: str) -> onnx.ModelProto:
    return onnx.load(folder / load_bundle(folder).artefacts[ROLES[precision]].file)


def rules_of(proto: onnx.ModelProto) -> set[Rule]:
    return {refusal.rule for refusal in refusals(proto)}


@pytest.mark.parametrize(
    ("folder", "precision"), SHIPPED, ids=[f"{folder.name}-{what}" for folder, what in SHIPPED]
)
def test_every_shipped_graph_can_be_imported(folder: Path, precision: str) -> None:
    assert rules_of(graph_of(folder, precision)) == set()


@pytest.mark.parametrize("model", ["mobile_model", "flat_model"])
@pytest.mark.parametrize("halved", [False, True])
def test_every_fresh_graph_can_be_imported(
    model: str, halved: bool, request: pytest.FixtureRequest
) -> None:
    proto = export_graph(request.getfixturevalue(model))
    assert refusals(to_half(proto) if halved else proto) == ()


@pytest.mark.parametrize(
    "backbone",
    [BackboneName.FACE_MESH_LANDMARKS, BackboneName.FACENET, TimmName("timm:test_efficientnet")],
)
def test_other_picture_networks_can_be_imported(
    backbone: AnyBackbone, faces: Faces, tmp_path: Path
) -> None:
    save_random_student(tmp_path, backbone, faces.take(np.arange(4)))
    assert refusals(export_graph(open_model(tmp_path))) == ()


def test_pictures_become_float_before_anything_else(mobile_model: Model) -> None:
    proto = export_graph(mobile_model)
    takers = [node.op_type for node in proto.graph.node if "face" in node.input]
    assert takers == ["Cast"]


def test_the_bundles_of_before_are_refused(
    mobile_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Preprocess, "forward", _crop_as_uint8)
    found = refusals(export_graph(mobile_model))
    assert [(refusal.rule, refusal.reason) for refusal in found] == [
        (Rule.UINT8, "Slice takes uint8; only Cast may"),
        (Rule.UINT8, "Slice takes uint8; only Cast may"),
        (Rule.UINT8, "Transpose takes uint8; only Cast may"),
    ]


def _crop_as_uint8(self: Preprocess, pictures: Tensor) -> Tensor:
    """What every bundle before 2026-12 began with."""
    centre = pictures[:, 16:240, 16:240, :]
    scaled = (centre.permute(0, 3, 1, 2).float() - self.mean[:, None, None]) * self.factor[
        :, None, None
    ]
    return scaled if self.resample is None else self.resample @ scaled @ self.resample.T


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("y = Cast <to = 1> (p)", None),
        ("q = Slice (p, a, b)  y = Cast <to = 1> (q)", Rule.UINT8),
        ("f = Cast <to = 1> (p)  q = Cast <to = 2> (f)  y = Cast <to = 1> (q)", Rule.UINT8),
        ("f = Cast <to = 1> (p)  q = Cast <to = 12> (f)  y = Cast <to = 1> (q)", Rule.TYPE),
        ("f = Cast <to = 1> (p)  y = Det (f)", Rule.OPERATOR),
        ("f = Cast <to = 1> (p)  y = com.microsoft.Gelu (f)", Rule.OPERATOR),
        ("f = Cast <to = 1> (p)  s = Shape (f)  y = ReduceSum (f, s)", Rule.COMPUTED_AXES),
        ("f = Cast <to = 1> (p)  y = Slice (f, a, far)", Rule.INT64),
        (
            "f = Cast <to = 1> (p)  y, i = MaxPool <kernel_shape = [2]> (f)",
            Rule.SECOND_OUTPUT,
        ),
        (
            "f = Cast <to = 1> (p)  y = MaxPool <kernel_shape = [2], dilations = [2]> (f)",
            Rule.ATTRIBUTE,
        ),
        (
            "f = Cast <to = 1> (p)  y = Resize <antialias = 1> (f, , scale)",
            Rule.ATTRIBUTE,
        ),
        (
            "f = Cast <to = 1> (p)  q = QuantizeLinear (f, u, z0)  y = DequantizeLinear (q, u, z0)",
            None,
        ),
        (
            "f = Cast <to = 1> (p)  q = QuantizeLinear (f, u, z1)  y = DequantizeLinear (q, u, z1)",
            Rule.ZERO_POINT,
        ),
        (
            "f = Cast <to = 1> (p)  q = QuantizeLinear (f, u, zu)  y = DequantizeLinear (q, u, zu)",
            Rule.ZERO_POINT,
        ),
        ("f = Cast <to = 1> (p)  d = DequantizeLinear (bias, u)  y = Add (f, d)", Rule.INT32_BIAS),
    ],
)
def test_each_rule_is_told_and_nothing_else(text: str, rule: Rule | None) -> None:
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 18, "com.microsoft" : 1]>'
        f"g (uint8[N, 3, 8] p) => (float[N, 3, 8] y) {{ {text} }}"
    )
    constants = {
        "a": np.array([0]),
        "b": np.array([1]),
        "far": np.array([2**40]),
        "u": np.float32(0.5),
        "scale": np.ones(3, np.float32),
        "z0": np.int8(0),
        "z1": np.int8(1),
        "zu": np.uint8(0),
        "bias": np.zeros(8, np.int32),
    }
    used = {name for node in proto.graph.node for name in node.input}
    proto.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), name)
        for name, value in constants.items()
        if name in used
    )
    assert rules_of(proto) == ({rule} if rule else set())


@pytest.mark.parametrize(("opset", "refused"), [(8, True), (9, False), (24, False), (25, True)])
def test_opsets_beyond_those_of_the_importer_are_told(opset: int, refused: bool) -> None:
    node = helper.make_node("Relu", ["x"], ["y"])
    port = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([node], "g", port[:1], port[1:])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    assert rules_of(proto) == ({Rule.OPSET} if refused else set())


def test_every_rule_has_its_source() -> None:
    assert set(SOURCES) == set(Rule)
    assert all(len(source) > 20 for source in SOURCES.values())


def test_an_engine_is_not_tried_of_what_is_refused_and_the_remedy_is_told(
    mobile_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_importable(builtin_bundle_dir("mobilenetv3s-v1") / "model.onnx")
    for_cpus = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 18]> g (float[N] x) => (float[N] y)'
        " <float scale = {0.5}, uint8 zero = {7}>"
        " { q = QuantizeLinear (x, scale, zero)  y = DequantizeLinear (q, scale, zero) }"
    )
    onnx.save(for_cpus, tmp_path / "model.int8.onnx")
    with pytest.raises(ExportError, match=r"int8\.onnx: TensorRT does not .* --target tensorrt"):
        require_importable(tmp_path / "model.int8.onnx")
    monkeypatch.setattr(Preprocess, "forward", _crop_as_uint8)
    onnx.save(export_graph(mobile_model), tmp_path / "old.onnx")
    with pytest.raises(ExportError, match=r"3 places, .*Slice takes uint8.*'painwatch export rec"):
        require_importable(tmp_path / "old.onnx")
