from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from lightning_fabric import Fabric

from tests.train.temporal.toy import ClipToy, clip_toy
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
def blinks(tmp_path_factory: pytest.TempPathFactory) -> ClipToy:
    return clip_toy(tmp_path_factory.mktemp("blinks"), people=15)


@pytest.fixture(scope="session")
def fabric() -> Fabric:
    return start_engine(EngineSection(accelerator="cpu"))
