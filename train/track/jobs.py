"""Which pictures must be looked at, in what portions, and under which keys answers are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from train.data.sample import Half, Sample

STILLS_PER_PORTION: Final = 128
"""An interrupted run loses at most this many pictures per process."""

_FALLBACK_FRAME_S: Final = 0.04
"""Time between frames of a clip that has no times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One picture to look at.

    Attributes:
        key: 32 bytes that name the answer: of the picture's bytes and, in a clip, of all frames
            before it, because the tracker remembers.
        image: picture or video file.
        half: part of the picture.
        frame: position in the video file.
        time_s: time in the clip.
    """

    key: bytes
    image: Path
    half: Half | None
    frame: int | None
    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Jobs that one process does at a stretch and writes as one shard.

    Attributes:
        jobs: at least one.
        clip: they are the frames of one clip, in order; else pictures that have nothing in common.
    """

    jobs: tuple[Job, ...]
    clip: bool


def jobs_of(samples: Sequence[Sample], hashes: Mapping[Path, str]) -> list[list[Job]]:
    """Jobs of a set: a list per clip, and a list of one per still picture.

    Args:
        samples: in the set's order.
        hashes: SHA-256 by file.

    Returns:
        Jobs in the order of the samples.
    """
    runs = groupby(enumerate(samples), key=lambda item: item[1].sequence or item[0])
    return [_jobs([sample for _, sample in run], hashes) for _, run in runs]


def portions(runs: Iterable[Sequence[Job]], *, known: Collection[bytes]) -> Iterator[Portion]:
    """Portions of what is not yet known; a clip is done anew as a whole when any frame is missing.

    Args:
        runs: from ``jobs_of``.
        known: keys whose answers are there.
    """
    stills: dict[bytes, Job] = {}
    for jobs in runs:
        missing = [job for job in jobs if job.key not in known]
        if not missing:
            continue
        if len(jobs) == 1:
            stills.setdefault(jobs[0].key, jobs[0])
        else:
            yield Portion(jobs=tuple(jobs), clip=True)
    waiting = list(stills.values())
    for start in range(0, len(waiting), STILLS_PER_PORTION):
        yield Portion(jobs=tuple(waiting[start : start + STILLS_PER_PORTION]), clip=False)


def _jobs(samples: Sequence[Sample], hashes: Mapping[Path, str]) -> list[Job]:
    jobs: list[Job] = []
    past = b""
    for number, sample in enumerate(samples):
        time_s = sample.time_s if sample.time_s is not None else number * _FALLBACK_FRAME_S
        shown = f"{hashes[sample.image]} {sample.half} {sample.frame}"
        # The first frame of a clip is looked at like a still, so its time says nothing.
        when = f"{time_s - jobs[0].time_s:.6f}" if jobs else "0"
        past = hashlib.sha256(past + f"{shown} {when}".encode()).digest()
        jobs.append(
            Job(
                key=past,
                image=sample.image,
                half=sample.half,
                frame=sample.frame,
                time_s=time_s,
            )
        )
    return jobs
