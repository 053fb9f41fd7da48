"""A made-up set with its truth planted in the landmarks, and the cache that tracking leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pain.action_units import BLENDSHAPES, ActionUnit
from pain.align import rotation_matrix
from pain.scales import pspi
from pain.values import Box, Face, HeadPose, NoFace, Reason
from train.data import open_dataset
from train.residents.dataset import FULL_SCHEMA
from train.residents.expression import Kind, pain_level
from train.track import UNITS, TrackedSet, TrackerSettings, load_tracked
from train.track.cache import Cache
from train.track.jobs import jobs_of
from train.track.shard import Answer, write_shard

LOST_BEYOND_DEG = 50.0
CYCLE = ("neutral", "pain", "smile", "alone", "pain", "neutral", "squint", "pain")
_ANATOMY = np.random.default_rng(99)
_RESTING = _ANATOMY.normal(0.0, 0.5, (478, 3))
_DIRECTIONS = _ANATOMY.normal(0.0, 0.02, (len(UNITS), 478, 3))
_BROWS = BLENDSHAPES.index("browDownLeft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Rows of the index, and what the tracker says of each."""

    rows: list[dict[str, Any]]
    outcomes: list[Face | NoFace]


def planted(
    *, people: int = 12, per_person: int = 8, noise: float = 0.01, seed: int = 0
) -> Planted:
    """Landmarks are a person plus units times fixed directions plus noise; far turns are lost."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    outcomes: list[Face | NoFace] = []
    for index in range(people):
        own = _RESTING + rng.normal(0.0, 0.01, (478, 3))
        for shot in range(per_person):
            row = _row(index, shot, rng)
            rows.append(row)
            if abs(row["yaw_deg"]) > LOST_BEYOND_DEG:
                outcomes.append(NoFace(reason=Reason.TURNED_AWAY))
                continue
            active = [row[unit.value] for unit in UNITS]
            shape = own + np.tensordot(active, _DIRECTIONS, 1) + rng.normal(0, 0.01, (478, 3))
            outcomes.append(_face(row, shape, rng))
    return Planted(rows=rows, outcomes=outcomes)


def tracked(root: Path, given: Planted) -> TrackedSet:
    """The set as ``painwatch train track`` leaves it, loaded."""
    write_set(root / "set", given)
    return load_tracked(open_dataset(root / "set"), cache=fill_cache(root, given))


def write_set(folder: Path, given: Planted) -> Path:
    """A residents' folder; its pictures hold a number, since nobody looks at them."""
    folder.mkdir(parents=True)
    for row in given.rows:
        (folder / row["file"]).write_text(f"{folder.name} {row['file']}")
    pq.write_table(pa.Table.from_pylist(given.rows, schema=FULL_SCHEMA), folder / "index.parquet")
    return folder


def fill_cache(root: Path, given: Planted, name: str = "set") -> Path:
    """Answers for every picture, under the keys that the loader asks for."""
    samples = open_dataset(root / name).samples
    store = Cache(root / "cache")
    hashes = store.hashes.of(sample.image for sample in samples)
    by_file = {row["file"]: at for at, row in enumerate(given.rows)}
    answers = [
        Answer(key=job.key, outcome=given.outcomes[by_file[job.image.name]])
        for run in jobs_of(samples, hashes)
        for job in run
    ]
    with store.writing(TrackerSettings()) as shards:
        write_shard(shards, answers, crops=True)
    return root / "cache"


def _row(index: int, shot: int, rng: np.random.Generator) -> dict[str, Any]:
    name = CYCLE[shot % len(CYCLE)]
    units = _units(name, index, rng)
    if name == "alone":
        name = f"alone-{next(iter(units)).value}"
    kind = Kind(name) if name in ("neutral", "pain") else Kind.OTHER
    return {
        "file": f"p{index:02d}-{shot:02d}.jpg",
        "subject": f"p{index:02d}",
        "sex": ("female", "male")[index % 2],
        "ancestry": "asian",
        "age_years": 70 + index,
        "expression": name,
        "kind": kind.value,
        "level": pain_level(units) if kind is Kind.PAIN else 0.0,
        "pspi": pspi(units),
        **{unit.value: units.get(unit, 0.0) for unit in ActionUnit},
        "asymmetry": 0.0,
        "yaw_deg": float(rng.uniform(-60, 60)),
        "pitch_deg": float(rng.uniform(-20, 20)),
        "roll_deg": float(rng.uniform(-20, 20)),
        "level_rated": 0,
        "palsy": 0.5 * (index == 0),
        "masking": 0.0,
        "toothless": index % 3 == 0,
        "worn": ("", "glasses", "glasses,beard")[index % 3],
        "nearby": ("", "pillow")[shot % 2],
        "place": ("bedside", "armchair")[shot % 2],
        "light": ("window", "infrared")[index % 2],
        "distance_m": float(rng.uniform(1, 5)),
    }


def _units(name: str, index: int, rng: np.random.Generator) -> dict[ActionUnit, float]:
    au = ActionUnit
    moved: Sequence[ActionUnit] = {
        "neutral": (),
        "pain": (au.AU4, au.AU6, au.AU7, au.AU9, au.AU10, au.AU20, au.AU25, au.AU43),
        "smile": (au.AU6, au.AU12),
        "squint": (au.AU4, au.AU7),
        "alone": (list(au)[index % len(au)],),
    }[name]
    return {unit: float(rng.uniform(1, 5)) for unit in moved}


def _face(row: dict[str, Any], shape: np.ndarray, rng: np.random.Generator) -> Face:
    pose = HeadPose(**{name: row[name] for name in ("yaw_deg", "pitch_deg", "roll_deg")})
    seen = shape @ rotation_matrix(pose).T * (80.0, -80.0, -80.0) + 150.0
    scores = rng.uniform(0, 0.2, len(BLENDSHAPES)).astype(np.float32)
    scores[_BROWS] = row["AU4"] / 5
    return Face(
        box=Box(x=0.0, y=0.0, width=300.0, height=300.0),
        landmarks=seen.astype(np.float32),
        blendshapes=scores,
        pose=pose,
        height_px=160.0,
        sharpness=1.0,
        brightness=120.0,
        crop=np.full((256, 256, 3), int(15 * row["pspi"]), np.uint8),
    )
