"""An ensemble says the weighted mean of what its members say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from edge.config import ScoringConfig
from edge.score import Scorer
from export.ensemble import bundle as joiner
from export.ensemble.bundle import export_ensemble
from export.ensemble.merge import Part, joint_units, merge, unit_weights
from export.faces import Faces
from export.model import Model
from export.onnx.bundle import export_bundle
from export.session import run_graph
from pain.bundle import load_bundle
from pain.errors import ConfigError, ExportError

SHARES = (2.0, 1.0)


@pytest.fixture(scope="module")
def members(
    mobile_model: Model, flat_model: Model, faces: Faces, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    root = tmp_path_factory.mktemp("members")
    for model in (mobile_model, flat_model):
        export_bundle(model, root / model.name, faces, version="1")
    return [root / mobile_model.name, root / flat_model.name]


def test_it_is_the_mean_of_its_members(members: list[Path], faces: Faces, tmp_path: Path) -> None:
    bundle = export_ensemble(members, tmp_path / "out", faces, weights=SHARES, version="3")
    assert set(bundle.inputs) == {"face", "landmarks", "blendshapes"}
    assert [member.weight for member in bundle.members] == pytest.approx([2 / 3, 1 / 3])
    for member, path in zip(bundle.members, members, strict=True):
        assert member.bundle_sha256 == load_bundle(path).bundle_sha256
    said = [run_graph(path / "model.onnx", faces.inputs) for path in members]
    joint = run_graph(tmp_path / "out" / "model.onnx", faces.inputs)
    assert np.abs(said[0]["level"] - said[1]["level"]).max() > 0.1
    for name in ("probabilities", "level", "pspi", "action_units"):
        expected = (2.0 * said[0][name] + said[1][name]) / 3.0
        np.testing.assert_allclose(joint[name], expected, atol=1e-4)
    np.testing.assert_allclose(joint["level"], joint["probabilities"] @ np.arange(7), atol=1e-5)
    assert bundle.calibration.level == "mean"
    scorer = Scorer(bundle_dir=tmp_path / "out", scoring=ScoringConfig())
    assert scorer.wants_crop


def test_a_wrong_mean_is_never_written(
    members: list[Path], faces: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unweighted(parts: Any, *, name: str) -> onnx.ModelProto:
        even = [
            Part(
                graph=part.graph,
                inputs=part.inputs,
                outputs=part.outputs,
                action_units=part.action_units,
                weight=0.5,
            )
            for part in parts
        ]
        return merge(even, name=name)

    monkeypatch.setattr(joiner, "merge", unweighted)
    with pytest.raises(ExportError, match="misses its bar"):
        export_ensemble(members, tmp_path / "out", faces, weights=SHARES, version="1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("weights", [(1.0,), (1.0, 0.0), (1.0, -1.0), (1.0, float("nan"))])
def test_weights_that_do_not_fit_are_told(
    members: list[Path], faces: Faces, tmp_path: Path, weights: tuple[float, ...]
) -> None:
    with pytest.raises(ConfigError, match="--weight"):
        export_ensemble(members, tmp_path / "out", faces, weights=weights, version="1")


def test_one_bundle_is_no_ensemble(members: list[Path], faces: Faces, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two bundles"):
        export_ensemble(members[:1], tmp_path / "out", faces, version="1")


def toy_part(units: tuple[str, ...], weight: float, *, pspi: float | None) -> Part:
    """A member that says the same of every face: level 2 or 4, and each AU as its number."""
    level = 2 if pspi is None else 4
    shares = ",".join("1" if k == level else "0" for k in range(7))
    intensities = ",".join(unit.removeprefix("AU") for unit in units)
    outputs = ["float[N,7] probabilities", "float[N] level"]
    lines = [
        f"p = Constant<value = float[1,7] {{{shares}}}>()",
        "zero = Constant<value = float {0}>()",
        "axes = Constant<value = int64[2] {1,2}>()",
        "none = ReduceSum<keepdims=0>(landmarks, axes)",
        "flat = Mul(none, zero)",
        "axis = Constant<value = int64[1] {1}>()",
        "column = Unsqueeze(flat, axis)",
        "probabilities = Add(column, p)",
        f"l = Constant<value = float {{{level}}}>()",
        "level = Add(flat, l)",
    ]
    if pspi is not None:
        outputs.append("float[N] pspi")
        lines += [f"s = Constant<value = float {{{pspi}}}>()", "pspi = Add(flat, s)"]
    if units:
        outputs.append(f"float[N,{len(units)}] action_units")
        lines += [
            f"u = Constant<value = float[1,{len(units)}] {{{intensities}}}>()",
            "action_units = Add(column, u)",
        ]
    text = (
        '<ir_version: 8, opset_import: ["" : 17]> g (float[N,478,3] landmarks) => '
        f"({', '.join(outputs)}) {{ {' '.join(lines)} }}"
    )
    return Part(
        graph=onnx.parser.parse_model(text),
        inputs=("landmarks",),
        outputs=tuple(port.split()[-1] for port in outputs),  # type: ignore[arg-type]
        action_units=units,
        weight=weight,
    )


def test_units_are_joined_by_name_and_each_is_the_mean_of_those_who_read_it() -> None:
    parts = [
        toy_part(("AU4", "AU6"), 0.5, pspi=8.0),
        toy_part(("AU6", "AU43"), 0.25, pspi=2.0),
        toy_part((), 0.25, pspi=None),
    ]
    assert joint_units(parts) == ("AU4", "AU6", "AU43")
    assert sum(matrix.sum(axis=0) for matrix in unit_weights(parts)) == pytest.approx([1, 1, 1])
    graph = merge(parts, name="toy").SerializeToString()
    said = run_graph(graph, {"landmarks": np.ones((2, 478, 3), np.float32)})
    np.testing.assert_allclose(said["action_units"], [[4, 6, 43]] * 2, atol=1e-5)
    np.testing.assert_allclose(said["pspi"], [6.0, 6.0])
    np.testing.assert_allclose(said["level"], [3.5, 3.5])
