from __future__ import annotations

import pytest

from pain.settings.document import Document
from tests.train.engine import no_wandb, one_thread  # noqa: F401  (fixtures)
from tests.train.protocol.toy import Toy, toy
from train.distil.load import distillation_of
from train.distil.schema import Distillation


@pytest.fixture(scope="session")
def landmark_set(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("learnt"), people=14, per_person=8, crops=True)


@pytest.fixture(scope="session")
def other_people(tmp_path_factory: pytest.TempPathFactory, landmark_set: Toy) -> Toy:
    root = tmp_path_factory.mktemp("others")
    return toy(
        root, people=6, per_person=8, seed=1, crops=True, town="b-", cache=landmark_set.cache
    )


def plan(**changes: object) -> Distillation:
    """A student of landmarks that is over in a moment."""
    values: dict[str, object] = {
        "name": "toy",
        "student": {
            "backbone": "landmarks_blendshapes",
            "weights": "random",
            "hidden": [16],
            "dropout": 0.0,
        },
        "learning": {"epochs": 12, "lr": 0.01, "batch_size": 16, "average": 0.9},
        "validation": 0.2,
        **changes,
    }
    return distillation_of(Document(file="test", data=values))
