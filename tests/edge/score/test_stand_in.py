"""The stand-in refuses what the stubs do not declare; else the tests that use it prove nothing."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import edge.score.tensorrt_api as api
from tests.edge.score.stand_in import StandIn, read_stubs


def test_the_stubs_are_read_although_some_of_their_lines_are_no_python() -> None:
    stubs = read_stubs()
    assert {"Builder", "IBuilderConfig", "INetworkDefinition", "OnnxParser"} <= set(stubs)
    assert "set_tensor_address" in stubs["IExecutionContext"].methods
    assert stubs["NetworkDefinitionCreationFlag"].values["STRONGLY_TYPED"] == 1


WRONG_CALLS: list[Any] = [
    ("an unknown class", lambda trt: trt.Engine()),
    ("an unknown method", lambda trt: trt.thing("IExecutionContext").execute_async_v2(0)),
    ("too few arguments", lambda trt: trt.thing("IExecutionContext").set_tensor_address("face")),
    ("a wrong type", lambda trt: trt.thing("IExecutionContext").set_tensor_address("face", "0")),
    ("a wrong name", lambda trt: trt.thing("IExecutionContext").execute_async_v3(stream=0)),
    ("an unknown member", lambda trt: trt.TensorIOMode.BOTH),
    ("a member of another enum", lambda trt: trt.Logger(trt.DataType.FLOAT)),
    ("another class", lambda trt: trt.Runtime(trt.Dims([1]))),
]


@pytest.mark.parametrize(
    "call", [row[1] for row in WRONG_CALLS], ids=[row[0] for row in WRONG_CALLS]
)
def test_what_the_stubs_do_not_declare_is_refused(call: Any) -> None:
    with pytest.raises(AssertionError, match=r"the stubs (have no|declare)"):
        call(StandIn())


def protocols(module: Any) -> list[type]:
    return [
        one
        for one in vars(module).values()
        if inspect.isclass(one) and one.__module__ == module.__name__ and one.__name__ != "TensorRT"
    ]


@pytest.mark.parametrize("protocol", protocols(api), ids=lambda one: one.__name__)
def test_every_type_that_is_written_down_is_as_the_stubs_declare_it(protocol: type) -> None:
    assert_declared(protocol)


def assert_declared(protocol: type) -> None:
    """Names of members, methods and arguments of a protocol against the stub of the same name."""
    line = StandIn()._line(protocol.__name__)
    assert line, f"the stubs have no {protocol.__name__}"
    for name in protocol.__annotations__:
        assert any(name in one.members for one in line), name
    for name, member in vars(protocol).items():
        if isinstance(member, property):
            assert any(name in one.properties or name in one.members for one in line), name
        elif inspect.isfunction(member) and not name.startswith("_"):
            assert_method(line, name, member)
        elif name == "__call__":
            assert_method(line, "__init__", member)


def assert_method(line: Any, name: str, member: Any) -> None:
    overloads = next((one.methods[name] for one in line if name in one.methods), [])
    assert overloads, name
    wanted = list(inspect.signature(member).parameters)[1:]
    fits = []
    for overload in overloads:
        declared = [one.arg for one in overload.args.args][1:]
        required = declared[: len(declared) - len(overload.args.defaults)]
        fits.append(declared[: len(wanted)] == wanted and len(wanted) >= len(required))
    assert any(fits), name
