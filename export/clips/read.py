"""Reads clips as the daemon would: faces and reasons over time, kept in memory alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.batch.media import video_frames
from edge.config import QualityConfig, TrackingConfig
from edge.demo.truth import clip_path
from edge.score.feeds import feeds
from edge.track import Landmarker, Tracker, locate_landmarker
from pain.bundle import InputName
from pain.clock import SystemClock
from pain.errors import DataError
from pain.values import Face, Reason

EVERY_S: Final = 0.1
"""Ten pictures a second: smoothing and alarms count seconds, not pictures."""

MOST_FACES: Final = 3000
"""Of one clip: five minutes; their crops take 0.6 GB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """What the tracker saw in a clip of N pictures, F of them with a face.

    Attributes:
        name: of the file.
        at_s: N times from the clip's start, seconds.
        reasons: N reasons why no face may be scored; None where one may.
        inputs: of the graphs, by name, each of length F.
    """

    name: str
    at_s: tuple[float, ...]
    reasons: tuple[Reason | None, ...]
    inputs: Mapping[InputName, npt.NDArray[Any]]

    @property
    def faces(self) -> int:
        """Number of faces, F."""
        return sum(reason is None for reason in self.reasons)


def read_clips(
    paths: Sequence[Path],
    needs: Sequence[InputName],
    *,
    on_done: Callable[[str], None] = lambda _what: None,
) -> tuple[Clip, ...]:
    """Let the daemon's tracker watch clips.

    Args:
        paths: videos; the clip inside the package when empty.
        needs: inputs of the graphs that shall read them.
        on_done: told in words how far it is.

    Raises:
        SourceError: a file is no video.
        DataError: no face is found in a clip, or it is too long.
        ModelFileError: the face model is not here.
    """
    with Landmarker(model=locate_landmarker(None)) as landmarker:
        return tuple(_read(path, needs, landmarker, on_done) for path in paths or (clip_path(),))


def _read(
    path: Path,
    needs: Sequence[InputName],
    landmarker: Landmarker,
    on_done: Callable[[str], None],
) -> Clip:
    tracker = Tracker(
        landmarker=landmarker,
        tracking=TrackingConfig(),
        quality=QualityConfig(),
        zone=None,
        masks=(),
        want_crop="face" in needs,
        clock=SystemClock(),
    )
    at_s: list[float] = []
    reasons: list[Reason | None] = []
    shown: dict[InputName, list[npt.NDArray[Any]]] = {name: [] for name in needs}
    for frame in video_frames(path, every_s=EVERY_S):
        seen = tracker.track(frame)
        at_s.append(frame.captured_s)
        reasons.append(None if isinstance(seen, Face) else seen.reason)
        if isinstance(seen, Face):
            for name, values in feeds(seen, needs).items():
                shown[name].append(values)  # type: ignore[index]
        if len(at_s) > MOST_FACES:
            raise DataError(
                f"{path}: longer than {MOST_FACES * EVERY_S:.0f} s; cut out the part that matters"
            )
        on_done(f"{path.name}: {len(at_s)} pictures")
    if not any(reason is None for reason in reasons):
        raise DataError(f"{path}: no face that may be scored; give another clip with --clip")
    return Clip(
        name=path.name,
        at_s=tuple(at_s),
        reasons=tuple(reasons),
        inputs={name: np.concatenate(values) for name, values in shown.items()},
    )
