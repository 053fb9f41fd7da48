"""Measure `painwatch train track` on a data set and write a row to docs/results/track.csv.

    python scripts/bench_track.py SET [--workers 2] [--out docs/results/track.csv]

The set is tracked into an empty temporary cache and loaded again; then the answers are repeated
under new names up to 20,000, to see how long loading a large set takes.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from edge.bench.rows import Row, write_rows
from pain.values import Box, Face, HeadPose
from train.data import Dataset, open_dataset
from train.track import TrackedSet, TrackerSettings, load_tracked, track_dataset
from train.track.cache import Cache
from train.track.jobs import STILLS_PER_PORTION, jobs_of
from train.track.shard import Answer, write_shard

LARGE = 20_000
HALF_PROFILE_DEG = 45.0


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=Path, default=Path("docs/results/track.csv"))
    arguments = parser.parse_args()
    dataset = open_dataset(arguments.set, need_people=False)
    with tempfile.TemporaryDirectory(prefix="painwatch-") as scratch:
        row = measure(dataset, Path(scratch), workers=arguments.workers)
    write_rows(arguments.out, [row])


def measure(dataset: Dataset, scratch: Path, *, workers: int) -> Row:
    """Track, load, and load ten times as much."""
    load_average = os.getloadavg()[0]
    started_s, used_s = time.monotonic(), _cpu_s()
    track_dataset(dataset, cache=scratch / "cache", workers=workers)
    track_s, track_cpu_s = time.monotonic() - started_s, _cpu_s() - used_s
    started_s = time.monotonic()
    tracked = load_tracked(dataset, cache=scratch / "cache")
    load_s = time.monotonic() - started_s
    started_s = time.monotonic()
    if tracked.crops is not None:
        for at in range(len(tracked)):
            tracked.crops[at].sum()
    crops_s = time.monotonic() - started_s
    return {
        "set": dataset.name,
        "samples": len(dataset),
        "people": len(dataset.subjects),
        "tracker": TrackerSettings().version,
        "faces_found": len(tracked),
        "found_share": len(tracked) / len(dataset),
        "no_face": " ".join(f"{reason}:{count}" for reason, count in tracked.reasons().items()),
        **_pose(dataset, tracked),
        "workers": workers,
        "load_average_before": load_average,
        "pictures_per_s": len(dataset) / track_s,
        "cpu_ms_per_picture": 1000 * track_cpu_s / len(dataset),
        "load_s": load_s,
        **_load_large(dataset, tracked, scratch / "large"),
        "crops_read_per_s": len(tracked) / crops_s,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _pose(dataset: Dataset, tracked: TrackedSet) -> dict[str, float | int | None]:
    """Share found up to half-profile, and how true and tracked pose agree."""
    names = ("yaw", "pitch", "roll")
    known = [at for at, sample in enumerate(tracked.samples) if sample.pose is not None]
    if not known:
        columns = [f"{name}_{figure}" for name in names for figure in ("r", "mean_abs_error_deg")]
        return dict.fromkeys(("frontal_to_half_profile_found", *columns))
    turned = [s for s in dataset.samples if s.pose and abs(s.pose.yaw_deg) <= HALF_PROFILE_DEG]
    missed = {sample.id for sample, _ in tracked.missed}
    row: dict[str, float | int | None] = {
        "frontal_to_half_profile_found": 1 - sum(s.id in missed for s in turned) / len(turned)
    }
    for column, name in enumerate(names):
        true = np.array([getattr(tracked.samples[at].pose, f"{name}_deg") for at in known])
        seen = tracked.pose_deg[known, column]
        row[f"{name}_r"] = float(np.corrcoef(true, seen)[0, 1])
        row[f"{name}_mean_abs_error_deg"] = float(np.abs(true - seen).mean())
    return row


def _cpu_s() -> float:
    """Processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _load_large(dataset: Dataset, tracked: TrackedSet, folder: Path) -> dict[str, float]:
    """Seconds to load 20,000 answers without crops, each of a file of its own."""
    folder.mkdir()
    samples = []
    for number, sample in enumerate(islice(cycle(tracked.samples), LARGE)):
        file = folder / f"{number}.txt"
        file.write_text(str(number))
        samples.append(replace(sample, id=str(number), image=file, sequence=None, frame=None))
    large = replace(dataset, samples=tuple(samples))
    settings = TrackerSettings(crops=False)
    store = Cache(folder / "cache")
    time.sleep(2.5)  # Fresh files are not trusted to stay as they are, so let them settle.
    hashes = store.hashes.of(sample.image for sample in samples)
    store.hashes.save()
    keys = [job.key for run in jobs_of(samples, hashes) for job in run]
    answers = [
        Answer(key=key, outcome=_face(tracked, at % len(tracked))) for at, key in enumerate(keys)
    ]
    with store.writing(settings) as shards:
        for start in range(0, LARGE, STILLS_PER_PORTION):
            write_shard(shards, answers[start : start + STILLS_PER_PORTION], crops=False)
    started_s, used_s = time.monotonic(), _cpu_s()
    load_tracked(large, cache=folder / "cache", settings=settings)
    return {
        "load_20k_s": time.monotonic() - started_s,
        "load_20k_cpu_s": _cpu_s() - used_s,
    }


def _face(tracked: TrackedSet, at: int) -> Face:
    yaw, pitch, roll = tracked.pose_deg[at].tolist()
    return Face(
        box=Box(x=0.0, y=0.0, width=1.0, height=1.0),
        landmarks=tracked.landmarks[at],
        blendshapes=tracked.blendshapes[at],
        pose=HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll),
        height_px=float(tracked.height_px[at]),
        sharpness=float(tracked.sharpness[at]),
        brightness=float(tracked.brightness[at]),
    )


if __name__ == "__main__":
    main()
