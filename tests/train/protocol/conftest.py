from __future__ import annotations

import pytest

from pain.settings.document import Document
from tests.train.engine import fabric, no_wandb, one_thread  # noqa: F401  (fixtures)
from tests.train.protocol.toy import Toy, toy
from train.experiment import Experiment
from train.experiment.load import experiment_of


@pytest.fixture(scope="session")
def landmark_toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("landmark-toy"), people=15, per_person=8)


@pytest.fixture(scope="session")
def picture_toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("picture-toy"), people=6, per_person=4, crops=True)


def experiment(toy_set: Toy | None = None, **changes: object) -> Experiment:
    """An experiment on landmarks that is over in a moment."""
    values: dict[str, object] = {
        "name": "toy",
        "task": "ordinal",
        "backbone": {"name": "landmarks"},
        "optimiser": {"epochs": 6, "lr": 0.003},
        "split": {"folds": 3},
        "engine": {"accelerator": "cpu", "threads": 1},
        **changes,
    }
    if toy_set is not None:
        values["data"] = {"folder": str(toy_set.data), "cache": str(toy_set.cache)}
    return experiment_of(Document(file="test", data=values))
