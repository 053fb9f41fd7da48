"""What ``painwatch train fit`` and ``crossval`` leave becomes a bundle, or it is said why not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from edge.config import ScoringConfig
from edge.score import Scorer
from export.cli import app
from export.faces import Faces
from export.model import LEVEL_OUTPUTS, Model, open_model
from export.onnx.trace import export_graph
from export.session import run_graph
from export.verify.reference import run_model
from pain.bundle import load_bundle
from pain.errors import AssetError
from tests.train.explain.checkpoints import write_checkpoint
from tests.train.protocol.toy import Toy
from tests.train.temporal.toy import clip_toy, temporal
from train.backbones import make_backbone
from train.backbones.weights import WeightSource
from train.cli import app as training
from train.experiment import Experiment
from train.objectives import objective_names
from train.objectives.task import Task
from train.protocol.calibrate import Calibration
from train.protocol.checkpoint import load_checkpoint
from train.protocol.network import LevelReader, PainNet, build_network, build_objective

DATA = {"data": "toy", "origin": "synthetic", "licence": "CC0-1.0", "samples": 24, "people": 6}
YAML = """
backbone: {name: landmarks}
optimiser: {epochs: 4, lr: 0.003}
split: {folds: 2}
engine: {accelerator: cpu, threads: 1}
"""


def run_training(*arguments: str | Path) -> None:
    asked = [str(argument) for argument in arguments]
    CliRunner().invoke(training, asked, catch_exceptions=False)


@pytest.fixture(scope="module")
def runs(tracked: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-validation of two folds and a fit, really trained."""
    folder = tmp_path_factory.mktemp("runs")
    config = folder / "Toy_run.yaml"
    config.write_text(f"task: ordinal{YAML}", encoding="utf-8")
    run_training("crossval", config, *tracked.places, "--out", folder)
    run_training("fit", config, *tracked.places, "--out", folder / "fitted")
    return folder


def export(checkpoint: Path, out: Path, tracked: Toy) -> None:
    asked = ["onnx", str(checkpoint), "--out", str(out), "--faces", "8", *tracked.places]
    CliRunner().invoke(app, asked, catch_exceptions=False)


@pytest.mark.parametrize("place", ["Toy_run/fold-1/checkpoint", "fitted/checkpoint"])
def test_a_trained_checkpoint_becomes_a_bundle_that_says_its_calibrated_level(
    runs: Path, tracked: Toy, faces: Faces, tmp_path: Path, place: str
) -> None:
    export(runs / place, tmp_path / "out", tracked)
    bundle = load_bundle(tmp_path / "out")
    saved = load_checkpoint(runs / place)
    assert saved.calibration.temperature != 1.0
    said = run_graph(tmp_path / "out" / "model.onnx", faces.inputs)
    with torch.inference_mode():
        shown = torch.from_numpy(faces.inputs["landmarks"].copy())
        raw = saved.network.decode(saved.network(shown)).probabilities.double()
        scored = saved.calibration.read(raw)
    assert np.ptp(said["level"]) > 0.5
    assert (scored.probabilities - raw).abs().max() > 1e-3
    np.testing.assert_allclose(said["probabilities"], scored.probabilities, atol=1e-5)
    np.testing.assert_allclose(said["level"], scored.level, atol=1e-4)
    assert bundle.calibration.temperature == saved.calibration.temperature
    assert bundle.calibration.level == "moved"
    assert bundle.calibration.borders == saved.calibration.thresholds
    assert Scorer(bundle_dir=tmp_path / "out", scoring=ScoringConfig()).bundle == bundle


def test_the_card_says_how_it_was_trained(runs: Path) -> None:
    fold = open_model(runs / "Toy_run" / "fold-1" / "checkpoint")
    fitted = open_model(runs / "fitted" / "checkpoint")
    assert (fold.name, fold.outputs, fold.action_units) == (
        "toy-run",
        ("probabilities", "level"),
        (),
    )
    card = fitted.training
    assert card.data.endswith(": 24 synthetic faces of 6 people")
    assert card.backbone == "landmarks, official weights, frozen"
    assert (card.loss, card.task) == ("ordinal", "level 0..6 of one frame (ordinal)")
    assert card.command == "painwatch train fit Toy_run.yaml"
    assert card.split_protocol.startswith("no subject in two parts; 20% of the training part")
    assert fold.training.data == f"{card.data}; without those that fold-1 was tested on"
    assert fold.training.command == "painwatch train crossval Toy_run.yaml"
    assert fold.training.split_protocol == f"fold-1 of 2; {card.split_protocol}"
    assert {metric.name for metric in fold.metrics} >= {"validation_loss", "best_epoch"}
    assert {"torch", "numpy"} <= set(fold.libraries)


@pytest.mark.parametrize(
    ("task", "loss"),
    [(task, loss) for task in (Task.ORDINAL, Task.REGRESSION) for loss in objective_names(task)],
)
def test_every_loss_has_a_graph_that_reads_its_outputs_alike(
    flat_model: Model, faces: Faces, task: Task, loss: str
) -> None:
    calibration = (
        Calibration(temperature=0.7, thresholds=(0.3, 1.2, 2.6, 3.4, 4.0, 5.7))
        if task is Task.ORDINAL
        else Calibration(spread=-0.4 if loss == "mae" else 0.3)
    )
    reader = LevelReader(random_network(task, loss, faces), calibration).eval()
    model = replace(
        flat_model, module=reader, inputs=("landmarks",), outputs=LEVEL_OUTPUTS, action_units=()
    )
    expected = run_model(model, faces.of(model.inputs))
    said = run_graph(export_graph(model).SerializeToString(), faces.inputs)
    assert expected["level"].std() > 0.05
    np.testing.assert_allclose(said["probabilities"].sum(axis=1), 1.0, atol=1e-5)
    for name, values in expected.items():
        np.testing.assert_allclose(said[name], values, atol=1e-4)


def random_network(task: Task, loss: str, faces: Faces) -> PainNet:
    """Random weights, large enough that one face reads otherwise than the next."""
    asked = {"name": "toy", "task": task, "backbone": {"name": "landmarks"}, "loss": {"name": loss}}
    experiment = Experiment.model_validate(asked)
    backbone = make_backbone(experiment.backbone.name, weights=WeightSource.RANDOM)
    network = build_network(experiment, backbone, build_objective(experiment, faces.levels)).eval()
    with torch.inference_mode():
        features = backbone(torch.from_numpy(faces.inputs["landmarks"].copy()))
    network.head.standardise.fit(features)
    network.start_at(faces.levels)
    with torch.no_grad():
        network.head.last.weight.mul_(8.0)
    return network


def test_a_picture_network_is_exported_with_its_preprocessing(
    tracked: Toy, faces: Faces, tmp_path: Path
) -> None:
    folder = write_checkpoint(tmp_path / "saved", "mobilenetv3_small", data=DATA)
    export(folder, tmp_path / "out", tracked)
    bundle = load_bundle(tmp_path / "out")
    assert (bundle.name, bundle.inputs) == ("mobilenetv3-small-trial", ("face",))
    assert bundle.training.backbone == "mobilenetv3_small, random weights, frozen"
    assert bundle.parity.max_level_difference < 1e-3


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"task": "binary"}, r"binary task says nothing of levels.*export an ordinal"),
        ({"view": "thesis"}, r"whole pictures \(view: thesis\).*train it with view: aligned"),
        ({"data": {"data": "toy"}}, r"what it learnt from \(origin, licence, samples, people\)"),
    ],
)
def test_what_the_daemon_could_not_use_is_refused(
    tracked: Toy, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    folder = write_checkpoint(tmp_path / "saved", "mobilenetv3_small", **{"data": DATA, **changes})
    with pytest.raises(AssetError, match=told) as caught:
        export(folder, tmp_path / "out", tracked)
    assert str(folder) in str(caught.value)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_head_over_clips_is_refused(tracked: Toy, tmp_path: Path) -> None:
    clips = clip_toy(tmp_path / "clips", people=6)
    config = tmp_path / "eyes.yaml"
    over_time = {
        "task": "ordinal",
        "backbone": {"name": "landmarks_blendshapes"},
        "temporal": temporal("gru"),
        "optimiser": {"epochs": 1},
        "engine": {"accelerator": "cpu", "threads": 1},
    }
    config.write_text(json.dumps(over_time), encoding="utf-8")
    run_training("fit", config, *clips.places, "--out", tmp_path / "fitted")
    with pytest.raises(AssetError, match=r"over the frames of clips.*without 'temporal'"):
        export(tmp_path / "fitted" / "checkpoint", tmp_path / "out", tracked)


def test_the_run_is_not_its_checkpoint(runs: Path, tracked: Toy, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"Toy_run holds no checkpoint"):
        export(runs / "Toy_run", tmp_path / "out", tracked)
