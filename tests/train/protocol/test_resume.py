"""A run that was killed in the middle of a training goes on, and nothing tells that it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lightning_fabric import Fabric

from tests.train.protocol.conftest import experiment
from tests.train.protocol.toy import Toy
from train.experiment import Experiment
from train.loop.epoch import Epoch
from train.metrics import Predictions
from train.protocol.crossval import cross_validate
from train.protocol.fit import fit
from train.protocol.watcher import Watcher

CAREFUL: dict[str, Any] = {
    "head": {"hidden": [16], "dropout": 0.2},
    "augment": {"mixup": 0.3},
    "optimiser": {
        "epochs": 5,
        "lr": 0.003,
        "schedule": "cosine",
        "warm_up": 1,
        "clip": 1.0,
        "average": 0.9,
    },
    "split": {"folds": 2},
}


class Killed(BaseException):
    """What ends a process without a word."""


def killing(at: tuple[int, int]) -> Watcher:
    def on_epoch(fold: int, epoch: Epoch) -> None:
        if (fold, epoch.number) == at:
            raise Killed

    return Watcher(on_epoch=on_epoch)


def trained_fit(asked: Experiment, run: Path, fabric: Fabric, watcher: Watcher) -> bytes:
    fit(asked, run, fabric=fabric, watcher=watcher)
    return (run / "checkpoint" / "model.safetensors").read_bytes()


def trained_crossval(asked: Experiment, run: Path, fabric: Fabric, watcher: Watcher) -> bytes:
    cross_validate(asked, run, fabric=fabric, watcher=watcher)
    return np.ascontiguousarray(
        Predictions.read(run / "predictions.parquet").probabilities
    ).tobytes()


@pytest.mark.parametrize(
    ("trained", "at"), [(trained_fit, (0, 3)), (trained_crossval, (1, 3))], ids=["fit", "crossval"]
)
def test_the_result_is_that_of_an_unbroken_run(
    *,
    landmark_toy: Toy,
    fabric: Fabric,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trained: Callable[..., bytes],
    at: tuple[int, int],
):
    monkeypatch.setattr("train.loop.resume.EVERY_S", 0.0)
    asked = experiment(landmark_toy, **CAREFUL)
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    with pytest.raises(Killed):
        trained(asked, broken, fabric, killing(at))
    told: list[tuple[int, int]] = []
    steps: list[int] = []
    monkeypatch.setattr(
        "train.loop.loop.Run._steps",
        counted(steps),
    )
    after = trained(
        asked,
        broken,
        fabric,
        Watcher(on_epoch=lambda fold, epoch: told.append((fold, epoch.number))),
    )
    # Two epochs of five were kept; finished folds are not told of again.
    assert steps == [3, 4, 5]
    assert told == [(at[0], number) for number in range(1, 6)]
    assert after == trained(asked, whole, fabric, Watcher())
    assert (broken / "history.csv").read_bytes() == (whole / "history.csv").read_bytes()
    assert not list(broken.rglob("resume"))


def counted(epochs: list[int]) -> Callable[..., float]:
    """The loop's steps, telling which epochs were learnt."""
    from train.loop.loop import Run

    inner = Run._steps

    def steps(run: Run, number: int, on_step: Callable[[], None]) -> float:
        epochs.append(number)
        return inner(run, number, on_step)

    return steps
