"""Looks at every file of a data set: is it readable, how large, and is it there twice."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pain.errors import DataError
from train.data.pictures import Picture, content_hash, read_picture, video_frames
from train.data.sample import Dataset, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file is.

    Attributes:
        path: the file.
        sha256: of its bytes, None when it cannot be read at all.
        size_px: width and height, None when it is not a readable picture or video.
        error: why not.
    """

    path: Path
    sha256: str | None
    size_px: tuple[int, int] | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Facts about the files of a set.

    Attributes:
        files: one per picture or video file, in order of path.
        copies: groups of two or more samples that show the very same pixels.
    """

    files: tuple[FileFacts, ...]
    copies: tuple[tuple[Sample, ...], ...]

    @property
    def unreadable(self) -> tuple[FileFacts, ...]:
        """Files that cannot be used."""
        return tuple(file for file in self.files if file.error is not None)

    @property
    def copies_across_people(self) -> tuple[tuple[Sample, ...], ...]:
        """Copies that stand under different subjects: they would leak from training to test."""
        return tuple(
            group for group in self.copies if len({sample.subject for sample in group}) > 1
        )


def survey(dataset: Dataset, on_done: Callable[[int], None] = lambda _done: None) -> Survey:
    """Read every file of a set once.

    Args:
        dataset: the set.
        on_done: told how many files are done.
    """
    paths = sorted({sample.image for sample in dataset.samples})
    videos = {sample.image for sample in dataset.samples if sample.frame is not None}
    files = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        facts = pool.map(lambda path: _facts(path, is_video=path in videos), paths)
        for done, fact in enumerate(facts, start=1):
            files.append(fact)
            on_done(done)
    return Survey(files=tuple(files), copies=_copies(dataset, files))


def _facts(path: Path, *, is_video: bool) -> FileFacts:
    digest = None
    try:
        digest = content_hash(path)
        frame = _first_frame(path) if is_video else read_picture(path)
    except DataError as error:
        return FileFacts(path=path, sha256=digest, size_px=None, error=str(error))
    height, width = frame.shape[:2]
    return FileFacts(path=path, sha256=digest, size_px=(width, height), error=None)


def _first_frame(path: Path) -> Picture:
    for frame in video_frames(path):
        return frame
    raise DataError(f"{path} is a video without frames")


def _copies(dataset: Dataset, files: list[FileFacts]) -> tuple[tuple[Sample, ...], ...]:
    digests = {file.path: file.sha256 for file in files}
    groups: dict[tuple[str, object, object], list[Sample]] = defaultdict(list)
    for sample in dataset.samples:
        digest = digests[sample.image]
        if digest is not None:
            groups[digest, sample.half, sample.frame].append(sample)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
