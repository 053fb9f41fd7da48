"""Real processes with real graphs; energy where a device reports it, nothing where not."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from export.bench.candidate import Kind, Provider, candidates
from export.bench.cli import app
from export.bench.energy import open_meter
from export.bench.report import rows_of
from export.bench.run import Timed, time_all
from export.bench.worker import Ready
from export.bundle import read_arrays
from pain.bundle import write_manifest

BUNDLE = Path(__file__).parents[3] / "edge" / "bundles" / "landmarks-v1"


def ready() -> Ready:
    return Ready(load_ms=1.0, difference=None, passed=None, note="random weights")


def rail(chip: Path, channel: int, label: str, *, mv: int, ma: int) -> None:
    (chip / f"in{channel}_label").write_text(f"{label}\n")
    (chip / f"in{channel}_input").write_text(f"{mv}\n")
    (chip / f"curr{channel}_input").write_text(f"{ma}\n")


@pytest.mark.slow
def test_every_row_is_measured_checked_and_told(tmp_path: Path) -> None:
    out, plot = tmp_path / "models.csv", tmp_path / "models.png"
    options = ["--baseline", "landmarks", "--providers", "cpu", "--providers", "cuda"]
    arguments = [str(BUNDLE), *options, "--seconds", "0.1"]
    result = CliRunner().invoke(app, [*arguments, "--out", str(out), "--plot", str(plot)])
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by = {(row["kind"], row["provider"]): row for row in rows}
    crop, eager = by["preprocess", "cpu"], by["torch eager", "cpu"]
    graph, absent = by["graph", "cpu"], by["graph", "cuda"]
    assert graph["golden"] == "pass"
    assert float(graph["golden_max_level_difference"]) < 1e-3
    for row in (crop, eager, graph):
        assert 0 < float(row["p50_ms"]) <= float(row["p95_ms"]) <= float(row["p99_ms"])
        assert float(row["peak_memory_mb"]) > 0
        assert int(row["runs"]) >= 10
        assert row["commit"]
        assert row["device"]
    assert float(graph["times_as_fast"]) > 0
    assert "random weights" in graph["baseline"]
    assert float(eager["times_as_fast"]) == 1.0
    assert absent["p50_ms"] == absent["golden"] == absent["times_as_fast"] == ""
    assert "CUDAExecutionProvider" in absent["note"]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_golden_faces_that_come_out_wrong_fail(tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(BUNDLE, folder)
    golden = read_arrays(folder / "golden.npz")
    golden["output.level"] = golden["output.level"] + np.float32(1.0)
    np.savez(folder / "golden.npz", **golden)
    document = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    fields = {k: v for k, v in document.items() if k not in ("artefacts", "bundle_sha256")}
    files = {"model": ("model.onnx", "fp32"), "golden": ("golden.npz", None)}
    write_manifest(folder, files=files, **fields)
    out = tmp_path / "models.csv"
    result = CliRunner().invoke(app, [str(folder), "--seconds", "0.1", "--out", str(out)])
    assert result.exit_code == 1
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    (row,) = (row for row in rows if row["kind"] == "graph")
    assert row["golden"] == "FAIL"
    assert float(row["golden_max_level_difference"]) == pytest.approx(1.0, abs=0.01)


def test_a_device_without_a_counter_has_no_energy(tmp_path: Path) -> None:
    assert open_meter(None, hwmon=tmp_path) is None
    (one,) = candidates([], baseline=None, providers=[], batches=[1], threads=1, gpu=False)
    (row,) = rows_of([Timed(candidate=one, ready=ready(), taken_ms=[2.0, 4.0])])
    assert row["mj_per_face"] == ""
    assert row["energy_source"] == "not reported"
    assert row["gpu_memory_mb"] == ""
    assert row["faces_per_s"] == pytest.approx(2 / 0.006)


def test_the_whole_boards_rail_counts_alone(tmp_path: Path) -> None:
    chip = tmp_path / "hwmon1"
    chip.mkdir()
    (chip / "name").write_text("ina3221\n")
    rail(chip, 1, "VDD_IN", mv=5000, ma=1200)
    rail(chip, 2, "VDD_CPU_GPU_CV", mv=5000, ma=400)
    meter = open_meter(None, hwmon=tmp_path)
    assert meter is not None
    assert meter.source == "INA3221 VDD_IN"
    assert meter._now_w() == pytest.approx(6.0)
    assert meter.joules() >= 0.0


def test_without_a_whole_board_all_rails_are_added(tmp_path: Path) -> None:
    chip = tmp_path / "hwmon1"
    chip.mkdir()
    (chip / "name").write_text("ina3221\n")
    rail(chip, 1, "GPU", mv=5000, ma=1000)
    rail(chip, 2, "CPU", mv=5000, ma=400)
    meter = open_meter(None, hwmon=tmp_path)
    assert meter is not None
    assert meter._now_w() == pytest.approx(7.0)


def test_a_gpu_is_compared_with_pytorch_on_a_gpu() -> None:
    chosen = candidates(
        [BUNDLE],
        baseline="dinov2_s14",
        providers=[Provider.CPU, Provider.CUDA],
        batches=[1, 8],
        threads=1,
        gpu=True,
    )
    found = [
        Timed(candidate=one, ready=ready(), taken_ms=[float(at + 1)])
        for at, one in enumerate(chosen)
    ]
    for timed, row in zip(found, rows_of(found), strict=True):
        one = timed.candidate
        if one.kind is Kind.PREPROCESS:
            assert row["baseline"] == ""
            continue
        device = "cpu" if one.provider is Provider.CPU else "cuda"
        assert f"torch eager {device}, batch {one.batch}" in row["baseline"]


@pytest.mark.slow
def test_a_network_that_does_not_exist_is_a_row_that_says_so() -> None:
    chosen = candidates([], baseline="nonsense", providers=[], batches=[1], threads=1, gpu=False)
    crop, absent = time_all(chosen, seconds=0.1, turns=2)
    assert crop.taken_ms
    assert "neither a checkpoint's folder nor a backbone" in absent.refused
