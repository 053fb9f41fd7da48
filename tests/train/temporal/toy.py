"""Clips made by a formula: eyes that blink, or stay shut in pain. No video is rendered or read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pain.action_units import BLENDSHAPES
from pain.settings.document import Document
from pain.values import Box, Face, HeadPose, NoFace, Reason
from tests.train.population import population
from train.data import open_dataset
from train.experiment import Experiment
from train.experiment.load import experiment_of
from train.track.cache import Cache
from train.track.jobs import jobs_of
from train.track.settings import TrackerSettings
from train.track.shard import Answer, write_shard

RATE_HZ = 5.0
SECONDS = 20.0
PAIN = 5.0
SHUT_BEFORE_PAIN = 3
"""Frames that the eyes must have been shut before it is pain: a blink lasts one or two."""

GAP = slice(40, 55)
"""Frames of every third person in which no face was found."""

EYES = [BLENDSHAPES.index("eyeBlinkLeft"), BLENDSHAPES.index("eyeBlinkRight")]


@dataclass(frozen=True)
class ClipToy:
    data: Path
    cache: Path

    @property
    def places(self) -> list[str]:
        return ["--data", str(self.data), "--cache", str(self.cache)]


def clip_toy(root: Path, *, people: int, seed: int = 0) -> ClipToy:
    """One clip of every person, whose level no single frame shows."""
    rng = np.random.default_rng(seed)
    resting = population(people=people, per_person=1, seed=seed).landmarks
    data, cache = root / "data", root / "cache"
    data.mkdir(parents=True)
    courses = {}
    for person in range(people):
        shut = _course(rng)
        lasted = np.convolve(shut, np.ones(SHUT_BEFORE_PAIN + 1))[: len(shut)] > SHUT_BEFORE_PAIN
        level = np.where(lasted, PAIN, 0.0)
        name = f"p{person:02d}"
        courses[f"{name}.mp4"] = shut, resting[person], person % 3 == 0
        (data / f"{name}.mp4").write_bytes(f"no video {seed} {person}".encode())
        words = ["pain" if value else "neutral" for value in level]
        truth = {
            "subject": name,
            "synthetic": True,
            "fps": RATE_HZ,
            "expression": words,
            "kind": words,
            "level": level.tolist(),
            "pspi": (2 * level).tolist(),
        }
        (data / f"{name}.json").write_text(json.dumps(truth), encoding="utf-8")
    dataset = open_dataset(data)
    store, settings = Cache(cache), TrackerSettings(crops=False)
    hashes = store.hashes.of(sample.image for sample in dataset.samples)
    keys = [job.key for run in jobs_of(dataset.samples, hashes) for job in run]
    answers = []
    for key, sample in zip(keys, dataset.samples, strict=True):
        shut, points, has_gap = courses[sample.image.name]
        at = sample.frame
        lost = has_gap and GAP.start <= at < GAP.stop
        outcome = NoFace(reason=Reason.NO_FACE) if lost else _face(shut[at], points, rng)
        answers.append(Answer(key=key, outcome=outcome))
    with store.writing(settings) as folder:
        write_shard(folder, answers, crops=False)
    return ClipToy(data=data, cache=cache)


def experiment(toy: ClipToy, *, head: str = "gru", **changes: object) -> Experiment:
    """An experiment on eyes alone that is over in a moment."""
    values: dict[str, object] = {
        "name": "toy",
        "task": "ordinal",
        "backbone": {"name": "landmarks_blendshapes"},
        "temporal": temporal(head),
        "optimiser": {"epochs": 25, "lr": 0.02, "batch_size": 16},
        "split": {"folds": 3},
        "engine": {"accelerator": "cpu", "threads": 1},
        "data": {"folder": str(toy.data), "cache": str(toy.cache)},
        **changes,
    }
    return experiment_of(Document(file="test", data=values))


def temporal(head: str) -> dict[str, object]:
    return {
        "head": head,
        "units": 12,
        "blocks": 2,
        "components": 2,
        "rate_hz": RATE_HZ,
        "window_s": 8.0,
        "warm_up_s": 3.0,
    }


def _course(rng: np.random.Generator) -> np.ndarray:
    """Eyes shut or not, frame by frame: blinks of up to 0.4 s and pain of 2 s and more."""
    shut: list[int] = []
    while len(shut) < RATE_HZ * SECONDS:
        lasts = rng.integers(1, 3) if rng.random() < 0.75 else rng.integers(10, 16)
        shut += [0] * int(rng.integers(2, 6)) + [1] * int(lasts)
    return np.array(shut[: int(RATE_HZ * SECONDS)])


def _face(shut: int, points: np.ndarray, rng: np.random.Generator) -> Face:
    blendshapes = rng.uniform(0.0, 0.1, 52).astype(np.float32)
    blendshapes[EYES] += 0.8 * shut
    return Face(
        box=Box(x=0.0, y=0.0, width=100.0, height=120.0),
        # The tracker's axes: y down, smaller z nearer.
        landmarks=(points * np.array([60.0, -60.0, -60.0])).astype(np.float32),
        blendshapes=blendshapes,
        pose=HeadPose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0),
        height_px=120.0,
        sharpness=1.0,
        brightness=100.0,
        crop=None,
    )
