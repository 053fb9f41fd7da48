"""What a fold learns, and that it learns it from its own rows and no others."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from pain.errors import ConfigError
from tests.train.protocol.conftest import experiment
from tests.train.protocol.toy import Toy
from train.experiment import Experiment
from train.features.inputs import LandmarkInputs
from train.protocol.fold import Outcome, score, train_network
from train.protocol.folds import Fold, make_folds
from train.protocol.gather import gather
from train.protocol.learner import Epoch
from train.protocol.material import Material
from train.protocol.watcher import Watcher

Made = tuple[Material, tuple[Fold, ...]]


def made(asked: Experiment, fabric: Fabric) -> Made:
    examples, material = gather(asked, fabric, Watcher())
    return material, make_folds(examples.levels, examples.subjects, split=asked.split)


@pytest.fixture
def start(landmark_toy: Toy, fabric: Fabric) -> Callable[..., Made]:
    return lambda **changes: made(experiment(landmark_toy, **changes), fabric)


def fitted(outcome: Outcome) -> dict[str, torch.Tensor]:
    """Everything that was fitted, calibration included."""
    calibration = torch.tensor(
        [outcome.calibration.temperature, *(outcome.calibration.thresholds or ())]
    )
    return {**outcome.network.state_dict(), "calibration": calibration}


def same(one: Outcome, other: Outcome) -> bool:
    a, b = fitted(one), fitted(other)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def poisoned(material: Material, rows: np.ndarray) -> Material:
    """The same faces, those of ``rows`` made absurd, their levels too."""
    assert isinstance(material.inputs, LandmarkInputs)
    landmarks, levels = material.inputs.landmarks.copy(), material.levels.copy()
    landmarks[rows] = 1e3 * np.random.default_rng(0).normal(size=landmarks[rows].shape)
    levels[rows] = 6.0 - levels[rows]
    return replace(material, inputs=replace(material.inputs, landmarks=landmarks), levels=levels)


@pytest.mark.parametrize("task", ["ordinal", "regression", "binary"])
def test_nothing_that_is_fitted_has_seen_the_test_part(start: Callable[..., Made], task: str):
    material, folds = start(task=task, smote={"enabled": True})
    fold = folds[0]
    clean = train_network(material, fold.train, fold.validation, seed=1)
    strange = poisoned(material, fold.test)
    assert same(clean, train_network(strange, fold.train, fold.validation, seed=1))
    # The same poison where it belongs is not overlooked, so the test above can fail.
    for rows in (fold.train[:5], fold.validation[:5]):
        told = train_network(poisoned(material, rows), fold.train, fold.validation, seed=1)
        assert not same(clean, told)


def test_weights_and_smote_have_not_seen_the_validation_part(start: Callable[..., Made]):
    # Early stopping and calibration look at it; in a single epoch nothing else may.
    material, folds = start(smote={"enabled": True}, optimiser={"epochs": 1})
    fold = folds[0]
    clean = train_network(material, fold.train, fold.validation, seed=1)
    strange = poisoned(material, fold.validation)
    told = train_network(strange, fold.train, fold.validation, seed=1)
    a, b = clean.network.state_dict(), told.network.state_dict()
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert clean.calibration != told.calibration


def test_a_face_is_scored_alike_whoever_is_beside_it(start: Callable[..., Made]):
    material, folds = start()
    fold = folds[0]
    outcome = train_network(material, fold.train, fold.validation, seed=1)
    alone = score(material, outcome.network, outcome.calibration, fold.test[:1])
    together = score(material, outcome.network, outcome.calibration, fold.test)
    np.testing.assert_allclose(alone.level, together.level[:1], atol=1e-5)


@pytest.mark.parametrize("task", ["ordinal", "regression", "binary"])
def test_people_who_were_not_seen_are_scored_better_than_by_chance(
    start: Callable[..., Made], task: str
):
    material, folds = start(task=task, optimiser={"epochs": 40, "lr": 0.003})
    fold = folds[0]
    outcome = train_network(material, fold.train, fold.validation, seed=1)
    scores = score(material, outcome.network, outcome.calibration, fold.test)
    truth = material.levels[fold.test]
    assert np.corrcoef(scores.level, truth)[0, 1] > 0.7
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1.0, atol=1e-6)


def test_same_seed_same_numbers(start: Callable[..., Made]):
    material, folds = start(smote={"enabled": True}, head={"dropout": 0.3})
    fold = folds[0]
    one, two, other = (
        train_network(material, fold.train, fold.validation, seed=seed) for seed in (1, 1, 2)
    )
    assert same(one, two)
    assert not same(one, other)


def test_the_best_epoch_is_kept(start: Callable[..., Made]):
    material, folds = start(optimiser={"epochs": 60, "lr": 0.03, "patience": 4})
    fold = folds[0]
    seen: list[Epoch] = []
    outcome = train_network(material, fold.train, fold.validation, seed=1, on_epoch=seen.append)
    best = min(seen, key=lambda epoch: epoch.validation_loss)
    assert outcome.training.best == best
    assert outcome.training.epochs == len(seen) == best.number + 4 < 60
    head = outcome.network.head
    with torch.inference_mode():
        features = torch.from_numpy(material.plain(fold.validation))
        levels = torch.from_numpy(material.levels[fold.validation])
        loss = outcome.network.objective(head(features), levels).mean()
    assert float(loss) == pytest.approx(best.validation_loss, rel=1e-5)


def test_ctrl_c_keeps_the_best_weights(start: Callable[..., Made]):
    material, folds = start(optimiser={"epochs": 50})
    fold = folds[0]

    def stop(epoch: Epoch) -> None:
        if epoch.number == 3:
            _thread.interrupt_main()

    outcome = train_network(material, fold.train, fold.validation, seed=1, on_epoch=stop)
    assert outcome.interrupted
    assert outcome.training.best.number <= 3
    assert outcome.calibration.thresholds is not None


def test_ctrl_c_before_there_is_anything_to_keep(
    start: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
):
    material, folds = start()

    def stopped(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("train.loop.loop.Run._steps", stopped)
    with pytest.raises(KeyboardInterrupt):
        train_network(material, folds[0].train, folds[0].validation, seed=1)


def test_a_diverging_loss_is_told(start: Callable[..., Made]):
    material, folds = start(
        task="regression", loss={"name": "mse"}, optimiser={"lr": 1.0, "epochs": 30}
    )
    material = replace(material, levels=material.levels * np.float32(1e30))
    with pytest.raises(ConfigError, match="smaller learning rate"):
        train_network(material, folds[0].train, folds[0].validation, seed=1)


def test_faces_that_have_no_two_sides_are_not_mirrored_and_it_is_said(start: Callable[..., Made]):
    material, folds = start()
    lopsided = poisoned(material, np.arange(len(material.levels)))
    outcome = train_network(lopsided, folds[0].train, folds[0].validation, seed=1)
    assert "no face is mirrored" in outcome.notes[0]


@pytest.mark.parametrize("train", ["frozen", "last_block", "all"])
def test_exactly_what_is_asked_for_learns(picture_toy: Toy, fabric: Fabric, train: str):
    asked = experiment(
        picture_toy,
        backbone={"name": "mobilenetv3_small", "weights": "random", "train": train},
        optimiser={"epochs": 1, "batch_size": 8},
        split={"folds": 2},
    )
    material, folds = made(asked, fabric)
    before = {k: v.clone() for k, v in material.backbone.state_dict().items()}
    outcome = train_network(material, folds[0].train, folds[0].validation, seed=1)
    after = outcome.network.backbone.state_dict()
    moved = {k for k in before if not torch.equal(before[k], after[k])}
    if train == "frozen":
        assert not moved
    elif train == "last_block":
        assert moved
        assert not any(name.startswith(("body.conv_stem", "body.blocks.0")) for name in moved)
    else:
        assert "body.conv_stem.weight" in moved
    start = material.backbone.state_dict()
    assert all(torch.equal(before[name], start[name]) for name in before)
    scores = score(material, outcome.network, outcome.calibration, folds[0].test)
    assert np.isfinite(scores.level).all()
