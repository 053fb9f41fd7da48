"""Reads the face mesh network's weights out of ``face_landmarker.task`` (Apache-2.0, Google)."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import tflite
import torch
from torch import Tensor, nn

from pain.errors import AssetError
from train.backbones.mesh_network import FaceMeshNetwork

MEMBER: Final = "face_landmarks_detector.tflite"
"""The network's file inside the task file, which is a ZIP archive."""

_WEIGHTED: Final = (
    tflite.BuiltinOperator.CONV_2D,
    tflite.BuiltinOperator.DEPTHWISE_CONV_2D,
    tflite.BuiltinOperator.PRELU,
)
_HALF: Final = tflite.TensorType.FLOAT16

Floats = npt.NDArray[np.float32]


def read_mesh_state(path: Path) -> dict[str, Tensor]:
    """Weights of ``FaceMeshNetwork`` by key.

    Args:
        path: ``face_landmarker.task``; ``edge.track.model_file`` finds and proves it.

    Raises:
        AssetError: absent, damaged, or another network.
    """
    network = FaceMeshNetwork()
    try:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(MEMBER)
        if not tflite.Model.ModelBufferHasIdentifier(content, 0):
            raise ValueError(f"{MEMBER} is no TensorFlow Lite model")  # noqa: TRY301
        operators = list(_weighted_operators(tflite.Model.GetRootAsModel(content, 0)))
        _copy(network, operators)
    except (OSError, KeyError, ValueError, IndexError, TypeError, struct.error,
            zipfile.BadZipFile) as error:  # fmt: skip
        raise AssetError(
            f"{path}: the face mesh network cannot be read from it ({error}); run `painwatch "
            "models fetch`, or name MediaPipe's face_landmarker.task with `--weights PATH`"
        ) from error
    return network.state_dict()


def _weighted_operators(model: Any) -> Iterator[list[Floats]]:
    """Constants of every operator that has weights, in the order in which they are computed."""
    graph = model.Subgraphs(0)
    halves = _halves(model, graph)
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        if _code(model, operator) in _WEIGHTED:
            # The first input is what flows; the others are constants.
            yield [halves[int(tensor)] for tensor in operator.InputsAsNumpy()[1:]]


def _halves(model: Any, graph: Any) -> dict[int, Floats]:
    """Half-precision constants by number, and by that of their copies in single precision."""
    found: dict[int, Floats] = {}
    for number in range(graph.TensorsLength()):
        tensor = graph.Tensors(number)
        buffer = model.Buffers(tensor.Buffer())
        if tensor.Type() == _HALF and buffer.DataLength():
            values = np.frombuffer(buffer.DataAsNumpy().tobytes(), np.float16)
            found[number] = values.reshape(tensor.ShapeAsNumpy()).astype(np.float32)
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        if _code(model, operator) == tflite.BuiltinOperator.DEQUANTIZE:
            found[int(operator.Outputs(0))] = found[int(operator.Inputs(0))]
    return found


def _code(model: Any, operator: Any) -> int:
    code = model.OperatorCodes(operator.OpcodeIndex())
    # Old files have the code in a field of one byte, new ones in both.
    return max(int(code.BuiltinCode()), int(code.DeprecatedBuiltinCode()))


def _copy(network: FaceMeshNetwork, operators: Sequence[list[Floats]]) -> None:
    """Copy weights layer by layer; the order is the same in file and network.

    Raises:
        ValueError: a layer has no such weights.
    """
    # Presence and the tongue's score are heads of their own; the points come last.
    *trunk, points = list(network.layers())
    wanted = [*trunk, points]
    given = [*operators[: len(trunk)], *operators[-1:]]
    if len(operators) != len(trunk) + 3 or len(given) != len(wanted):
        raise ValueError(f"{len(operators)} layers with weights instead of {len(trunk) + 3}")
    for layer, constants in zip(wanted, given, strict=True):
        _fill(layer, constants)


def _fill(layer: nn.Module, constants: list[Floats]) -> None:
    if isinstance(layer, nn.PReLU):
        (slopes,) = constants
        _set(layer.weight, slopes.reshape(-1))
        return
    assert isinstance(layer, nn.Conv2d)  # noqa: S101  (FaceMeshNetwork.layers gives no other)
    weights, bias = constants
    # Height and width lie before the channels: of outputs first, or, depthwise, of outputs last.
    axes = (3, 0, 1, 2) if layer.groups > 1 else (0, 3, 1, 2)
    _set(layer.weight, weights.transpose(axes))
    assert layer.bias is not None  # noqa: S101
    _set(layer.bias, bias)


@torch.no_grad()
def _set(parameter: Tensor, values: Floats) -> None:
    if tuple(parameter.shape) != values.shape:
        raise ValueError(f"a layer has weights {values.shape} instead of {tuple(parameter.shape)}")
    parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))
