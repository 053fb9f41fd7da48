"""Bundles of before become ones that TensorRT can read, and say the same, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper
from torch import Tensor
from typer.testing import CliRunner

from edge.config import ScoringConfig
from edge.score import Scorer
from export.bundle import add_graph
from export.cli import app
from export.faces import Faces
from export.half.convert import to_half
from export.model import Model
from export.onnx.bundle import export_bundle
from export.recast import bundle as rewriter
from export.recast.bundle import recast_bundle
from export.recast.graph import recast
from export.session import run_graph
from export.tensorrt.importer import refusals
from pain.bundle import load_bundle
from pain.errors import ExportError
from train.preprocess.graph import Preprocess


def crop_as_uint8(self: Preprocess, pictures: Tensor) -> Tensor:
    """How pictures were prepared until 2026-12."""
    moved = pictures[:, 16:240, 16:240, :].permute(0, 3, 1, 2).float()
    scaled = (moved - self.mean[:, None, None]) * self.factor[:, None, None]
    return scaled if self.resample is None else self.resample @ scaled @ self.resample.T


@pytest.fixture
def old(mobile_model: Model, faces: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as before:
        before.setattr(Preprocess, "forward", crop_as_uint8)
        export_bundle(mobile_model, tmp_path / "old", faces, version="1.0.0")
    half = to_half(onnx.load(tmp_path / "old" / "model.onnx")).SerializeToString()
    parity = load_bundle(tmp_path / "old").parity
    add_graph(tmp_path / "old", half, precision="fp16", parity=parity)
    return tmp_path / "old"


def test_every_graph_is_rewritten_and_nothing_that_they_say_changes(
    old: Path, faces: Faces
) -> None:
    before = load_bundle(old)
    graphs = ("model.onnx", "model.fp16.onnx")
    said = {name: run_graph(old / name, faces.inputs) for name in graphs}
    assert all(refusals(onnx.load(old / name)) for name in graphs)
    after = recast_bundle(old, version="1.0.1", faces=faces)
    assert after == load_bundle(old)
    for name in graphs:
        assert refusals(onnx.load(old / name)) == ()
        for output, values in run_graph(old / name, faces.inputs).items():
            np.testing.assert_array_equal(values, said[name][output])
    assert (after.version, after.parity, after.metrics) == ("1.0.1", before.parity, before.metrics)
    assert after.bundle_sha256 != before.bundle_sha256
    facts = {entry.key: entry.value for entry in onnx.load(old / "model.onnx").metadata_props}
    assert facts["version"] == "1.0.1"
    assert Scorer(bundle_dir=old, scoring=ScoringConfig()).bundle == after


def test_a_rewritten_graph_that_says_something_else_is_not_kept(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(proto: onnx.ModelProto) -> onnx.ModelProto:
        out = recast(proto)
        first = next(t for t in out.graph.initializer if t.name.endswith("head.last.bias"))
        first.raw_data = (np.frombuffer(first.raw_data, np.float32) + np.float32(0.1)).tobytes()
        return out

    before = load_bundle(old)
    monkeypatch.setattr(rewriter, "recast", wrong)
    with pytest.raises(ExportError, match="of the fp32 graph would change; nothing was written"):
        recast_bundle(old, version="1.0.1")
    assert load_bundle(old) == before


@pytest.mark.parametrize(
    ("version", "message"), [("1", "is version 1 already"), ("2", "nothing in its graphs")]
)
def test_what_needs_no_rewriting_stays_as_it_is(
    flat_model: Model, faces: Faces, tmp_path: Path, version: str, message: str
) -> None:
    export_bundle(flat_model, tmp_path / "new", faces, version="1")
    done = CliRunner().invoke(
        app, ["recast", str(tmp_path / "new"), "--version", version], catch_exceptions=True
    )
    assert message in str(done.exception)
    assert load_bundle(tmp_path / "new").version == "1"


def graph(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]>'
        f"g (uint8[N, 4, 6] p) => (float[N, A, B] y) {{ {text} }}"
    )


@given(
    st.lists(
        st.sampled_from(
            [
                "{1} = Transpose <perm = [0, 2, 1]> ({0})",
                "{1} = Identity ({0})",
                "{1} = Slice ({0}, one, nine, one)",
                "s{1} = Constant <value_ints = [0, 2, -1]> ()  {1} = Reshape ({0}, s{1})",
            ]
        ),
        max_size=2,
    ),
    st.integers(0, 2**32 - 1),
)
def test_pixels_may_be_moved_in_any_way(moves: list[str], seed: int) -> None:
    names = ["p", *(f"m{number}" for number in range(len(moves)))]
    steps = [move.format(*pair) for move, *pair in zip(moves, names, names[1:], strict=False)]
    proto = graph(" ".join([*steps, f"y = Cast <to = 1> ({names[-1]})"]))
    for name, value in (("one", 1), ("nine", 9)):
        proto.graph.initializer.append(numpy_helper.from_array(np.array([value]), name))
    pictures = {"p": np.random.default_rng(seed).integers(0, 256, (2, 4, 6), np.uint8)}
    after = recast(proto)
    takers = [node.op_type for node in after.graph.node if "p" in node.input]
    assert takers == ["Cast"]
    said = [run_graph(one.SerializeToString(), pictures)["y"] for one in (proto, after)]
    np.testing.assert_array_equal(*said)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("t = Add (p, p)  y = Cast <to = 1> (t)", "Add computes with p as uint8"),
        ("t = Cast <to = 10> (p)  y = Cast <to = 1> (t)", "cast to something else than float32"),
    ],
)
def test_pixels_that_are_computed_with_are_told(text: str, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        recast(graph(text))
