"""Pixels become float first and move then, not the other way round; the function is the same.

Cropping and transposing only move numbers, so it is the same, bit for bit, whether they move as
uint8 or as the float32 of the same value. TensorRT reads only the latter (``Rule.UINT8``).
"""

from __future__ import annotations

from typing import Final

import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper

from export.onnx.tidy import bound_slices
from pain.errors import ExportError

MOVING: Final = frozenset(
    {"Flatten", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"}
)
"""Operators whose output holds the numbers of their first input, and nothing else."""


def recast(proto: ModelProto) -> ModelProto:
    """Cast uint8 inputs to float32 before they are cropped, and keep borders within 32 bits.

    Args:
        proto: a whole model; it is not changed.

    Returns:
        A new graph that computes the same, bit for bit; an equal one where nothing is to be done.

    Raises:
        ExportError: pixels are computed with, or cast to something else than float32.
    """
    out = ModelProto()
    out.CopyFrom(proto)
    for port in proto.graph.input:
        if port.type.tensor_type.elem_type == TensorProto.UINT8:
            _cast_first(out, port.name)
    bound_slices(out)
    onnx.checker.check_model(out, full_check=True)
    return out


def _cast_first(proto: ModelProto, pixels: str) -> None:
    moved, casts = _follow(proto, pixels)
    if all(node.input[0] == pixels for node in casts):
        return
    as_float = f"{pixels}_as_float"
    cast = helper.make_node("Cast", [pixels], [as_float], name=casts[0].name, to=TensorProto.FLOAT)
    # What a cast made is what now arrives at it.
    source = {node.output[0]: node.input[0] for node in casts} | {pixels: as_float}
    outputs = {port.name for port in proto.graph.output}
    kept = [cast]
    for node in proto.graph.node:
        is_cast = node in casts
        if is_cast and node.output[0] not in outputs:
            continue
        copy = NodeProto.FromString(node.SerializeToString())
        if is_cast:
            copy.op_type = "Identity"
            del copy.attribute[:]
        for position, wanted in enumerate(node.input):
            found = source.get(wanted, wanted)
            copy.input[position] = source.get(found, found)
        kept.append(copy)
    del proto.graph.node[:]
    proto.graph.node.extend(kept)
    # Types that were written down beside the nodes are those of before.
    left = [port for port in proto.graph.value_info if port.name not in moved]
    copies = [onnx.ValueInfoProto.FromString(port.SerializeToString()) for port in left]
    del proto.graph.value_info[:]
    proto.graph.value_info.extend(copies)


def _follow(proto: ModelProto, pixels: str) -> tuple[set[str], list[NodeProto]]:
    """Every tensor that holds these numbers as uint8, and the casts at which they become float."""
    moved, casts = {pixels}, list[NodeProto]()
    for node in proto.graph.node:
        if not moved.intersection(node.input):
            continue
        if node.op_type == "Cast":
            if helper.get_node_attr_value(node, "to") != TensorProto.FLOAT:
                raise ExportError(f"{node.name}: {pixels} is cast to something else than float32")
            casts.append(node)
        elif node.op_type in MOVING:
            moved.update(node.output)
        else:
            raise ExportError(f"{node.name}: {node.op_type} computes with {pixels} as uint8")
    return moved, casts
