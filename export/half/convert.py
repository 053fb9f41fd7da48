"""An fp32 graph to half precision, where half precision is enough.

Weights and products are halved. In fp32 stay: the preprocessing (255 x 255 sums need more than 11
bits), LayerNormalization, softmax, and everything from the last layer on, where a distribution is
made and its mean is taken. Inputs and outputs keep their types. ONNX Runtime's CPU provider
computes half precision by casting to fp32 and back; that is good enough to verify the weights'
rounding, and a GPU is held against the golden faces anyway.
"""

from __future__ import annotations

import warnings
from typing import Any, Final

import onnx
from onnx import ModelProto, NodeProto

from pain.errors import ExportError

KEPT: Final = frozenset({"LayerNormalization", "Softmax", "ReduceMean", "ReduceSum", "Pow", "Sqrt"})
"""Operators that sum squares, exponentials or whole pictures: 11 bits lose digits there."""

HEAVY: Final = frozenset({"Conv", "Gemm", "MatMul"})
"""Operators with weights; before the first and after the last of them there is nothing to gain."""

_PREPROCESSING: Final = "/preprocess/"
"""Part of the name of every node that changes size and range of a picture."""


def to_half(proto: ModelProto) -> ModelProto:
    """Convert a graph.

    Args:
        proto: fp32, as ``export.onnx.trace`` wrote it; it is not changed.

    Returns:
        A new graph with the same inputs and outputs.

    Raises:
        ExportError: nothing in it would be halved.
    """
    from onnxruntime.transformers.float16 import convert_float_to_float16

    copy = ModelProto()
    copy.CopyFrom(proto)
    _name_nodes(copy)
    kept = _outside_of_layers(copy)
    if len(kept) == len(copy.graph.node):
        raise ExportError("the graph has no layer with weights, so half precision gains nothing")
    with warnings.catch_warnings():
        # Weights below 6e-8 become 0, or the least that there is; the verifier judges that.
        warnings.filterwarnings("ignore", message=".*truncated to.*", category=UserWarning)
        converted: Any = convert_float_to_float16(
            copy,
            keep_io_types=True,
            op_block_list=sorted(KEPT),
            node_block_list=sorted(kept),
        )
    out: ModelProto = converted
    onnx.checker.check_model(out, full_check=True)
    return out


def _name_nodes(proto: ModelProto) -> None:
    """Give every node a name of its own; nodes are kept in fp32 by name."""
    seen: set[str] = set()
    for number, node in enumerate(proto.graph.node):
        if not node.name or node.name in seen:
            node.name = f"{node.op_type}_{number}"
        seen.add(node.name)


def _outside_of_layers(proto: ModelProto) -> set[str]:
    """Names of nodes before the first layer with weights, and of those after the last."""
    nodes = list(proto.graph.node)
    weights = {tensor.name for tensor in proto.graph.initializer}
    layers = [node for node in nodes if _is_layer(node, weights)]
    fed: set[str] = set()
    for node in nodes:
        if node in layers or fed.intersection(node.input):
            fed.update(node.output)
    feeding: set[str] = set()
    for node in reversed(nodes):
        if node in layers or feeding.intersection(node.output):
            feeding.update(node.input)
    return {
        node.name
        for node in nodes
        if node not in layers
        and not (fed.intersection(node.output) and feeding.intersection(node.output))
    }


def _is_layer(node: NodeProto, weights: set[str]) -> bool:
    has_weights = any(name in weights for name in node.input[1:])
    return node.op_type in HEAVY and has_weights and _PREPROCESSING not in node.name
