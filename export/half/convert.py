"""An fp32 graph to half precision, where half precision is enough.

Weights and products are halved. In fp32 stay: the preprocessing (255 x 255 sums need more than 11
bits), LayerNormalization, softmax, means, and everything from the last layer on, where a
distribution is made and its mean is taken. Inputs and outputs keep their types. ONNX Runtime's CPU
provider computes half precision by casting to fp32 and back; that is good enough to verify what
rounding does, and a GPU is held against the golden faces anyway.

Written out here: the converter that comes with ONNX Runtime leaves nodes out of order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from pain.errors import ExportError

KEPT: Final = frozenset(
    {"Cast", "LayerNormalization", "Pow", "ReduceMean", "ReduceSum", "Softmax", "Sqrt"}
)
"""Operators that sum squares, exponentials or whole pictures: 11 bits lose digits there."""

HEAVY: Final = frozenset({"Conv", "Gemm", "MatMul"})
"""Operators with weights; before the first and after the last of them there is nothing to gain."""

_PREPROCESSING: Final = "/preprocess/"
"""Part of the name of every node that changes size and range of a picture."""

_HALF: Final = "_fp16"


def to_half(proto: ModelProto) -> ModelProto:
    """Convert a graph.

    Args:
        proto: fp32, as ``export.onnx.trace`` wrote it; it is not changed.

    Returns:
        A new graph with the same inputs and outputs.

    Raises:
        ExportError: nothing in it would be halved.
    """
    graph = proto.graph
    weights = {tensor.name for tensor in graph.initializer}
    chosen = _between_layers(list(graph.node), weights)
    if not any(chosen):
        raise ExportError("the graph has no layer with weights, so half precision gains nothing")
    out = ModelProto()
    out.CopyFrom(proto)
    del out.graph.node[:]
    del out.graph.value_info[:]
    del out.graph.initializer[:]
    writer = _Writer(proto)
    for node, halved in zip(graph.node, chosen, strict=True):
        writer.add(node, halved=halved)
    out.graph.node.extend(writer.nodes)
    used = {name for node in writer.nodes for name in node.input}
    out.graph.initializer.extend(t for t in writer.tensors() if t.name in used)
    onnx.checker.check_model(out, full_check=True)
    return out


class _Writer:
    """Writes nodes in their order, with a cast where a tensor is wanted in the other precision."""

    def __init__(self, proto: ModelProto) -> None:
        self.nodes: list[NodeProto] = []
        self._weights = {tensor.name: tensor for tensor in proto.graph.initializer}
        self._floats = _floats(proto)
        self._halved: dict[str, TensorProto] = {}
        ports = [*proto.graph.input, *proto.graph.initializer]
        self._written = {port.name for port in ports}

    def tensors(self) -> list[TensorProto]:
        """Every weight, in both precisions where both are wanted."""
        return [*self._weights.values(), *self._halved.values()]

    def add(self, node: NodeProto, *, halved: bool) -> None:
        """Write one node."""
        copy = NodeProto()
        copy.CopyFrom(node)
        for position, name in enumerate(node.input):
            if name in self._floats:
                copy.input[position] = self._wanted(name, halved=halved)
        for position, name in enumerate(node.output):
            if halved and name in self._floats:
                copy.output[position] = name + _HALF
        self.nodes.append(copy)
        self._written.update(copy.output)

    def _wanted(self, name: str, *, halved: bool) -> str:
        wanted = name + _HALF if halved else name
        if halved and name in self._weights:
            self._halve(name)
        elif wanted not in self._written:
            source = name if halved else name + _HALF
            element = TensorProto.FLOAT16 if halved else TensorProto.FLOAT
            label = f"{source}_cast"
            self.nodes.append(helper.make_node("Cast", [source], [wanted], name=label, to=element))
            self._written.add(wanted)
        return wanted

    def _halve(self, name: str) -> None:
        if name not in self._halved:
            values = numpy_helper.to_array(self._weights[name])
            # Weights that are too large become infinite, and the verifier refuses the graph.
            with np.errstate(over="ignore"):
                half = values.astype(np.float16)
            self._halved[name] = numpy_helper.from_array(half, name + _HALF)


def _floats(proto: ModelProto) -> set[str]:
    """Names of all float32 tensors."""
    inferred = onnx.shape_inference.infer_shapes(proto, strict_mode=True).graph
    ports = [*inferred.input, *inferred.value_info, *inferred.output]
    found = {p.name for p in ports if p.type.tensor_type.elem_type == TensorProto.FLOAT}
    return found | {t.name for t in proto.graph.initializer if t.data_type == TensorProto.FLOAT}


def _between_layers(nodes: list[NodeProto], weights: set[str]) -> list[bool]:
    """Whether each node is a layer with weights, or lies between two and may be halved."""
    layers = [_is_layer(node, weights) for node in nodes]
    after: set[str] = set()
    for node, layer in zip(nodes, layers, strict=True):
        if layer or after.intersection(node.input):
            after.update(node.output)
    before: set[str] = set()
    for node, layer in zip(reversed(nodes), reversed(layers), strict=True):
        if layer or before.intersection(node.output):
            before.update(node.input)
    return [
        layer
        or (
            node.op_type not in KEPT
            and bool(after.intersection(node.output))
            and bool(before.intersection(node.output))
        )
        for node, layer in zip(nodes, layers, strict=True)
    ]


def _is_layer(node: NodeProto, weights: set[str]) -> bool:
    has_weights = any(name in weights for name in node.input[1:])
    return node.op_type in HEAVY and has_weights and _PREPROCESSING not in node.name
