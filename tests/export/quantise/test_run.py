"""A bundle gains an INT8 graph that holds its bar, or stays as it was."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from torch import nn
from typer.testing import CliRunner

from edge.config import ScoringConfig
from edge.score import Scorer
from export.cli import app
from export.faces import Faces
from export.quantise.run import quantise_bundle, refuse
from export.quantise.target import Method
from export.verify.bars import Bar
from pain.bundle import load_bundle
from pain.errors import BundleCorrupt, ExportError
from tests.export.quantise.networks import Convolutions, Reader, write_bundle
from tests.train.protocol.toy import Toy

Known = Callable[[nn.Module], tuple[Reader, Faces]]
BAR = Bar(max_worsening=0.2, min_agreement=0.8)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_layer_that_is_ruined_goes_back_to_float_and_no_other(
    known_to: Known, tmp_path: Path
) -> None:
    reader, faces = known_to(Convolutions(ruined=True))
    folder = write_bundle(reader, np.asarray(faces.inputs["face"]), tmp_path / "toy")
    result = quantise_bundle(folder, faces, calibration=24, bar=BAR)
    whole, last = result.found.trials[-2:]
    assert BAR.missed(whole.comparison)
    assert whole.kept_float == ()
    assert [layer.name for layer in last.kept_float] == ["/body/body.2/Conv"]
    assert result.found.costs[0].levels > 5 * result.found.costs[1].levels
    bundle = load_bundle(folder)
    (kept,) = bundle.parity_by_precision["int8"].kept_float
    assert kept == f"/body/body.2/Conv ({result.found.costs[0].levels:.3f} level)"


def test_nothing_goes_back_where_nothing_is_ruined(known_to: Known, tmp_path: Path) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    folder = write_bundle(reader, np.asarray(faces.inputs["face"]), tmp_path / "toy")
    before = load_bundle(folder)
    result = quantise_bundle(folder, faces, calibration=24, bar=BAR, preferred=True)
    after = load_bundle(folder)
    assert result.bundle == after
    assert after.preferred == "int8"
    assert after.artefacts["model"] == before.artefacts["model"]
    parity = after.parity_by_precision["int8"]
    assert parity.kept_float == ()
    assert parity.mae_before == pytest.approx(0.0, abs=1e-4)
    assert 0.0 < parity.mae_after <= 0.2
    assert {trial.method for trial in result.found.trials} == set(Method)
    best = min(trial.comparison.mae_after for trial in result.found.trials)
    assert result.found.chosen.comparison.mae_after == best
    (note,) = (
        entry.value
        for entry in onnx.load(folder / "model.int8.onnx").metadata_props
        if entry.key == "painwatch.quantisation"
    )
    assert result.people in note


def test_a_bundle_whose_bar_is_missed_is_not_written(known_to: Known, tmp_path: Path) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    folder = write_bundle(reader, np.asarray(faces.inputs["face"]), tmp_path / "toy")
    before = files(folder)
    impossible = Bar(max_worsening=-1.0)
    result = quantise_bundle(
        folder, faces, calibration=24, bar=impossible, methods=(Method.MINMAX,)
    )
    assert result.bundle is None
    assert [len(trial.kept_float) for trial in result.found.trials] == [0, 1, 2, 3]
    with pytest.raises(ExportError, match="nothing was written"):
        refuse(result, folder, impossible)
    assert files(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_the_daemon_runs_what_was_written(known_to: Known, tmp_path: Path) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    folder = write_bundle(reader, np.asarray(faces.inputs["face"]), tmp_path / "toy")
    quantise_bundle(folder, faces, calibration=24, bar=BAR, methods=(Method.MINMAX,))
    scorer = Scorer(bundle_dir=folder, scoring=ScoringConfig(precision="int8"))
    assert scorer.bundle == load_bundle(folder)


def test_golden_faces_are_needed_before_anything_is_tried(known_to: Known, tmp_path: Path) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    folder = write_bundle(reader, np.asarray(faces.inputs["face"]), tmp_path / "toy")
    (folder / "golden.npz").unlink()
    with pytest.raises(BundleCorrupt, match="golden"):
        quantise_bundle(folder, faces, calibration=24, bar=BAR)


def test_the_command_says_who_judged_and_what_each_layer_costs(
    known_to: Known, crop_set: Toy, short_clip: Path, landmarker_path: Path, tmp_path: Path
) -> None:
    reader, faces = known_to(Convolutions(ruined=False))
    folder = write_bundle(reader, np.asarray(faces.inputs["face"]), tmp_path / "toy")
    report = tmp_path / "quantisation.csv"
    options = ["--calibration", "20", "--bar-mae", "0.3", "--bar-agreement", "0.5"]
    options += ["--clip", str(short_clip)]
    arguments = ["int8", str(folder), *crop_set.places, *options, "--method", "minmax"]
    result = CliRunner().invoke(app, [*arguments, "--report", str(report)])
    assert result.exit_code == 0, result.output
    assert "calibrated on 20 faces" in result.output
    assert "short.mp4" in result.output
    assert "model.int8" in load_bundle(folder).artefacts
    with report.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["layer"] for row in rows} > {"/body/body.0/Conv", "/body/body.8/Gemm"}
    kept = [row for row in rows if row["precision"] == "fp32"]
    assert f"{4 - len(kept)} of 4 layers in 8 bits" in result.output
    costs = [float(row["cost_levels"]) for row in rows]
    assert costs == sorted(costs, reverse=True)


def test_a_folder_without_a_bundle_is_a_mistake_of_the_caller(
    crop_set: Toy, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["int8", str(tmp_path), *crop_set.places])
    assert isinstance(result.exception, BundleCorrupt)
    assert result.exception.exit_code == 2
