"""From clips to figures: the run, its twin without memory, and the checkpoint as a stream."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from lightning_fabric import Fabric
from typer.testing import CliRunner

from pain.errors import AssetError, ConfigError, DataError
from tests.train.protocol.toy import toy
from tests.train.temporal.toy import GAP, ClipToy, experiment, temporal
from train.cli import app
from train.experiment import load_experiment
from train.metrics import Predictions
from train.protocol.checkpoint import load_checkpoint
from train.protocol.gather import gather
from train.protocol.watcher import Watcher
from train.report.runs import read_runs
from train.report.tables import thesis_tables
from train.temporal.checkpoint import load_clip_checkpoint
from train.temporal.clips import clips_of

CONFIGS = Path(__file__).parents[3] / "configs" / "train"


def config(folder: Path, **changes: object) -> Path:
    values = {
        "task": "ordinal",
        "backbone": {"name": "landmarks_blendshapes"},
        "temporal": temporal("gru"),
        "optimiser": {"epochs": 4, "lr": 0.02, "batch_size": 16},
        "split": {"folds": 2},
        "engine": {"accelerator": "cpu", "threads": 1},
        **changes,
    }
    path = folder / "eyes.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, blinks: ClipToy) -> Path:
    root = tmp_path_factory.mktemp("runs")
    said = run("crossval", config(root), *blinks.places, "--out", root / "runs")
    assert "eyes-per-frame" in said
    return root / "runs"


def test_a_report_shows_the_run_beside_itself_without_memory(runs: Path):
    found = read_runs([runs / "eyes", runs / "eyes-per-frame"])
    (table,) = thesis_tables(found, [])
    labels = [row[0] for row in table.rows]
    assert labels[:2] == [
        "FL + blendshapes, GRU over time",
        "FL + blendshapes, frame by frame",
    ]
    with_time, without = found
    assert np.array_equal(with_time.predictions.sample, without.predictions.sample)
    assert np.array_equal(with_time.predictions.fold, without.predictions.fold)
    assert with_time.history
    record = json.loads((runs / "eyes" / "run.json").read_text(encoding="utf-8"))
    assert record["temporal"] == "gru"
    assert record["people"] == 15


def test_frames_without_a_face_are_not_predicted(runs: Path):
    found = Predictions.read(runs / "eyes" / "predictions.parquet")
    assert len(found) == 15 * 100 - 5 * (GAP.stop - GAP.start)
    assert not {f"p00.mp4#{at}" for at in range(GAP.start, GAP.stop)} & set(found.sample.tolist())


def test_the_checkpoint_as_a_stream_says_what_the_run_predicted(
    runs: Path, blinks: ClipToy, fabric: Fabric
):
    examples, material = gather(experiment(blinks), fabric, Watcher())
    found = Predictions.read(runs / "eyes" / "predictions.parquet")
    for clip in clips_of(examples)[:2]:
        fold = int(found.fold[clip.rows[0]])
        kept = load_clip_checkpoint(runs / "eyes" / f"fold-{fold}" / "checkpoint")
        state, before_s = kept.network.start(1), clip.time_s[0]
        for row, time_s in zip(clip.rows, clip.time_s, strict=True):
            features = torch.from_numpy(material.plain(np.array([row])))
            elapsed_s = torch.tensor([time_s - before_s], dtype=torch.float32)
            with torch.inference_mode():
                outputs, state = kept.network.step(features, elapsed_s, state)
                raw = kept.network.decode(outputs).probabilities.double()
                said = kept.calibration.read(raw)
            np.testing.assert_allclose(
                said.probabilities[0].numpy(), found.probabilities[row], atol=1e-4
            )
            assert float(said.level[0]) == pytest.approx(found.predicted[row], abs=1e-3)
            before_s = time_s


def test_a_finished_run_is_not_done_again(runs: Path, blinks: ClipToy):
    model = runs / "eyes" / "fold-0" / "checkpoint" / "model.safetensors"
    before = model.stat().st_mtime_ns
    run("crossval", config(runs.parent), *blinks.places, "--out", runs)
    assert model.stat().st_mtime_ns == before


def test_the_two_kinds_of_checkpoint_are_not_mistaken(runs: Path, tmp_path: Path):
    with pytest.raises(AssetError, match="over the frames of clips"):
        load_checkpoint(runs / "eyes" / "fold-0" / "checkpoint")
    faces = toy(tmp_path / "faces", people=6, per_person=4)
    single = tmp_path / "single.yaml"
    text = "task: ordinal\nbackbone: {name: landmarks}\noptimiser: {epochs: 1}\n"
    single.write_text(text, encoding="utf-8")
    run("fit", single, *faces.places, "--out", tmp_path / "fitted")
    with pytest.raises(AssetError, match="not for clips"):
        load_clip_checkpoint(tmp_path / "fitted" / "checkpoint")
    with pytest.raises(DataError, match="no frame of a clip"):
        run("fit", config(tmp_path), *faces.places, "--out", tmp_path / "never")


@pytest.mark.parametrize("name", ["temporal-gru", "temporal-tcn"])
def test_the_files_that_come_with_it_load(name: str):
    found = load_experiment(CONFIGS / f"{name}.yaml")
    with_time, without = found.with_comparison
    assert with_time.temporal is not None
    assert without.name == f"{name}-per-frame"
    assert without.with_comparison == (without,)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"temporal": {"head": "gruu"}}, "did you mean 'gru'"),
        ({"temporal": {"head": "gru", "window": 3.0}}, "did you mean 'window_s'"),
        ({"temporal": {"head": "gru", "window_s": 2.0}}, "shorter than window_s"),
        ({"backbone": {"name": "facenet"}}, "leave it out for pictures"),
        (
            {"backbone": {"name": "landmarks"}, "temporal": {"head": "gru", "components": 0}},
            "leaves nothing",
        ),
        ({"smote": {"enabled": True}}, "temporal learns clips"),
        ({"split": {"by": "image"}}, "needs split.by: subject"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, changes: dict[str, object], says: str):
    with pytest.raises(ConfigError, match=says):
        load_experiment(config(tmp_path, **changes))


def test_a_search_refuses_heads_over_time(tmp_path: Path, blinks: ClipToy):
    with pytest.raises(ConfigError, match="not tuned"):
        run("tune", config(tmp_path), *blinks.places)
