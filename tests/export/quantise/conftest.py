from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from export.faces import Faces, load_faces
from tests.export.quantise.networks import Reader
from tests.train.protocol.toy import Toy, toy


@pytest.fixture(scope="session")
def crop_set(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("quantise"), people=12, per_person=8, crops=True)


@pytest.fixture(scope="session")
def faces(crop_set: Toy) -> Faces:
    return load_faces(crop_set.data, crop_set.cache, limit=None, needs=("face",))


@pytest.fixture(scope="session")
def known_to(faces: Faces) -> Callable[[nn.Module], tuple[Reader, Faces]]:
    """A network spread over the levels, and the faces with what it says as their truth."""

    def make(body: nn.Module) -> tuple[Reader, Faces]:
        reader = Reader(body).eval()
        crops = np.asarray(faces.inputs["face"])
        reader.spread_over(crops)
        with torch.inference_mode():
            levels = reader(torch.from_numpy(crops))[1].numpy()
        return reader, replace(faces, levels=levels.astype(np.float32))

    return make


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder
