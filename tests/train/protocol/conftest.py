from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from lightning_fabric import Fabric

from tests.train.protocol.toy import Toy, toy
from train.experiment import Experiment
from train.experiment.document import Document
from train.experiment.load import experiment_of
from train.experiment.schema import EngineSection
from train.protocol.engine import start_engine


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny matrices: threads would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _no_wandb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own variables must not send anything."""
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT", "WANDB_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def landmark_toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("landmark-toy"), people=15, per_person=8)


@pytest.fixture(scope="session")
def picture_toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("picture-toy"), people=6, per_person=4, crops=True)


@pytest.fixture(scope="session")
def fabric() -> Fabric:
    return start_engine(EngineSection(accelerator="cpu"))


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
