"""What TensorRT 10 refuses to import, written down, so that a graph can be judged without a GPU.

TensorRT itself is at hand on few machines that train and export. This list is read out of its ONNX
importer (github.com/onnx/onnx-tensorrt, branch 10.x) and stands in for it, as far as it goes: a
graph that passes may still be refused, one that is named here is not worth trying. Each rule says
where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from pain.errors import ExportError


class Rule(StrEnum):
    """One thing that is refused."""

    OPSET = "opset"
    OPERATOR = "operator"
    TYPE = "type"
    UINT8 = "uint8"
    INT64 = "int64"
    ZERO_POINT = "zero point"
    INT32_BIAS = "int32 bias"
    ATTRIBUTE = "attribute"
    SECOND_OUTPUT = "second output"
    COMPUTED_AXES = "computed axes"


SOURCES: Final[Mapping[Rule, str]] = MappingProxyType(
    {
        Rule.OPSET: (
            "docs/operators.md of 10.15: 'opset 9 to opset 24'. Earlier 10.x stop sooner; ours are "
            "opset 17, the first with LayerNormalization"
        ),
        Rule.OPERATOR: "docs/operators.md of 10.15, rows 'Y'; anything else is tried as a plugin",
        Rule.TYPE: "docs/operators.md of 10.15, 'supports the following ONNX data types'",
        Rule.UINT8: (
            "ModelImporter.cpp, parseNode: 'TensorRT does not support UINT8 types for intermediate "
            'tensors!\'; onnxOpImporters.cpp, checkNotInvalidType(inputs.at(0), {"UINT8"}) of '
            "Slice and its like; github.com/NVIDIA/TensorRT/issues/3985"
        ),
        Rule.INT64: (
            "docs/operators.md of 8.4: 'cast down INT64 to INT32 ... clamping values'. TensorRT 10 "
            "keeps 64 bits; JetPack 5 has 8.5, so sizes and borders stay within 32"
        ),
        Rule.ZERO_POINT: (
            "onnxOpImporters.cpp, QuantDequantLinearHelper: 'Non-zero zero point is not "
            "supported', and a uint8 zero point is 'defaulting to INT8'"
        ),
        Rule.INT32_BIAS: (
            "IDequantizeLayer: 'A DequantizeLayer can only run in DataType::kINT8, kFP8, kFP4, or "
            "kINT4 precision', so not of a bias in int32"
        ),
        Rule.ATTRIBUTE: (
            "onnxOpCheckers.cpp: Resize 'Antialiasing is not supported', 'Only stretch'; pooling "
            "'does not support dilations other than 1'; reduction of ScatterND, training_mode of "
            "BatchNormalization, layout and input_forget of LSTM, sorted of TopK"
        ),
        Rule.SECOND_OUTPUT: (
            "onnxOpCheckers.cpp, emptyOutputChecker: one output of BatchNormalization, "
            "LayerNormalization and MaxPool"
        ),
        Rule.COMPUTED_AXES: "docs/operators.md of 10.15, Reduce*: '`axes` must be an initializer'",
    }
)
"""Where each rule is written in onnx/onnx-tensorrt or said by NVIDIA."""

OPSETS: Final = range(9, 25)

OPERATORS: Final = frozenset(
    """
    Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
    BatchNormalization BlackmanWindow Cast CastLike Ceil Celu Clip Concat Constant ConstantOfShape
    Conv ConvTranspose Cos Cosh CumSum DeformConv DepthToSpace DequantizeLinear Div Dropout Einsum
    Elu Equal Erf Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND Gelu Gemm
    GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample
    GroupNormalization GRU HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If
    InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax
    Loop LRN LSTM LpNormalization LpPool MatMul Max MaxPool Mean MeanVarianceNormalization Min Mish
    Mod Mul Neg NonMaxSuppression NonZero Not OneHot Or Pad Pow PRelu QuantizeLinear RandomNormal
    RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum
    ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape
    Resize ReverseSequence RMSNormalization RNN RoiAlign RotaryEmbedding Round STFT Scan Scatter
    ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax Softplus
    Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh TensorScatter ThresholdedRelu Tile
    TopK Transpose Trilu Unsqueeze Upsample Where Xor
    """.split()  # noqa: SIM905  (one a line would fill the file)
)
"""Operators that the importer of 10.15 knows."""

_TYPES: Final = frozenset(
    {
        *(TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE),
        *(TensorProto.INT8, TensorProto.INT32, TensorProto.INT64, TensorProto.UINT8),
        TensorProto.BOOL,
    }
)

_ATTRIBUTES: Final[Mapping[str, Mapping[str, Any]]] = {
    "Resize": {"antialias": 0, "keep_aspect_ratio_policy": b"stretch"},
    "AveragePool": {"dilations": 1},
    "LpPool": {"dilations": 1},
    "MaxPool": {"dilations": 1},
    "ScatterND": {"reduction": b"none"},
    "BatchNormalization": {"training_mode": 0},
    "LSTM": {"layout": 0, "input_forget": 0},
    "TopK": {"sorted": 1},
}
"""The one value that an attribute may have, or each of its values, where it is given."""

_ONE_OUTPUT: Final = frozenset({"BatchNormalization", "LayerNormalization", "MaxPool"})

_INT32: Final = np.iinfo(np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing in a graph that TensorRT would not import.

    Attributes:
        rule: which, see ``SOURCES``.
        node: name of the node or tensor.
        reason: in words.
    """

    rule: Rule
    node: str
    reason: str

    def __str__(self) -> str:
        """Where, and what."""
        return f"{self.node}: {self.reason}"


def refusals(proto: ModelProto) -> tuple[Refusal, ...]:
    """What TensorRT 10's importer would refuse of a graph, as far as is written down here.

    Args:
        proto: a whole model.

    Returns:
        In the order of the graph; empty where nothing speaks against it.
    """
    return tuple(_all_of(proto))


def require_importable(graph: Path) -> None:
    """Refuse a graph before minutes are spent on it.

    Raises:
        ExportError: TensorRT would not import it; says where, and what to do.
    """
    found = refusals(onnx.load(graph))
    if not found:
        return
    rules = {refusal.rule for refusal in found}
    if rules & {Rule.ZERO_POINT, Rule.INT32_BIAS}:
        remedy = "it was made for CPUs; 'painwatch export int8 --target tensorrt' makes the other"
    elif rules <= {Rule.UINT8, Rule.INT64}:
        remedy = "'painwatch export recast' writes the bundle anew"
    else:
        remedy = "export another network, or run it with provider cuda or cpu"
    raise ExportError(
        f"{graph}: TensorRT does not import it, {len(found)} places, the first {found[0]} "
        f"({SOURCES[found[0].rule]}); {remedy}"
    )


def _all_of(proto: ModelProto) -> Iterator[Refusal]:
    for entry in proto.opset_import:
        if entry.domain in {"", "ai.onnx"} and entry.version not in OPSETS:
            yield Refusal(
                rule=Rule.OPSET,
                node="the graph",
                reason=f"opset {entry.version}; it reads {OPSETS[0]} to {OPSETS[-1]}",
            )
    types = _types(proto)
    tensors = {tensor.name: tensor for tensor in proto.graph.initializer}
    pixels = {name for name, kind in types.items() if kind == TensorProto.UINT8} - set(tensors)
    outputs = {port.name for port in proto.graph.output}
    yield from _of_tensors(proto, types)
    for node in proto.graph.node:
        name = node.name or (node.output[0] if node.output else node.op_type)
        for rule, reason in _of_node(node, types, tensors, pixels - outputs, pixels):
            yield Refusal(rule=rule, node=name, reason=reason)


def _of_tensors(proto: ModelProto, types: Mapping[str, int]) -> Iterator[Refusal]:
    for name, kind in types.items():
        if kind != TensorProto.UNDEFINED and kind not in _TYPES:
            yield Refusal(
                rule=Rule.TYPE, node=name, reason=f"is {TensorProto.DataType.Name(kind).lower()}"
            )
    for tensor in proto.graph.initializer:
        if tensor.data_type == TensorProto.INT64:
            values = numpy_helper.to_array(tensor)
            if values.size and (values.max() > _INT32.max or values.min() < _INT32.min):
                yield Refusal(
                    rule=Rule.INT64, node=tensor.name, reason="holds numbers beyond 32 bits"
                )


def _of_node(
    node: NodeProto,
    types: Mapping[str, int],
    tensors: Mapping[str, TensorProto],
    intermediate: set[str],
    pixels: set[str],
) -> Iterator[tuple[Rule, str]]:
    kind = node.op_type
    if node.domain not in {"", "ai.onnx"} or kind not in OPERATORS:
        yield Rule.OPERATOR, f"{kind} is not among the operators that it knows"
        return
    quantises = kind in {"QuantizeLinear", "DequantizeLinear"}
    if quantises:
        yield from _of_scale(node, types, tensors)
    # 8-bit numbers between Quantize and Dequantize become int8, see the zero point.
    elif pixels.intersection(node.input) and kind != "Cast":
        yield Rule.UINT8, f"{kind} takes uint8; only Cast may"
    elif intermediate.intersection(node.output):
        yield Rule.UINT8, f"{kind} makes uint8 that is no output of the graph"
    for attribute in node.attribute:
        wanted = _ATTRIBUTES.get(kind, {}).get(attribute.name)
        found = helper.get_attribute_value(attribute)
        values = found if isinstance(found, list) else [found]
        if wanted is not None and any(value != wanted for value in values):
            yield Rule.ATTRIBUTE, f"{kind} with {attribute.name} {found!r}"
    if kind in _ONE_OUTPUT and any(node.output[1:]):
        yield Rule.SECOND_OUTPUT, f"{kind} has a second output"
    if kind.startswith("Reduce") and any(axes and axes not in tensors for axes in node.input[1:]):
        yield Rule.COMPUTED_AXES, f"{kind} over axes that are computed"


def _of_scale(
    node: NodeProto, types: Mapping[str, int], tensors: Mapping[str, TensorProto]
) -> Iterator[tuple[Rule, str]]:
    if node.op_type == "DequantizeLinear" and types.get(node.input[0]) == TensorProto.INT32:
        yield Rule.INT32_BIAS, "DequantizeLinear of int32"
        return
    for name in node.input[2:]:
        zero = tensors.get(name)
        if zero is not None and zero.data_type == TensorProto.UINT8:
            yield Rule.ZERO_POINT, f"{node.op_type} to uint8, which it would read as int8"
        elif zero is not None and numpy_helper.to_array(zero).any():
            yield Rule.ZERO_POINT, f"{node.op_type} around another point than 0"


def _types(proto: ModelProto) -> dict[str, int]:
    """Element type of every tensor that has a name."""
    inferred = onnx.shape_inference.infer_shapes(proto).graph
    ports = [*inferred.input, *inferred.value_info, *inferred.output]
    found = {port.name: port.type.tensor_type.elem_type for port in ports}
    return found | {tensor.name: tensor.data_type for tensor in proto.graph.initializer}
