"""Fixtures of every test that trains: conftest files name them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from lightning_fabric import Fabric

from train.experiment.schema import EngineSection
from train.protocol.engine import start_engine


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny matrices: threads would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def no_wandb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own variables, whichever they are, must not send anything."""
    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def fabric() -> Fabric:
    return start_engine(EngineSection(accelerator="cpu"))
