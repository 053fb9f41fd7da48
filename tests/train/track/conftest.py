"""Real faces, the real landmark model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.train.track import faces
from train.data import Dataset


@pytest.fixture(autouse=True)
def _model_in_the_cache(landmarker_path: Path) -> None:
    """Tracking processes find the model by themselves."""


@pytest.fixture(scope="session")
def close_ups(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four pictures of 420 x 420 px with one face each."""
    folder = tmp_path_factory.mktemp("close-ups")
    return [
        faces.save(frame[100:520, 370:790], folder / f"face{number}.png")
        for number, frame in enumerate(faces.clip_frames(4, every=5))
    ]


@pytest.fixture
def two_people(tmp_path: Path, close_ups: list[Path]) -> Dataset:
    """Two faces of Ann, one of Bob, and one picture of Bob without a face."""
    nobody = faces.noise(tmp_path / "pictures" / "nobody.png")
    return faces.dataset(
        tmp_path,
        [
            faces.sample(close_ups[0], level=1.0, pspi=2.0),
            faces.sample(close_ups[1], level=3.0),
            faces.sample(nobody, "bob", level=0.0),
            faces.sample(close_ups[2], "bob", level=5.0),
        ],
    )


@pytest.fixture(scope="session")
def landmarker(landmarker_path: Path) -> Iterator[faces.CountingLandmarker]:
    with faces.CountingLandmarker(model=landmarker_path) as model:
        yield model
