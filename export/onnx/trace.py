"""PyTorch to ONNX by PyTorch's own exporter.

The older of its two exporters: the newer one wants another package, takes twenty times as long, and
for these networks writes the same operators at a higher opset and IR.
"""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Sequence
from typing import Any, Final

import onnx
import torch
from torch import Tensor, nn
from torch.jit._trace import TracerWarning

from export.model import Model
from export.onnx.blocked import keep_blocked
from export.onnx.tidy import tidy
from pain.action_units import BLENDSHAPES
from pain.align import CROP_SIZE, LANDMARK_COUNT
from pain.bundle import InputName, Training

OPSET: Final = 17
"""The first with LayerNormalization as one operator; every ONNX Runtime since 1.12 knows it."""

IR_VERSION: Final = 8
"""The IR of opset 17; newer ones are refused by older ONNX Runtimes on the edge."""

BATCH_AXIS: Final = "N"
_TRACED: Final = 2


def export_graph(model: Model, *, version: str = "") -> onnx.ModelProto:
    """Write a model as ONNX: bundle inputs in, bundle outputs out, the first axis free.

    Args:
        model: the trained network.
        version: of the bundle, for the file's own metadata.

    Returns:
        A graph of standard operators alone, tidied, with name and origin in its metadata.
    """
    return trace(
        model.module,
        inputs=model.inputs,
        outputs=model.outputs,
        name=model.name,
        version=version,
        training=model.training,
    )


def trace(
    module: nn.Module,
    *,
    inputs: Sequence[InputName],
    outputs: Sequence[str],
    name: str,
    version: str,
    training: Training,
) -> onnx.ModelProto:
    """Write any network on a tracked face as ONNX; see ``export_graph``.

    Args:
        module: in evaluation mode, on the CPU.
        inputs: of ``module``, in order.
        outputs: of ``module``, in order.
        name: of the bundle.
        version: of the bundle.
        training: how it came to be.
    """
    buffer = io.BytesIO()
    names: list[str] = [*inputs, *outputs]
    with torch.inference_mode(), warnings.catch_warnings():
        # It says that a newer exporter exists, and for slices that it traces.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"torch\.onnx")
        warnings.filterwarnings("ignore", category=TracerWarning)
        torch.onnx.export(
            _exportable(module),
            tuple(_example(each) for each in inputs),
            buffer,  # type: ignore[arg-type]  # a file object, as its documentation says
            input_names=list(inputs),
            output_names=list(outputs),
            opset_version=OPSET,
            dynamo=False,
            dynamic_axes={each: {0: BATCH_AXIS} for each in names},
        )
    proto = keep_blocked(tidy(onnx.load_model_from_string(buffer.getvalue())))
    proto.ir_version = IR_VERSION
    proto.producer_name = "painwatch"
    proto.producer_version = ""
    proto.graph.name = name
    describe(proto, name=name, version=version, training=training.model_dump_json())
    onnx.checker.check_model(proto, full_check=True)
    return proto


def describe(proto: onnx.ModelProto, **facts: str) -> None:
    """Put facts into the file's own metadata; other keys stay."""
    known = {entry.key: entry.value for entry in proto.metadata_props}
    onnx.helper.set_model_props(proto, {**known, **facts})


def _exportable(module: nn.Module) -> nn.Module:
    """A copy whose attention is written out: two matrix products and a softmax, the same numbers.

    The fused kernel is traced as a detour over shapes that no other tool sees through.
    """
    plain = copy.deepcopy(module)
    for part in plain.modules():
        if hasattr(part, "fused_attn"):
            setattr(part, "fused_attn", False)  # noqa: B010  (timm's own switch, typed as Final)
    return plain.eval()


def _example(name: InputName) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    match name:
        case "face":
            shape = (_TRACED, CROP_SIZE, CROP_SIZE, 3)
            return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
        case "landmarks":
            return torch.randn(_TRACED, LANDMARK_COUNT, 3, generator=generator)
        case "blendshapes":
            return torch.rand(_TRACED, len(BLENDSHAPES), generator=generator)


def operators(proto: onnx.ModelProto) -> dict[str, int]:
    """How often each operator occurs."""
    counts: dict[str, Any] = {}
    for node in proto.graph.node:
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    return counts
