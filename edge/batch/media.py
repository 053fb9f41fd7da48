"""Which files are meant, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
import numpy.typing as npt

from pain.errors import SourceError
from pain.values import Frame

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"})
VIDEOS: Final = frozenset({".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mpeg"})

LONGEST_SIDE_PX: Final = 1920
"""Larger pictures are averaged down to this, as a camera of the daemon would see them."""

_START: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One file.

    Attributes:
        path: where it lies.
        name: for tables: its place under the folder that was named, or its own name.
        is_video: moving pictures.
    """

    path: Path
    name: str
    is_video: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What could not be used, and why, for people."""

    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.name}: {self.words}"


def find_media(paths: Iterable[Path]) -> tuple[list[Media], list[Problem]]:
    """Gather files; folders are gone through with everything below them, in order of name.

    Args:
        paths: pictures, videos and folders.

    Returns:
        The files, each once; and what was named but is neither.
    """
    found: dict[Path, Media] = {}
    problems: list[Problem] = []
    for path in paths:
        if path.is_dir():
            inside = [one for one in sorted(path.rglob("*")) if one.is_file()]
            media = [one for one in (_media(p, p.relative_to(path)) for p in inside) if one]
            if not media:
                problems.append(Problem(name=str(path), words="holds no picture and no video"))
        elif not path.exists():
            media = []
            problems.append(Problem(name=str(path), words="does not exist"))
        else:
            one = _media(path, Path(path.name))
            media = [one] if one else []
            if one is None:
                known = ", ".join(sorted(PICTURES | VIDEOS))
                problems.append(
                    Problem(
                        name=str(path),
                        words=f"neither a picture nor a video by its ending (known: {known})",
                    )
                )
        for one in media:
            found.setdefault(one.path.resolve(), one)
    return list(found.values()), problems


def _media(path: Path, name: Path) -> Media | None:
    ending = path.suffix.lower()
    if ending not in PICTURES | VIDEOS:
        return None
    return Media(path=path, name=name.as_posix(), is_video=ending in VIDEOS)


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """Read a still picture, upright as its EXIF says.

    Returns:
        uint8 (H, W, 3) RGB, its longer side at most 1920 px.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
        # OpenCV raises on an empty file and gives None for what it does not know.
        pixels = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except (OSError, cv2.error) as error:
        raise SourceError(f"cannot be read ({error})") from error
    if pixels is None:
        raise SourceError("cannot be read as a picture; it is damaged or of another kind")
    longest = max(pixels.shape[:2])
    if longest > LONGEST_SIDE_PX:
        share = LONGEST_SIDE_PX / longest
        size = (max(round(pixels.shape[1] * share), 1), max(round(pixels.shape[0] * share), 1))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(pixels[:, :, ::-1], np.uint8)


def video_frames(path: Path, *, every_s: float = 0.0) -> Iterator[Frame]:
    """Decode a video; time is its own, whatever the looking takes.

    Args:
        path: the file.
        every_s: least time between two frames; 0 for all of them.

    Raises:
        SourceError: it cannot be read, or holds no picture.
    """
    due_s = -np.inf
    try:
        with av.open(str(path)) as container:
            for sequence, picture in enumerate(container.decode(video=0)):
                at_s = float(picture.time or 0.0)
                if at_s + 1e-6 < due_s:
                    continue
                due_s = max(due_s + every_s, at_s) if np.isfinite(due_s) else at_s + every_s
                yield Frame(
                    image=np.asarray(picture.to_ndarray(format="rgb24"), np.uint8),
                    captured_s=at_s,
                    wall_time=_START + timedelta(seconds=at_s),
                    sequence=sequence,
                )
    except (av.FFmpegError, IndexError) as error:
        raise SourceError(f"{path} cannot be read as a video: {error}") from error
    if not np.isfinite(due_s):
        raise SourceError(f"{path} holds no picture")
