"""Keeps float layers in float when ONNX Runtime optimises the graph."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

from export.quantise.layers import CLIPPING

_TAKEN_OVER: Final = ("Conv", "ConvTranspose", "Gemm")
_LOWEST: Final = "painwatch_lowest"


def shield_float_layers(model: onnx.ModelProto) -> None:
    """Put a step that changes nothing behind float layers that would be quantised after all.

    ONNX Runtime's optimiser (WeightBiasQuantization) takes a float convolution or Gemm between two
    layers of 8 bits for an oversight and gives its weights 8 bits, one scale for all of them: of
    the layers that cost most it would make layers that cost still more. It looks for
    DequantizeLinear before and QuantizeLinear behind, with nothing but ReLU or Clip in between; a
    maximum with the lowest float is not on that list, and no pass removes it.

    Args:
        model: QDQ graph; changed in place.
    """
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}
    taken_by: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            taken_by.setdefault(name, []).append(node)
    nodes: list[Any] = []
    shielded = False
    for node in graph.node:
        nodes.append(node)
        if not (
            node.op_type in _TAKEN_OVER
            and node.input[1] in constants
            and _is(made_by.get(node.input[0]), "DequantizeLinear")
            and _leads_to_integers(node, taken_by)
        ):
            continue
        said, own = node.output[0], f"{node.output[0]}_float"
        node.output[0] = own
        nodes.append(helper.make_node("Max", [own, _LOWEST], [said], name=f"{node.name}_float"))
        shielded = True
    if shielded:
        lowest = np.array(np.finfo(np.float32).min, np.float32)
        graph.initializer.append(numpy_helper.from_array(lowest, _LOWEST))
        del graph.node[:]
        graph.node.extend(nodes)


def _leads_to_integers(node: Any, taken_by: dict[str, list[Any]]) -> bool:
    takers = taken_by.get(node.output[0], [])
    if len(takers) != 1:
        return False
    if takers[0].op_type in CLIPPING:
        return _leads_to_integers(takers[0], taken_by)
    return _is(takers[0], "QuantizeLinear")


def _is(node: Any, operator: str) -> bool:
    return node is not None and node.op_type == operator
