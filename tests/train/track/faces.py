"""Pictures with a face, taken from the demo's clip, and data sets made of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

import edge
from edge.track.landmarker import Detection, Landmarker
from train.data import Dataset, Origin, Sample
from train.data.pictures import video_frames

RESIDENT_CLIP = Path(edge.__file__).parent / "demo" / "resident.mp4"

Picture = npt.NDArray[np.uint8]


def clip_frames(count: int, *, every: int = 1) -> list[Picture]:
    """Frames of the clip, uint8 (720, 1280, 3)."""
    return list(islice(video_frames(RESIDENT_CLIP), 0, count * every, every))


def save(picture: Picture, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, compress_level=1)
    return path


def noise(path: Path, *, seed: int = 0) -> Path:
    """A picture of nobody."""
    pixels = np.random.default_rng(seed).integers(0, 256, (300, 400, 3), np.uint8)
    return save(pixels, path)


def sample(path: Path, subject: str = "ann", **known: object) -> Sample:
    fields: dict[str, object] = {
        "id": path.name,
        "image": path,
        "subject": subject,
        "origin": Origin.SYNTHETIC,
        "source": "test",
        **known,
    }
    return Sample(**fields)


def dataset(root: Path, samples: Sequence[Sample]) -> Dataset:
    return Dataset(name="test", root=root, licence="none", samples=tuple(samples))


class CountingLandmarker(Landmarker):
    """The real model; counts how often it was asked."""

    asked = 0

    def detect(self, image: Picture) -> list[Detection]:
        self.asked += 1
        return super().detect(image)
