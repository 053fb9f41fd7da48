"""The landmark model as one small ONNX graph."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from pain.action_units import AU_MAX
from pain.align import LANDMARK_COUNT
from pain.scales import LEVEL_COUNT, PSPI_MAX
from train.landmarks.faces import UNITS
from train.landmarks.model import FEATURES, LEVEL_BORDERS, LandmarkModel

OPSET: Final = 17
IR_VERSION: Final = 8
"""The IR of opset 17; newer ones are refused by older ONNX Runtimes on the edge."""


def build_graph(model: LandmarkModel) -> onnx.ModelProto:
    """Write a model as ONNX.

    Projection, standardisation and regression are one matrix, which makes the file six times
    smaller. The mean is taken off first, as its own step: the differences between faces are a
    hundredth of the coordinates, and float32 would lose them in the sum.

    Args:
        model: the trained model.

    Returns:
        Graph with input ``landmarks`` float32 (N, 478, 3) and outputs ``level`` (N,),
        ``probabilities`` (N, 7), ``pspi`` (N,), ``action_units`` (N, k).
    """
    constants: dict[str, Any] = {
        "flat_shape": np.array([-1, FEATURES], np.int64),
        "mean": model.mean[None].astype(np.float32),
        "weights": model.folded().astype(np.float32),
        "intercept": model.intercept.astype(np.float32),
        "slope": np.float32(model.link.slope),
        "borders": (LEVEL_BORDERS - model.link.offset)[None].astype(np.float32),
        "spread": np.float32(model.link.spread),
        "column_sizes": np.array([1, 1, len(UNITS)], np.int64),
        "last_axis": np.array([1], np.int64),
        "zero": np.float32(0.0),
        "unit_max": np.float32(AU_MAX),
        "pspi_max": np.float32(PSPI_MAX),
    }
    nodes = [
        helper.make_node("Reshape", ["landmarks", "flat_shape"], ["flat"]),
        helper.make_node("Sub", ["flat", "mean"], ["centred"]),
        helper.make_node("Gemm", ["centred", "weights", "intercept"], ["regressed"]),
        helper.make_node(
            "Split", ["regressed", "column_sizes"], ["raw_level", "raw_pspi", "raw_units"], axis=1
        ),
        helper.make_node("Clip", ["raw_units", "zero", "unit_max"], ["action_units"]),
        helper.make_node("Squeeze", ["raw_pspi", "last_axis"], ["flat_pspi"]),
        helper.make_node("Clip", ["flat_pspi", "zero", "pspi_max"], ["pspi"]),
        helper.make_node("Mul", ["raw_level", "slope"], ["stretched"]),
        helper.make_node("Sub", ["stretched", "borders"], ["above_border"]),
        helper.make_node("Div", ["above_border", "spread"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["at_least"]),
        helper.make_node("ReduceSum", ["at_least", "last_axis"], ["level"], keepdims=0),
        helper.make_node("Mul", ["raw_level", "zero"], ["zeros"]),
        helper.make_node("Exp", ["zeros"], ["ones"]),
        helper.make_node("Concat", ["ones", "at_least"], ["upper"], axis=1),
        helper.make_node("Concat", ["at_least", "zeros"], ["lower"], axis=1),
        helper.make_node("Sub", ["upper", "lower"], ["probabilities"]),
    ]
    graph = helper.make_graph(
        nodes,
        "landmarks",
        [_tensor("landmarks", "N", LANDMARK_COUNT, 3)],
        [
            _tensor("level", "N"),
            _tensor("probabilities", "N", LEVEL_COUNT),
            _tensor("pspi", "N"),
            _tensor("action_units", "N", len(UNITS)),
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    proto = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="painwatch",
    )
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _tensor(name: str, *shape: str | int) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
