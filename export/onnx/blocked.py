"""Rewrites what keeps ONNX Runtime's CPU kernels from their blocked layout; the function stays.

Convolutions on a CPU run several times as fast on maps in blocks of 8 or 16 channels (NCHWc), and
ONNX Runtime keeps that layout for as long as the operators in between know it. PRelu and Pad along
the channels do not, so the face mesh network was unpacked and packed again behind each of its 69
activations. As convolutions they stay packed, and ONNX Runtime fuses the sums and the Relus in:
two fifths of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, NodeProto, helper, numpy_helper

_AXES: Final = 4
"""Batch, channels, height, width."""


def keep_blocked(proto: ModelProto) -> ModelProto:
    """The same function without PRelu per channel, and without Pad along the channels.

    Args:
        proto: tidied; constants are initialisers.
    """
    out = ModelProto()
    out.CopyFrom(proto)
    constants = {t.name: numpy_helper.to_array(t) for t in out.graph.initializer}
    channels = _channels(out)
    nodes: list[NodeProto] = []
    for node in out.graph.node:
        match node.op_type:
            case "PRelu" if _is_per_channel(constants.get(node.input[1])):
                nodes += _prelu(out, node, constants[node.input[1]].reshape(-1))
            case "Pad" if _pads_channels(node, constants) and node.input[0] in channels:
                count = channels[node.input[0]]
                nodes.append(_pad(out, node, constants[node.input[1]], count))
            case _:
                nodes.append(node)
    del out.graph.node[:]
    out.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in out.graph.initializer if tensor.name in used]
    del out.graph.initializer[:]
    out.graph.initializer.extend(kept)
    return out


def is_scaling(shape: Sequence[int]) -> bool:
    """Whether a convolution's weights of this shape only scale maps, each by itself."""
    return len(shape) == _AXES and tuple(shape[1:]) == (1, 1, 1)


def _prelu(proto: ModelProto, node: NodeProto, slopes: npt.NDArray[np.float32]) -> list[NodeProto]:
    """PRelu(x) = x + (1 - a) Relu(-x) = x + sign(1 - a) Relu(-|1 - a| x)."""
    source, (result,) = node.input[0], node.output
    bent = 1.0 - slopes
    return [
        _scale(proto, source, f"{result}_turned", -np.abs(bent)),
        helper.make_node("Relu", [f"{result}_turned"], [f"{result}_below"], name=f"{result}_below"),
        _scale(proto, f"{result}_below", f"{result}_lifted", np.sign(bent)),
        helper.make_node("Add", [f"{result}_lifted", source], [result], name=f"{result}_sum"),
    ]


def _scale(
    proto: ModelProto, source: str, result: str, factors: npt.NDArray[np.float32]
) -> NodeProto:
    """Every map times its factor, as a depthwise convolution."""
    count = len(factors)
    return _convolution(proto, source, result, factors.reshape(count, 1, 1, 1), groups=count)


def _pad(
    proto: ModelProto, node: NodeProto, pads: npt.NDArray[np.int64], channels: int
) -> NodeProto:
    """Maps of zeros before and behind, as a convolution with ones on a diagonal."""
    before, behind = int(pads[1]), int(pads[1 + _AXES])
    weights = np.zeros((before + channels + behind, channels, 1, 1), np.float32)
    weights[before : before + channels, :, 0, 0] = np.eye(channels, dtype=np.float32)
    return _convolution(proto, node.input[0], node.output[0], weights, groups=1)


def _convolution(
    proto: ModelProto, source: str, result: str, weights: npt.NDArray[np.float32], *, groups: int
) -> NodeProto:
    name = f"{result}_weights"
    values = np.ascontiguousarray(weights, np.float32)
    proto.graph.initializer.append(numpy_helper.from_array(values, name))
    return helper.make_node(
        "Conv", [source, name], [result], name=result, group=groups, kernel_shape=[1, 1]
    )


def _is_per_channel(slopes: npt.NDArray[Any] | None) -> bool:
    return slopes is not None and slopes.ndim == _AXES - 1 and slopes.shape[1:] == (1, 1)


def _pads_channels(node: NodeProto, constants: dict[str, npt.NDArray[Any]]) -> bool:
    """Zeros along the channels alone."""
    mode = next((a.s for a in node.attribute if a.name == "mode"), b"constant")
    pads = constants.get(node.input[1])
    value = constants.get(node.input[2]) if len(node.input) > 2 and node.input[2] else 0  # noqa: PLR2004
    if mode != b"constant" or pads is None or len(pads) != 2 * _AXES or value is None:
        return False
    along = pads.reshape(2, _AXES)
    others = np.delete(along, 1, axis=1)
    if others.any() or not along[:, 1].any() or (along < 0).any():
        return False
    return not np.any(value)


def _channels(proto: ModelProto) -> dict[str, int]:
    """Size of the second axis of every tensor of four axes."""
    inferred = onnx.shape_inference.infer_shapes(proto)
    found = {}
    for port in [*inferred.graph.value_info, *inferred.graph.input]:
        sizes = port.type.tensor_type.shape.dim
        if len(sizes) == _AXES and sizes[1].dim_value:
            found[port.name] = int(sizes[1].dim_value)
    return found
