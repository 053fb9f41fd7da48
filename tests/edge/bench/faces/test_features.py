"""Faces as numbers, read by real ONNX graphs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from typer.testing import CliRunner

from edge.batch.media import Problem
from edge.bench.command import bench_app
from edge.bench.faces.features import head_from_features, read_features, read_with, stored_readers
from edge.score import builtin_bundle_dir
from pain.errors import DataError

Features = Callable[..., Path]


@pytest.fixture
def features(tmp_path: Path) -> Features:
    def write(**arrays: np.ndarray) -> Path:
        given = {
            "person": np.array(["a", "b", "b", "c"]),
            "pain_like": np.array(["yes", "no", "no", "unsure"]),
            "old": np.array(["yes", "no", "no", "no"]),
            "blendshapes": np.zeros((4, 52), np.float16),
            "level_x": np.array([5.0, 1.0, 2.0, 3.0]),
            "s152": np.arange(8, dtype=np.float16).reshape(4, 2),
        }
        np.savez(tmp_path / "faces.npz", **(given | arrays))
        return tmp_path / "faces.npz"

    return write


def head(path: Path, name: str) -> Path:
    """A graph that adds up an array of two columns."""
    given = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2])
    level = helper.make_tensor_value_info("level", TensorProto.FLOAT, ["n"])
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    add = helper.make_node("ReduceSum", [name, "axes"], ["level"], keepdims=0)
    graph = helper.make_graph([add], "head", [given], [level], initializer=[axes])
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
    return path


def test_labels_and_stored_levels_are_read(features: Features):
    file = read_features(features())
    assert [subject.label.pain for subject in file.subjects] == [True, False, False, None]
    assert [subject.person for subject in file.subjects] == ["a", "b", "b", "c"]
    assert [subject.label.age for subject in file.subjects] == ["old", *["not old"] * 3]
    stored, textbook = stored_readers(file)
    assert (stored.name, stored.values.tolist()) == ("x (stored)", [5.0, 1.0, 2.0, 3.0])
    assert not textbook.is_level


def test_a_head_reads_the_arrays_that_its_inputs_are_named_as(features: Features, tmp_path: Path):
    arrays = read_features(features()).arrays
    assert head_from_features(head(tmp_path / "h.onnx", "s152"), arrays).tolist() == [1, 5, 9, 13]
    with pytest.raises(DataError, match="wants s999; the file has blendshapes"):
        head_from_features(head(tmp_path / "h.onnx", "s999"), arrays)


def test_a_bundle_that_wants_pixels_is_told_and_not_guessed(features: Features):
    said = read_with(read_features(features()), "m", builtin_bundle_dir("mobilenetv3s-v1"))
    assert isinstance(said, Problem)
    assert "wants face, and the file holds numbers alone" in said.words


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"s152": np.zeros((3, 2))}, "a row for each face"),
        ({"pain_like": np.array(["yes", "no", "no", "maybe"])}, "row 3: pain_like = 'maybe'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(features: Features, arrays: dict, words: str):
    with pytest.raises(DataError, match=words):
        read_features(features(**arrays))


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path):
    (tmp_path / "x.npz").write_bytes(b"no archive")
    with pytest.raises(DataError, match="no readable"):
        read_features(tmp_path / "x.npz")


def test_the_command_reads_numbers_and_levels_of_a_model_that_is_no_bundle_yet(features: Features):
    path = features()
    levels = path.with_name("levels.csv")
    levels.write_text("file,mine\nrow 0,6\nrow 1,0\nrow 2,\nrow 9,1\n", encoding="utf-8")
    out = path.with_name("out.csv")
    said = CliRunner().invoke(
        bench_app,
        ["faces", "--features", str(path), "--levels", str(levels), "--out", str(out)],
    )
    assert said.exit_code == 2, said.output  # row 9 is no face here; the rest was measured
    assert "row 9 is no face here" in said.output
    found = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    whole = {row["reader"]: row for row in found if row["by"] == "all"}
    assert whole["mine"]["found"] == "2"
    assert whole["mine"]["auroc"] == "1"
    assert whole["x (stored)"]["auroc"] == "1"
    assert out.with_suffix(".png").stat().st_size > 1000
