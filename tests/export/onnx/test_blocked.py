from __future__ import annotations

import io
import warnings

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from export.onnx.blocked import keep_blocked
from export.onnx.tidy import tidy
from export.onnx.trace import operators
from export.session import open_session
from train.backbones.mesh_network import Block


def traced(module: nn.Module, example: torch.Tensor) -> onnx.ModelProto:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (example,),
            buffer,
            input_names=["maps"],
            output_names=["out"],
            opset_version=17,
            dynamo=False,
            dynamic_axes={"maps": {0: "N"}, "out": {0: "N"}},
        )
    return tidy(onnx.load_model_from_string(buffer.getvalue()))


def answer(proto: onnx.ModelProto, maps: torch.Tensor) -> np.ndarray:
    (out,) = open_session(proto.SerializeToString()).run(None, {"maps": maps.numpy()})
    return out


def test_a_block_of_the_face_mesh_network_stays_in_the_blocked_layout():
    torch.manual_seed(0)
    block = Block(16, 32, halves=True)
    with torch.no_grad():
        # As in the published file: slopes below 0, between 0 and 1, and above 1.
        block.joined.weight.copy_(torch.linspace(-5, 20, 32))
    maps = torch.randn(3, 16, 8, 8)
    plain = traced(block, maps)
    blocked = keep_blocked(plain)

    assert operators(plain)["PRelu"] == 2
    assert operators(plain)["Pad"] == 1
    assert not {"PRelu", "Pad"} & operators(blocked).keys()
    onnx.checker.check_model(blocked, full_check=True)
    np.testing.assert_allclose(answer(blocked, maps), answer(plain, maps), rtol=1e-5, atol=1e-5)


def graph(node: onnx.NodeProto, **constants: np.ndarray) -> onnx.ModelProto:
    floats = TensorProto.FLOAT
    made = helper.make_graph(
        [node],
        "test",
        [helper.make_tensor_value_info("maps", floats, ["N", 2, 4, 4])],
        [helper.make_tensor_value_info("out", floats, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize(
    ("pads", "value"),
    [
        ([0, 0, 1, 1, 0, 0, 0, 0], 0.0),
        ([0, 1, 0, 1, 0, 0, 0, 0], 0.0),
        ([0, 1, 0, 0, 0, 1, 0, 0], 1.0),
        ([0, -1, 0, 0, 0, 0, 0, 0], 0.0),
    ],
    ids=["along the sides", "along both", "with ones", "that cuts"],
)
def test_another_pad_is_left_alone(pads: list[int], value: float):
    node = helper.make_node("Pad", ["maps", "pads", "value"], ["out"])
    made = graph(node, pads=np.array(pads), value=np.array(value, np.float32))

    assert keep_blocked(made) == made


def test_zeros_before_and_behind_the_maps():
    node = helper.make_node("Pad", ["maps", "pads"], ["out"])
    made = graph(node, pads=np.array([0, 1, 0, 0, 0, 2, 0, 0]))
    maps = torch.randn(1, 2, 4, 4)
    found = answer(keep_blocked(made), maps)

    assert found.shape == (1, 5, 4, 4)
    np.testing.assert_array_equal(found, answer(made, maps))


def test_slopes_that_are_not_one_per_map_are_left_alone():
    node = helper.make_node("PRelu", ["maps", "slopes"], ["out"])
    made = graph(node, slopes=np.full((1, 1, 4), 0.5, np.float32))

    assert keep_blocked(made) == made
