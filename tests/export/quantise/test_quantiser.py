"""What is quantised, how, and what stays in float."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from export.faces import Faces
from export.quantise.quantiser import FacesReader, Quantiser
from export.quantise.target import Method, Target
from export.session import open_session, run_graph
from export.tensorrt.importer import Rule, refusals
from pain.errors import ExportError
from tests.export.quantise.networks import Block, Convolutions, Reader, write_graph
from train.backbones.mobilenet import MobileNetV3
from train.backbones.names import BackboneName
from train.distil.network import OUTPUTS, Readable, StudentNet
from train.heads import make_head

Known = Callable[[nn.Module], tuple[Reader, Faces]]


def weights_of(model: onnx.ModelProto) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Integers, scales and zero points of the weights, by the layer that they feed."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    read = {
        node.output[0]: tuple(values[name] for name in node.input)
        for node in model.graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in values
    }
    return {
        node.name: read[node.input[1]]
        for node in model.graph.node
        if node.op_type in {"Conv", "Gemm", "MatMul"} and node.input[1] in read
    }


def activation_types(model: onnx.ModelProto) -> set[tuple[str, int]]:
    """Type and zero point of every QuantizeLinear."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    zeros = [values[node.input[2]] for node in model.graph.node if node.op_type == "QuantizeLinear"]
    return {(str(zero.dtype), int(zero.reshape(-1)[0])) for zero in zeros}


def quantised_inputs(model: onnx.ModelProto) -> dict[str, list[str]]:
    """Names of the nodes that read what had 8 bits, by operator."""
    read = {node.output[0] for node in model.graph.node if node.op_type == "DequantizeLinear"}
    found: dict[str, list[str]] = {}
    for node in model.graph.node:
        if node.op_type != "QuantizeLinear" and read & set(node.input):
            found.setdefault(node.op_type, []).append(node.name)
    return found


def optimised(content: bytes, path: Path) -> list[str]:
    """Operators that ONNX Runtime runs on the CPU."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.optimized_model_filepath = str(path)
    ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load(path).graph.node]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    backbone = MobileNetV3(BackboneName.MOBILENETV3_SMALL, input_px=64)
    network = StudentNet(backbone, make_head(backbone.width, (16,), OUTPUTS, 0.0, seed=0))
    # Else the exporter finds that it equals some bias, and both share one tensor.
    network.head.standardise.mean.copy_(torch.randn(backbone.width) * 0.01)
    outputs = ("probabilities", "level", "pspi", "action_units")
    path = tmp_path_factory.mktemp("student") / "model.onnx"
    return write_graph(Readable(network, temperature=1.0), path, outputs)


def test_weights_have_a_scale_for_each_channel_and_no_zero_point(
    known_to: Known, work: Path
) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    graph = write_graph(reader, work / "fp32.onnx")
    quantiser = Quantiser(graph, work=work, inputs=faces.take(np.arange(16)).of(["face"]))
    model = onnx.load_from_string(quantiser.quantise(quantiser.layers, Method.MINMAX))
    weights = weights_of(model)
    assert [scales.size for _, scales, _ in weights.values()] == [8, 8, 16, 1]
    for integers, scales, zeros in weights.values():
        assert integers.dtype == np.int8
        assert not zeros.any()
        assert np.abs(integers).max() == 64  # 7 bits: nothing saturates without VNNI
        assert len(set(scales.tolist())) == scales.size


@pytest.mark.parametrize(
    ("target", "kinds", "biases"),
    [(Target.CPU, {"uint8"}, True), (Target.TENSORRT, {"int8"}, False)],
)
def test_integers_are_those_that_the_target_knows(
    known_to: Known, work: Path, target: Target, kinds: set[str], biases: bool
) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    graph = write_graph(reader, work / "fp32.onnx")
    some = faces.take(np.arange(16)).of(["face"])
    quantiser = Quantiser(graph, work=work, inputs=some, target=target)
    content = quantiser.quantise(quantiser.layers, Method.MINMAX)
    model = onnx.load_from_string(content)
    assert {kind for kind, _ in activation_types(model)} == kinds
    if target is Target.TENSORRT:
        assert {zero for _, zero in activation_types(model)} == {0}
    refused = {refusal.rule for refusal in refusals(model)}
    assert refused == ({Rule.ZERO_POINT, Rule.INT32_BIAS} if target is Target.CPU else set())
    stored = {numpy_helper.to_array(tensor).dtype for tensor in model.graph.initializer}
    assert (np.dtype(np.int32) in stored) is biases
    before, after = (run_graph(source, some)["level"] for source in (graph, content))
    assert 0.0 < np.abs(before - after).max() < 0.3


def test_a_transformer_keeps_all_but_its_linear_layers_in_float(
    known_to: Known, work: Path
) -> None:
    reader, faces = known_to(Block())
    graph = write_graph(reader, work / "fp32.onnx")
    quantiser = Quantiser(graph, work=work, inputs=faces.take(np.arange(16)).of(["face"]))
    names = " ".join(layer.name for layer in quantiser.layers)
    assert len(quantiser.layers) == 5
    assert all(part in names for part in ("qkv", "proj", "mlp.0", "mlp.2", "last"))
    model = onnx.load_from_string(quantiser.quantise(quantiser.layers, Method.MINMAX))
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("LayerNormalization") == 3
    assert set(quantised_inputs(model)) == {"MatMul", "Gemm"}
    touched = [name for names in quantised_inputs(model).values() for name in names]
    assert sorted(touched) == sorted(layer.name for layer in quantiser.layers)


def test_preprocessing_and_outputs_of_a_student_stay_in_float(
    student: Path, faces: Faces, work: Path
) -> None:
    some = faces.take(np.arange(4)).of(["face"])
    quantiser = Quantiser(student, work=work, inputs=some)
    assert not [layer for layer in quantiser.layers if "preprocess" in layer.name]
    assert [layer.operator for layer in quantiser.layers].count("Conv") == 52
    content = quantiser.quantise(quantiser.layers, Method.MINMAX)
    touched = quantised_inputs(onnx.load_from_string(content))
    assert not {"Softmax", "ReduceSum", "Slice", "Div", "Sub", "Cast"} & set(touched)
    assert len(content) < student.stat().st_size / 2
    for name, values in run_graph(content, some).items():
        np.testing.assert_allclose(values, run_graph(student, some)[name], atol=0.3)


def test_convolutions_of_a_student_run_as_integers(
    student: Path, faces: Faces, work: Path, tmp_path: Path
) -> None:
    quantiser = Quantiser(student, work=work, inputs=faces.take(np.arange(4)).of(["face"]))
    content = quantiser.quantise(quantiser.layers, Method.MINMAX)
    ran = optimised(content, tmp_path / "optimised.onnx")
    assert ran.count("QLinearConv") == 52
    assert "Conv" not in ran


def test_a_layer_that_is_not_named_stays_as_it_was(known_to: Known, work: Path) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    graph = write_graph(reader, work / "fp32.onnx")
    quantiser = Quantiser(graph, work=work, inputs=faces.take(np.arange(8)).of(["face"]))
    first, second, *others = quantiser.layers
    model = onnx.load_from_string(quantiser.quantise([first, *others], Method.MINMAX))
    assert second.name not in weights_of(model)
    kept = next(node for node in model.graph.node if node.name == second.name)
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    np.testing.assert_array_equal(values[kept.input[1]], reader.body[2].weight.detach())


def test_a_float_layer_between_integers_is_still_float_when_it_runs(
    known_to: Known, work: Path, tmp_path: Path
) -> None:
    reader, faces = known_to(Convolutions(ruined=True))
    graph = write_graph(reader, work / "fp32.onnx")
    some = faces.take(np.arange(16)).of(["face"])
    quantiser = Quantiser(graph, work=work, inputs=some)
    first, _ruined, *others = quantiser.layers
    content = quantiser.quantise([first, *others], Method.MINMAX)
    ran = optimised(content, tmp_path / "optimised.onnx")
    assert [operator for operator in ran if "Conv" in operator] == [
        "QLinearConv",
        "Conv",
        "QLinearConv",
    ]
    before, after = (run_graph(source, some)["level"] for source in (graph, content))
    assert np.abs(before - after).mean() < 0.2


@pytest.mark.parametrize("method", list(Method))
def test_ranges_are_calibrated_once(known_to: Known, work: Path, method: Method) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    graph = write_graph(reader, work / "fp32.onnx")
    seen: list[int] = []
    quantiser = Quantiser(
        graph,
        work=work,
        inputs=faces.take(np.arange(12)).of(["face"]),
        on_done=lambda done, _total: seen.append(done),
    )
    first = quantiser.quantise(quantiser.layers, method)
    assert seen == [8, 12]
    assert quantiser.quantise(quantiser.layers, method) == first
    assert seen == [8, 12]
    open_session(first)


def test_a_graph_without_layers_is_refused(work: Path) -> None:
    class Bare(nn.Module):
        def forward(self, face: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            mean = face.float().mean(dim=(1, 2))
            return torch.softmax(mean, dim=1), mean[:, 0]

    graph = write_graph(Bare(), work / "fp32.onnx")
    with pytest.raises(ExportError, match="nothing to quantise"):
        Quantiser(graph, work=work, inputs={"face": np.zeros((1, 256, 256, 3), np.uint8)})


def test_batches_end_where_the_faces_end() -> None:
    reader = FacesReader({"face": np.arange(19)})
    sizes = []
    while (batch := reader.get_next()) is not None:
        sizes.append(len(batch["face"]))
    assert sizes == [8, 8, 3]
    assert len(reader) == 3
