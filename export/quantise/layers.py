"""Which layers of a graph may compute in 8 bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import onnx

from export.onnx.blocked import is_scaling

QUANTISABLE: Final = ("Conv", "Gemm", "MatMul")
CLIPPING: Final = ("Relu", "Clip")

_OF_TRANSFORMERS: Final = "LayerNormalization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer with constant weights.

    Attributes:
        name: of its node.
        operator: ONNX operator.
        clipping: node of the ReLU that takes its output, if there is one.
    """

    name: str
    operator: str
    clipping: str | None = None


def find_layers(model: onnx.ModelProto) -> tuple[Layer, ...]:
    """List the layers that may be quantised, from input to output.

    Convolutions and matrix products with constant weights. Not convolutions that only scale maps,
    which are a PRelu rewritten (``export.onnx.blocked``). Not those that belong to the
    preprocessing: products with no convolution before but one behind them resample the picture. In
    a transformer (a graph with LayerNormalization) the matrix products alone: its only convolution
    cuts the picture into patches, and its attention multiplies activations.

    Args:
        model: as ``quant_pre_process`` writes it: constants folded, nodes in order.
    """
    graph = model.graph
    constants = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    behind = _reached(graph.node, convolutions)
    before = _reached(reversed(graph.node), convolutions, backwards=True)
    is_transformer = any(node.op_type == _OF_TRANSFORMERS for node in graph.node)
    clipped = {node.input[0]: node.name for node in graph.node if node.op_type in CLIPPING}

    def may_be_quantised(node: Any) -> bool:
        if node.op_type not in QUANTISABLE or node.input[1] not in constants:
            return False
        if node.op_type == "Conv" and is_scaling(constants[node.input[1]]):
            return False
        if node.op_type == "Conv":
            return not is_transformer
        return node.name in behind or node.name not in before

    return tuple(
        Layer(
            name=node.name,
            operator=node.op_type,
            clipping=clipped.get(node.output[0]) if node.op_type == "Conv" else None,
        )
        for node in graph.node
        if may_be_quantised(node)
    )


def name_nodes(model: onnx.ModelProto) -> None:
    """Give a name to every node that has none or shares one; quantisation tells them by it."""
    seen: set[str] = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in seen:
            node.name = f"{node.op_type}_{number}"
        seen.add(node.name)


def _reached(
    nodes: Iterable[Any], sources: Iterable[Any], *, backwards: bool = False
) -> frozenset[str]:
    """Names of the nodes that data of the sources flows to, or comes from."""
    own = {node.name for node in sources}
    names: set[str] = set()
    tensors: set[str] = set()
    for node in nodes:
        ins, outs = _ends(node, backwards=backwards)
        touched = not tensors.isdisjoint(ins)
        if touched:
            names.add(node.name)
        if touched or node.name in own:
            tensors.update(outs)
    return frozenset(names)


def _ends(node: Any, *, backwards: bool) -> Iterator[list[str]]:
    ends = [list(node.input), list(node.output)]
    return iter(reversed(ends) if backwards else ends)
