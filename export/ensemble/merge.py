"""Several graphs as one whose outputs are the weighted mean of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from pain.bundle import InputName, OutputName
from pain.scales import LEVEL_COUNT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One member.

    Attributes:
        graph: its fp32 graph.
        inputs: names of what it takes.
        outputs: names of what it gives.
        action_units: columns of that output.
        weight: its share; the shares of all members sum to 1.
    """

    graph: ModelProto
    inputs: tuple[InputName, ...]
    outputs: tuple[OutputName, ...]
    action_units: tuple[str, ...]
    weight: float


def merge(parts: Sequence[Part], *, name: str) -> ModelProto:
    """Join graphs: inputs of one name are one input, and outputs are weighted means.

    Probabilities and level are means of all members'; PSPI and every AU are the mean over those
    members that have it, with their weights scaled to 1; AUs are matched by name.

    Args:
        parts: at least two, of one opset and IR.
        name: of the graph.
    """
    nodes: list[NodeProto] = []
    tensors: list[onnx.TensorProto] = []
    inputs: dict[str, onnx.ValueInfoProto] = {}
    for number, part in enumerate(parts):
        # Inputs keep their names, which makes them shared.
        prefixed = onnx.compose.add_prefix(
            part.graph, prefix=_prefix(number), rename_inputs=False, rename_nodes=True
        )
        nodes += prefixed.graph.node
        tensors += prefixed.graph.initializer
        inputs |= {port.name: port for port in prefixed.graph.input}
    joint = _Joint(nodes=nodes, tensors=tensors)
    outputs = _join(parts, joint)
    graph: GraphProto = helper.make_graph(
        joint.nodes,
        name,
        list(inputs.values()),
        [_port(output, *sizes) for output, sizes in outputs.items()],
        joint.tensors,
    )
    first = parts[0].graph
    proto = helper.make_model(
        graph,
        opset_imports=first.opset_import,
        ir_version=first.ir_version,
        producer_name="painwatch",
    )
    onnx.checker.check_model(proto, full_check=True)
    return proto


def joint_units(parts: Sequence[Part]) -> tuple[str, ...]:
    """Every AU that a member reads, in the order in which they are first named."""
    return tuple(dict.fromkeys(unit for part in parts for unit in part.action_units))


def unit_weights(parts: Sequence[Part]) -> list[npt.NDArray[np.float32]]:
    """For each member a matrix (its AUs, joint AUs) of weights; every column of all sums to 1."""
    units = joint_units(parts)
    readers = {
        unit: sum(part.weight for part in parts if unit in part.action_units) for unit in units
    }
    matrices = []
    for part in parts:
        matrix = np.zeros((len(part.action_units), len(units)), np.float32)
        for row, unit in enumerate(part.action_units):
            matrix[row, units.index(unit)] = part.weight / readers[unit]
        matrices.append(matrix)
    return matrices


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Joint:
    """A graph that grows."""

    nodes: list[NodeProto]
    tensors: list[onnx.TensorProto]

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(
            helper.make_node(operator, list(inputs), [output], name=output, **attributes)
        )
        return output

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        self.tensors.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def _join(parts: Sequence[Part], joint: _Joint) -> dict[str, tuple[int, ...]]:
    shares = [part.weight for part in parts]
    _mean(joint, "probabilities", range(len(parts)), shares)
    _mean(joint, "level", range(len(parts)), shares)
    outputs: dict[str, tuple[int, ...]] = {"probabilities": (LEVEL_COUNT,), "level": ()}
    with_pspi = [number for number, part in enumerate(parts) if "pspi" in part.outputs]
    if with_pspi:
        total = sum(shares[number] for number in with_pspi)
        _mean(joint, "pspi", with_pspi, [shares[number] / total for number in with_pspi])
        outputs["pspi"] = ()
    with_units = [number for number, part in enumerate(parts) if part.action_units]
    if with_units:
        matrices = unit_weights(parts)
        terms = []
        for number in with_units:
            weights = joint.constant(f"{_prefix(number)}unit_weights", matrices[number])
            term = f"{_prefix(number)}units"
            terms.append(joint.add("MatMul", [f"{_prefix(number)}action_units", weights], term))
        _sum(joint, terms, "action_units")
        outputs["action_units"] = (len(joint_units(parts)),)
    return outputs


def _mean(joint: _Joint, output: str, members: Sequence[int], shares: Sequence[float]) -> None:
    terms = []
    for number, share in zip(members, shares, strict=True):
        weight = joint.constant(f"{_prefix(number)}{output}_weight", np.float32(share))
        term = f"{_prefix(number)}{output}_share"
        terms.append(joint.add("Mul", [f"{_prefix(number)}{output}", weight], term))
    _sum(joint, terms, output)


def _sum(joint: _Joint, terms: Sequence[str], output: str) -> None:
    joint.add("Sum", terms, output)


def _prefix(number: int) -> str:
    return f"member{number}_"


def _port(name: str, *sizes: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["N", *sizes])
