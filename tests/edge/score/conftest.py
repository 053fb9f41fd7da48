"""Small real bundles: an ONNX graph made by hand, its golden input, and a manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pain.bundle import MANIFEST_NAME, Bundle, manifest_sha256, write_manifest

PROBABILITIES = (0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05)
UNITS = ("AU4", "AU43")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A bundle to be made; the defaults make a good one."""

    graph_inputs: tuple[tuple[str, int, tuple[Any, ...]], ...] = (
        ("landmarks", TensorProto.FLOAT, ("N", 478, 3)),
    )
    probabilities: tuple[float, ...] = PROBABILITIES
    level: float = 3.0
    pspi: float = 7.0
    units: tuple[float, ...] = (2.0, 5.0)
    level_output: str = "level"
    claimed_inputs: tuple[str, ...] = ("landmarks",)
    claimed_units: tuple[str, ...] = UNITS
    golden_shift: float = 0.0
    with_golden: bool = True
    tolerance: float = 0.01
    nan_above: float | None = None
    hang_above: float | None = None
    other_graphs: tuple[tuple[str, float], ...] = ()
    """Precision, and the level that its graph gives."""
    int8_golden_level: float | None = None
    preferred: str = "fp32"
    calibration: Mapping[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> Recipe:
        return replace(self, **changes)


def _graph(recipe: Recipe) -> onnx.ModelProto:
    """Constant outputs for each face of the batch; NaN, or no answer, where an input is high."""
    first, _, shape = recipe.graph_inputs[0]
    width = int(np.prod(shape[1:]))
    outputs: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "probabilities": (recipe.probabilities, ("N", len(recipe.probabilities))),
        recipe.level_output: (recipe.level, ("N",)),
        "pspi": (recipe.pspi, ("N",)),
        "action_units": (recipe.units, ("N", len(recipe.units))),
    }
    constants: dict[str, Any] = {
        "flat_shape": np.array([-1, width], np.int64),
        "axis": np.array([1], np.int64),
        "zero": np.float32(0.0),
        "limit": np.float32(np.inf if recipe.nan_above is None else recipe.nan_above),
        "nan": np.float32(np.nan),
    }
    nodes = [
        helper.make_node("Cast", [first], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["floats", "flat_shape"], ["flat"]),
        helper.make_node("ReduceMax", ["flat"], ["column"], axes=[1], keepdims=1),
        helper.make_node("Greater", ["column", "limit"], ["above"]),
        helper.make_node("Where", ["above", "nan", "zero"], ["shift"]),
        *_hang(recipe.hang_above),
        helper.make_node("Squeeze", ["answer", "axis"], ["flat_shift"]),
    ]
    for name, (value, out_shape) in outputs.items():
        constants[f"{name}_value"] = np.asarray(value, np.float32)
        shift = "flat_shift" if len(out_shape) == 1 else "answer"
        nodes.append(helper.make_node("Add", [shift, f"{name}_value"], [name]))
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(n, k, list(s)) for n, k, s in recipe.graph_inputs],
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s))
            for n, (_, s) in outputs.items()
        ],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _hang(limit: float | None) -> list[onnx.NodeProto]:
    """Pass "shift" on as "answer", after more rounds than anybody waits for above the limit."""
    said = [
        helper.make_tensor_value_info("round", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        helper.make_tensor_value_info("before", TensorProto.FLOAT, ["N", 1]),
    ]
    kept = [
        helper.make_tensor_value_info("still", TensorProto.BOOL, []),
        helper.make_tensor_value_info("after", TensorProto.FLOAT, ["N", 1]),
    ]
    rounds = [
        helper.make_node("Identity", ["go"], ["still"]),
        helper.make_node("Neg", ["before"], ["after"]),
    ]
    far, many = np.float32(np.inf if limit is None else limit), np.int64(2**62)
    return [
        helper.make_node("Constant", [], ["far"], value=numpy_helper.from_array(np.asarray(far))),
        helper.make_node("Constant", [], ["many"], value=numpy_helper.from_array(np.asarray(many))),
        helper.make_node("ReduceMax", ["flat"], ["highest"], keepdims=0),
        helper.make_node("Greater", ["highest", "far"], ["hangs"]),
        helper.make_node("Cast", ["hangs"], ["once"], to=TensorProto.INT64),
        helper.make_node("Mul", ["once", "many"], ["trips"]),
        helper.make_node(
            "Loop",
            ["trips", "", "shift"],
            ["answer"],
            body=helper.make_graph(rounds, "rounds", said, kept),
        ),
    ]


def _write_golden(path: Path, recipe: Recipe) -> None:
    rows = 2
    inputs = {
        "landmarks": np.zeros((rows, 478, 3), np.float32),
        "blendshapes": np.zeros((rows, 52), np.float32),
        "face": np.zeros((rows, 256, 256, 3), np.uint8),
    }
    arrays: dict[str, Any] = {f"input.{name}": inputs[name] for name in recipe.claimed_inputs}
    outputs = {
        "probabilities": recipe.probabilities,
        "level": recipe.level + recipe.golden_shift,
        "pspi": recipe.pspi,
        "action_units": recipe.units,
    }
    for name, value in outputs.items():
        repeated = np.broadcast_to(np.asarray(value, np.float32), (rows, *np.shape(value)))
        arrays[f"output.{name}"] = repeated
    if recipe.int8_golden_level is not None:
        arrays["output.int8.level"] = np.full(rows, recipe.int8_golden_level, np.float32)
    np.savez(path, tolerance=np.float32(recipe.tolerance), **arrays)


def make_bundle(directory: Path, recipe: Recipe) -> Bundle:
    directory.mkdir()
    onnx.save(_graph(recipe), directory / "model.onnx")
    files: dict[str, Any] = {"model": ("model.onnx", "fp32")}
    for precision, level in recipe.other_graphs:
        onnx.save(_graph(recipe.but(level=level)), directory / f"model.{precision}.onnx")
        files[f"model.{precision}"] = (f"model.{precision}.onnx", precision)
    if recipe.with_golden:
        _write_golden(directory / "golden.npz", recipe)
        files["golden"] = ("golden.npz", None)
    return write_manifest(
        directory,
        files=files,
        name="test-bundle",
        version="1",
        created="2026-11-24T00:00:00+00:00",
        inputs=recipe.claimed_inputs,
        preferred=recipe.preferred,
        calibration=recipe.calibration,
        outputs=("probabilities", "level", "pspi", "action_units"),
        action_units=recipe.claimed_units,
        training={
            "data": "none",
            "data_licence": "none",
            "split_protocol": "none",
            "task": "test",
            "loss": "none",
            "backbone": "none",
            "command": "none",
        },
        metrics=(),
        parity={"inputs": 1, "max_level_difference": 0.0, "mean_level_difference": 0.0},
        intended_use="tests",
        limits="tests",
        library_versions={},
    )


@pytest.fixture
def bundle_dir(tmp_path: Path) -> Callable[..., Path]:
    """Make a bundle with some of the recipe changed; gives its folder."""

    def make(**changes: Any) -> Path:
        directory = tmp_path / "bundle"
        make_bundle(directory, Recipe().but(**changes))
        return directory

    return make


def replace_artefact(directory: Path, role: str, content: bytes) -> None:
    """Exchange a file and rewrite every hash, as an exporter with a defect would."""
    import hashlib
    import json

    path = directory / MANIFEST_NAME
    document = json.loads(path.read_text())
    artefact = document["artefacts"][role]
    (directory / artefact["file"]).write_bytes(content)
    artefact["sha256"] = hashlib.sha256(content).hexdigest()
    artefact["size_bytes"] = len(content)
    document["bundle_sha256"] = manifest_sha256(document)
    path.write_text(json.dumps(document))
