"""Faces that are learnt from vary; those that judge do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from pain.errors import ConfigError
from tests.train.protocol.conftest import experiment
from tests.train.protocol.toy import Toy
from train.experiment import Experiment
from train.experiment.load import dump_experiment
from train.protocol.folds import Fold, make_folds
from train.protocol.gather import gather
from train.protocol.learner import Learner
from train.protocol.material import Material, Prepared, prepare
from train.protocol.watcher import Watcher

STRONG = {"colour": 0.3, "low_resolution": 0.5, "blur": 0.01, "jpeg": 0.5, "cut_out": 0.4}
PICTURES: dict[str, Any] = {
    "backbone": {"name": "mobilenetv3_small", "weights": "random", "train": "all"},
    "optimiser": {"epochs": 1, "batch_size": 8},
    "split": {"folds": 2},
}


def made(asked: Experiment, fabric: Fabric) -> tuple[Material, Fold, Prepared]:
    examples, material = gather(asked, fabric, Watcher())
    fold = make_folds(examples.levels, examples.subjects, split=asked.split)[0]
    return material, fold, prepare(material, fold.train, fold.validation, seed=1)


def learner_of(ready: Prepared) -> Learner:
    return Learner(ready.body, ready.network.objective, ready.varied)


@pytest.mark.parametrize("augment", [None, {}, {**STRONG, "mixup": 0.4}])
def test_pictures_vary_while_learning_and_never_while_judged(
    picture_toy: Toy, fabric: Fabric, augment: dict[str, float] | None
):
    asked = experiment(picture_toy, augment=augment, **PICTURES)
    _, _, ready = made(asked, fabric)
    learner = learner_of(ready)
    rows = np.arange(6, dtype=np.intp)
    inputs, levels = ready.training.take(rows, np.zeros(6, np.bool_))
    with torch.no_grad():
        # BatchNorm keeps what it saw; its outputs in training depend on the batch alone.
        learning = [learner.train()(inputs, levels) for _ in range(2)]
        judging = [learner.eval()(inputs, levels) for _ in range(2)]
    assert torch.equal(*judging)
    assert torch.equal(*learning) == (augment is None)
    assert all(torch.isfinite(loss).all() for loss in learning)


def test_flat_landmarks_vary_by_their_own_noise_and_blendshapes_by_theirs(
    landmark_toy: Toy, fabric: Fabric
):
    asked = experiment(
        landmark_toy,
        backbone={"name": "landmarks_blendshapes"},
        augment={"landmarks": 0.01, "noise": 0.2},
    )
    _, _, ready = made(asked, fabric)
    seen: list[torch.Tensor] = []
    ready.network.head.register_forward_pre_hook(lambda _head, given: seen.append(given[0]))
    rows = np.arange(40, dtype=np.intp)
    (features,), levels = ready.training.take(rows, np.zeros(40, np.bool_))
    learner_of(ready).train()((features,), levels)
    moved = seen[0] - features
    assert float(moved[:, :1404].std()) == pytest.approx(0.01, rel=0.1)
    assert float(moved[:, 1404:].abs().max()) > 0.2
    assert 0.0 <= float(seen[0][:, 1404:].min()) <= float(seen[0][:, 1404:].max()) <= 1.0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"backbone": {"name": "mobilenetv3_small"}}, "sees each picture once"),
        ({"temporal": {"head": "gru"}}, "temporal learns clips"),
        ({"augment": {"blurr": 0.1}}, "did you mean 'blur'"),
    ],
)
def test_variation_that_cannot_be_is_refused(changes: dict[str, Any], says: str):
    with pytest.raises(ConfigError, match=says):
        experiment(**{"augment": {}, **changes})


def test_what_is_asked_for_stands_in_the_kept_experiment(landmark_toy: Toy):
    assert "augment: null" in dump_experiment(experiment(landmark_toy))
    assert "mixup: 0.2" in dump_experiment(experiment(landmark_toy, augment={"mixup": 0.2}))
