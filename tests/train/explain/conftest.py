"""Real faces, and models small enough to be asked a thousand times."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import timm

from tests.train.explain.checkpoints import write_checkpoint
from tests.train.track import faces


@pytest.fixture(autouse=True)
def _model_in_the_cache(landmarker_path: Path) -> None:
    """The command finds the face model by itself."""


@pytest.fixture(scope="session")
def two_faces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("faces")
    return [
        faces.save(frame[100:520, 370:790], folder / f"face{number}.png")
        for number, frame in enumerate(faces.clip_frames(2, every=60))
    ]


@pytest.fixture
def shallow(monkeypatch: pytest.MonkeyPatch) -> None:
    """DINOv2 with one layer of the twelve: the same parts, a tenth of the time."""
    create = partial(timm.create_model, depth=1)
    monkeypatch.setattr("train.backbones.dinov2.timm.create_model", create)


@pytest.fixture(scope="session")
def mobilenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("models") / "mobilenet", "mobilenetv3_small")
