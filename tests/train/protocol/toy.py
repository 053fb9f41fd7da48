"""A learnable set made by formulas, with a tracker's cache that was written, not tracked."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pain.values import Box, Face, HeadPose
from tests.train.population import population
from train.data import open_dataset
from train.track.cache import Cache
from train.track.jobs import jobs_of
from train.track.settings import TrackerSettings
from train.track.shard import Answer, write_shard

_PIXELS = 60.0


@dataclass(frozen=True)
class Toy:
    data: Path
    cache: Path

    @property
    def places(self) -> list[str]:
        return ["--data", str(self.data), "--cache", str(self.cache)]


def toy(
    root: Path,
    *,
    people: int = 20,
    per_person: int = 8,
    seed: int = 0,
    crops: bool = False,
    stray: str | None = None,
    town: str = "",
    cache: Path | None = None,
) -> Toy:
    """Faces whose landmarks (and, with crops, brightness) follow the level.

    Args:
        stray: subject whose faces are made absurd, though their pictures stay the same.
        town: stands before everybody's name; people of other towns are other people.
        cache: of another toy, to be shared.
    """
    faces = population(people=people, per_person=per_person, seed=seed)
    data, cache = root / "data", cache or root / "cache"
    data.mkdir(parents=True)
    with (data / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "subject", "level", "expression", "kind", "origin", "sex", "age"))
        for at, (person, level) in enumerate(zip(faces.person, faces.level, strict=True)):
            name = f"{at:05d}.png"
            pixels = np.frombuffer(f"{seed:05d}{at:07d}".encode(), np.uint8).reshape(2, 2, 3)
            Image.fromarray(pixels).save(data / name)
            sex = "f" if int(person[1:]) % 2 else "m"
            row = (
                faces.expression[at],
                faces.kind[at],
                "synthetic",
                sex,
                70 + int(person[1:]) % 20,
            )
            writer.writerow((name, f"{town}{person}", f"{level:.3f}", *row))
    dataset = open_dataset(data)
    settings = TrackerSettings(crops=crops)
    store = Cache(cache)
    hashes = store.hashes.of(sample.image for sample in dataset.samples)
    keys = [job.key for run in jobs_of(dataset.samples, hashes) for job in run]
    answers = []
    for at, (key, sample) in enumerate(zip(keys, dataset.samples, strict=True)):
        # The tracker's axes: y down, smaller z nearer.
        landmarks = faces.landmarks[at] * np.array([_PIXELS, -_PIXELS, -_PIXELS], np.float32)
        if sample.subject == stray:
            landmarks = landmarks[::-1] ** 3
        answers.append(Answer(key=key, outcome=_face(landmarks, faces.level[at], at, crops=crops)))
    with store.writing(settings) as folder:
        for start in range(0, len(answers), 128):
            write_shard(folder, answers[start : start + 128], crops=crops)
    return Toy(data=data, cache=cache)


def _face(landmarks: np.ndarray, level: float, at: int, *, crops: bool) -> Face:
    rng = np.random.default_rng(at)
    blendshapes = np.zeros(52, np.float32)
    blendshapes[1:3] = np.clip(level / 6 + rng.normal(0, 0.1, 2), 0, 1)
    crop = None
    if crops:
        crop = rng.integers(0, 60, (256, 256, 3), np.uint8)
        crop[100:150, 60:200] += np.uint8(level * 30)
    return Face(
        box=Box(x=0.0, y=0.0, width=100.0, height=120.0),
        landmarks=landmarks.astype(np.float32),
        blendshapes=blendshapes,
        pose=HeadPose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0),
        height_px=120.0,
        sharpness=1.0,
        brightness=100.0,
        crop=crop,
    )
