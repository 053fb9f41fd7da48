"""Whole pictures as the thesis cuts them, made once and kept beside the tracker's answers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.align import CROP_SIZE
from pain.errors import DataError
from train.data.pictures import read_picture, video_frames
from train.data.sample import Sample
from train.preprocess import thesis_picture
from train.track.tracked import Crops

FOLDER_NAME: Final = "thesis-1"
"""Raise the number when ``thesis_picture`` changes its answer."""

_PORTION: Final = 128
_OWNER_ONLY: Final = 0o700

Picture = npt.NDArray[np.uint8]


def thesis_pictures(
    samples: Sequence[Sample],
    keys: Sequence[bytes],
    *,
    cache: Path,
    on_done: Callable[[int], None] = lambda _done: None,
) -> Crops:
    """Every sample's picture, resized and cut to its centre; only what is missing is made.

    Args:
        samples: n of them, frames of one video together and in order.
        keys: n keys of the pictures' content.
        cache: folder of answers; it holds faces.
        on_done: told how many pictures are there.

    Raises:
        DataError: a picture cannot be read.
    """
    folder = cache / FOLDER_NAME
    folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    places: list[tuple[Path, int]] = []
    for part in _portions(samples):
        name = hashlib.sha256(b"".join(keys[at] for at in part)).hexdigest()[:24]
        path = folder / f"{name}.npy"
        if not path.exists():
            _write([samples[at] for at in part], path)
        places += [(path, at) for at in range(len(part))]
        on_done(len(places))
    return Crops(places)


def _portions(samples: Sequence[Sample]) -> Iterator[list[int]]:
    """Positions that make one file: stills by number, the frames of a video together."""
    runs = groupby(enumerate(samples), key=lambda item: _video(item[1]))
    for video, run in runs:
        positions = [at for at, _ in run]
        step = len(positions) if video else _PORTION
        for start in range(0, len(positions), step):
            yield positions[start : start + step]


def _video(sample: Sample) -> Path | None:
    return sample.image if sample.frame is not None else None


def _write(samples: Sequence[Sample], path: Path) -> None:
    stack = np.empty((len(samples), CROP_SIZE, CROP_SIZE, 3), np.uint8)
    for row, picture in zip(stack, _pictures(samples), strict=True):
        row[:] = picture
    staging = path.with_name(f".writing-{os.getpid()}.npy")
    np.save(staging, stack)
    staging.replace(path)


def _pictures(samples: Sequence[Sample]) -> Iterator[Picture]:
    video = _video(samples[0])
    if video is not None:
        yield from _frames(video, [sample.frame or 0 for sample in samples])
        return
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        yield from pool.map(lambda sample: thesis_picture(read_picture(sample.image, sample.half)),
                            samples)  # fmt: skip


def _frames(video: Path, wanted: Sequence[int]) -> Iterator[Picture]:
    found = {}
    places = set(wanted)
    for at, frame in enumerate(video_frames(video)):
        if at in places:
            found[at] = thesis_picture(frame)
    missing = places - found.keys()
    if missing:
        raise DataError(f"{video} has no frame {min(missing)}; its truth speaks of one.")
    yield from (found[at] for at in wanted)
