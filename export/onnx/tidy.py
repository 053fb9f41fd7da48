"""Takes out of a traced graph what only traces need; the function stays the same.

Tracing writes sizes as computations: Shape, Gather, Concat, Reshape. Of all sizes only the batch is
free, so whatever is computed from sizes alone is worked out for two batches; what is equal in both
is a constant, and a Reshape's one size that is not becomes -1. General optimisers do this too, but
write operators of their own into the graph, or need a package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from export.session import Arrays, open_session

_INT32: Final = np.iinfo(np.int32)
_BATCHES: Final = (2, 3)
_BATCH_SIZE: Final = "batch_size"


def tidy(proto: ModelProto) -> ModelProto:
    """A smaller graph that computes the same.

    Args:
        proto: traced; every input's first axis is the batch.

    Returns:
        A new graph without Constant and Identity nodes, and without computations of sizes, except
        one that reads the batch where something is repeated for every face.
    """
    out = ModelProto()
    out.CopyFrom(proto)
    _constants_to_initialisers(out)
    _skip_identities(out)
    _fold_sizes(out)
    _drop_unused(out)
    bound_slices(out)
    return out


def bound_slices(proto: ModelProto) -> None:
    """Write an open end of a Slice as the largest of 32 bits, in place; no size reaches either.

    PyTorch writes that of 64 bits, which TensorRT before 10 narrows by itself.
    """
    borders = {
        name for node in proto.graph.node if node.op_type == "Slice" for name in node.input[1:3]
    }
    for tensor in proto.graph.initializer:
        if tensor.name in borders and tensor.data_type == TensorProto.INT64:
            values = numpy_helper.to_array(tensor)
            bounded = values.clip(_INT32.min, _INT32.max)
            if not np.array_equal(values, bounded):
                tensor.CopyFrom(numpy_helper.from_array(bounded, tensor.name))


def _constants_to_initialisers(proto: ModelProto) -> None:
    kept = []
    for node in proto.graph.node:
        if node.op_type == "Constant":
            (attribute,) = node.attribute
            tensor = TensorProto()
            tensor.CopyFrom(attribute.t)
            tensor.name = node.output[0]
            proto.graph.initializer.append(tensor)
        else:
            kept.append(node)
    _replace_nodes(proto, kept)


def _skip_identities(proto: ModelProto) -> None:
    outputs = {port.name for port in proto.graph.output}
    source: dict[str, str] = {}
    kept = []
    for node in proto.graph.node:
        if node.op_type == "Identity" and node.output[0] not in outputs:
            source[node.output[0]] = source.get(node.input[0], node.input[0])
        else:
            kept.append(node)
    for node in kept:
        _rewire(node, source)
    _replace_nodes(proto, kept)


def _fold_sizes(proto: ModelProto) -> None:
    sizes = _of_sizes_alone(proto)
    if not sizes:
        return
    reshaped = [node.output[0] for node in proto.graph.node if node.op_type == "Reshape"]
    asked = list(dict.fromkeys([*sizes, *reshaped]))
    small, large = (_evaluate(proto, asked, batch=batch) for batch in _BATCHES)
    constants = {name for name in sizes if np.array_equal(small[name], large[name])}
    for name in constants:
        _add(proto, name, small[name])
    nodes = [node for node in proto.graph.node if not constants.issuperset(node.output)]
    needs_batch = False
    for node in nodes:
        shape = node.input[1] if node.op_type in {"Reshape", "Expand"} else ""
        if shape not in small or shape in constants:
            continue
        if node.op_type == "Reshape":
            made = [np.array(values[node.output[0]].shape) for values in (small, large)]
            free = made[0] != made[1]
            if free.sum() == 1:
                node.input[1] = f"{node.output[0]}_shape"
                _add(proto, node.input[1], np.where(free, -1, made[0]))
        elif _is_batch_first(small[shape], large[shape]):
            node.input[1] = f"{node.output[0]}_shape"
            _add(proto, f"{node.input[1]}_rest", small[shape][1:])
            needs_batch = True
    _replace_nodes(proto, _with_batch(proto, nodes) if needs_batch else nodes)


def _is_batch_first(small: npt.NDArray[Any], large: npt.NDArray[Any]) -> bool:
    return (small[0], large[0]) == _BATCHES and np.array_equal(small[1:], large[1:])


def _with_batch(proto: ModelProto, nodes: list[NodeProto]) -> list[NodeProto]:
    """The nodes with one that reads the batch, and shapes joined of it and what is constant."""
    first = proto.graph.input[0].name
    opening = [node for node in nodes if node.op_type == "Cast" and node.input[0] == first][:1]
    if opening:
        # TensorRT reads uint8 only where it feeds a Cast.
        first = opening[0].output[0]
    _add(proto, f"{_BATCH_SIZE}_start", np.array([0], np.int64))
    _add(proto, f"{_BATCH_SIZE}_end", np.array([1], np.int64))
    bounds = [f"{_BATCH_SIZE}_start", f"{_BATCH_SIZE}_end"]
    out = [
        *opening,
        helper.make_node("Shape", [first], [f"{_BATCH_SIZE}_of"], name=f"{_BATCH_SIZE}_of"),
        helper.make_node("Slice", [f"{_BATCH_SIZE}_of", *bounds], [_BATCH_SIZE], name=_BATCH_SIZE),
    ]
    for node in nodes:
        if node in opening:
            continue
        shape = f"{node.output[0]}_shape"
        if node.op_type == "Expand" and node.input[1] == shape:
            rest = f"{shape}_rest"
            out.append(helper.make_node("Concat", [_BATCH_SIZE, rest], [shape], name=shape, axis=0))
        out.append(node)
    return out


def _of_sizes_alone(proto: ModelProto) -> list[str]:
    """Tensors that depend on sizes of inputs, never on what is in them."""
    constants = {tensor.name for tensor in proto.graph.initializer}
    found: list[str] = []
    known: set[str] = set()
    for node in proto.graph.node:
        from_sizes = all(name in known or name in constants or not name for name in node.input)
        if node.op_type == "Shape" or (from_sizes and node.input):
            found += node.output
            known.update(node.output)
    return found


def _evaluate(proto: ModelProto, names: list[str], *, batch: int) -> Arrays:
    probe = ModelProto()
    probe.CopyFrom(proto)
    del probe.graph.output[:]
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    feeds = {port.name: _zeros(port, batch) for port in probe.graph.input}
    values = open_session(probe.SerializeToString()).run(names, feeds)
    return dict(zip(names, values, strict=True))


def _zeros(port: onnx.ValueInfoProto, batch: int) -> npt.NDArray[Any]:
    tensor = port.type.tensor_type
    sizes = [size.dim_value for size in tensor.shape.dim][1:]
    return np.zeros((batch, *sizes), helper.tensor_dtype_to_np_dtype(tensor.elem_type))


def _drop_unused(proto: ModelProto) -> None:
    needed = {port.name for port in proto.graph.output}
    kept: list[NodeProto] = []
    for node in reversed(proto.graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    _replace_nodes(proto, kept[::-1])
    tensors = {t.name: t for t in proto.graph.initializer if t.name in needed}
    copies = [TensorProto.FromString(tensor.SerializeToString()) for tensor in tensors.values()]
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(copies)
    del proto.graph.value_info[:]


def _add(proto: ModelProto, name: str, value: npt.NDArray[Any]) -> None:
    proto.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))


def _rewire(node: NodeProto, source: Mapping[str, str]) -> None:
    for position, name in enumerate(node.input):
        node.input[position] = source.get(name, name)


def _replace_nodes(proto: ModelProto, nodes: list[NodeProto]) -> None:
    copies = [NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(copies)
