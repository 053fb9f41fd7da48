"""What is exported is what was trained, or nothing is exported."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import pytest

from edge.config import ScoringConfig
from edge.score import Scorer
from export.bundle import read_arrays
from export.landmarks import bundle as exporter
from export.landmarks.bundle import export_bundle
from export.landmarks.graph import OPSET, build_graph
from export.landmarks.verify import verify_parity
from export.session import run_graph
from pain.bundle import load_bundle
from pain.errors import AssetError, ExportError
from tests.train.landmarks.synthetic import population
from train.landmarks.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from train.landmarks.crossval import cross_validate
from train.landmarks.evaluate import evaluate
from train.landmarks.fit import FitSettings, fit

QUICK = FitSettings(components=20, inner_folds=3)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    faces = population()
    return Checkpoint(
        model=fit(faces, QUICK),
        inputs=faces.landmarks,
        results=tuple(evaluate(faces, cross_validate(faces, QUICK))),
        data="a population made up for tests",
        data_sha256="0" * 64,
        libraries={"numpy": "2"},
    )


def test_the_graph_computes_what_the_checkpoint_computes(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(build_graph(checkpoint.model), path)
    parity = verify_parity(checkpoint.model, path, checkpoint.inputs)
    assert parity.inputs == len(checkpoint.inputs)
    assert 0.0 < parity.max_level_difference < 1e-3


def test_one_face_scores_as_it_does_in_a_batch(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(build_graph(checkpoint.model), path)
    batch = run_graph(path, {"landmarks": checkpoint.inputs[:5]})
    for row in range(5):
        alone = {"landmarks": checkpoint.inputs[row : row + 1]}
        for name, value in run_graph(path, alone).items():
            np.testing.assert_allclose(value[0], batch[name][row], atol=1e-4)


def test_the_graph_keeps_to_an_opset_that_old_runtimes_know(checkpoint: Checkpoint) -> None:
    assert build_graph(checkpoint.model).opset_import[0].version == OPSET == 17


def test_a_bundle_runs_in_the_daemon(checkpoint: Checkpoint, tmp_path: Path) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    bundle = export_bundle(checkpoint, tmp_path / "out", now=now)
    scorer = Scorer(bundle_dir=tmp_path / "out", scoring=ScoringConfig())
    assert scorer.bundle == bundle == load_bundle(tmp_path / "out")
    assert bundle.created == "2026-11-24T00:00:00+00:00"
    assert bundle.parity.inputs == len(checkpoint.inputs)
    golden = read_arrays(tmp_path / "out" / "golden.npz")
    assert golden["input.landmarks"].shape == (8, 478, 3)
    assert (np.diff(golden["output.level"]) >= 0.0).all()
    assert np.ptp(golden["output.level"]) > 3.0
    assert any(metric.name == "level_mae[all]" for metric in bundle.metrics)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_graph_that_differs_is_not_written(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(model: object) -> onnx.ModelProto:
        link = replace(checkpoint.model.link, offset=checkpoint.model.link.offset + 0.01)
        return build_graph(replace(checkpoint.model, link=link))

    monkeypatch.setattr(exporter, "build_graph", wrong)
    with pytest.raises(ExportError, match="'level' differs from the checkpoint by"):
        export_bundle(checkpoint, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_without_a_tracked_face_nothing_is_exported(checkpoint: Checkpoint, tmp_path: Path) -> None:
    empty = replace(checkpoint, inputs=checkpoint.inputs[:0])
    with pytest.raises(ExportError, match="no tracked face"):
        export_bundle(empty, tmp_path / "out")


def test_an_older_bundle_is_replaced_but_no_other_folder(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export_bundle(checkpoint, out)
    (out / "left-over").write_text("from the older bundle")
    export_bundle(checkpoint, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "bundle.json",
        "golden.npz",
        "model.onnx",
    ]
    other = tmp_path / "photos"
    other.mkdir()
    (other / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(AssetError, match="not a bundle"):
        export_bundle(checkpoint, other)
    assert (other / "holiday.jpg").exists()


def test_a_checkpoint_comes_back_as_it_was(checkpoint: Checkpoint, tmp_path: Path) -> None:
    save_checkpoint(checkpoint, tmp_path)
    loaded = load_checkpoint(tmp_path)
    assert loaded.model.link == checkpoint.model.link
    np.testing.assert_array_equal(loaded.model.weights, checkpoint.model.weights)
    np.testing.assert_array_equal(loaded.inputs, checkpoint.inputs)
    assert loaded.results == checkpoint.results


@pytest.mark.parametrize("missing", ["model.npz", "inputs.npz", "report.json"])
def test_an_incomplete_checkpoint_is_refused(
    checkpoint: Checkpoint, tmp_path: Path, missing: str
) -> None:
    save_checkpoint(checkpoint, tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(AssetError, match="not a landmark checkpoint"):
        load_checkpoint(tmp_path)
