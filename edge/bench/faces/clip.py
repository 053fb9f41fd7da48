"""A video, second by second: what each bundle says, and whether an alarm would stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.bench.calm import watch_calm
from edge.bench.faces.look import TEXTBOOK, textbook
from edge.bench.rows import Row
from edge.track.landmarker import Landmarker
from pain.values import Face, Unavailable

Floats = npt.NDArray[np.float64]


def clip_rows(
    video: Path,
    bundles: Sequence[Path | None],
    landmarker: Landmarker,
    *,
    on_frame: Callable[[int], None] = lambda _frames: None,
) -> list[Row]:
    """Watch a video as the daemon would; one row a second and reader.

    Args:
        video: the file; its own time counts.
        bundles: folders; None for the built-in one.
        landmarker: the face model.
        on_frame: told how many frames were looked at.

    Raises:
        SourceError: the video cannot be read, or holds no frame.
    """
    shapes: list[tuple[float, float]] = []

    def on_face(at_s: float, face: Face | Unavailable) -> None:
        value = textbook(face.blendshapes) if isinstance(face, Face) else np.nan
        shapes.append((at_s, value))

    watched = watch_calm(video, bundles, landmarker, on_frame=on_frame, on_face=on_face)
    rows: list[Row] = []
    for one in watched:
        raw, smoothed = np.array(one.raw), np.array(one.smoothed)
        alarmed = np.array(one.alarmed, np.bool_)
        sha256 = one.scorer.bundle.bundle_sha256
        rows += _seconds(video, one.name, sha256, raw=raw, smoothed=smoothed, alarmed=alarmed)
    return rows + _seconds(video, TEXTBOOK, "", raw=np.array(shapes))


def _seconds(
    video: Path,
    reader: str,
    sha256: str,
    *,
    raw: Floats,
    smoothed: Floats | None = None,
    alarmed: npt.NDArray[np.bool_] | None = None,
) -> list[Row]:
    second = raw[:, 0].astype(int)
    rows: list[Row] = []
    for at_s in range(second.min(), second.max() + 1):
        now = second == at_s
        rows.append(
            {
                "on": video.name,
                "reader": reader,
                "sha256": sha256[:16],
                "second": at_s,
                "frames": int(now.sum()),
                "found": int(np.isfinite(raw[now, 1]).sum()),
                "mean": _or_none(raw[now, 1], np.mean),
                "highest": _or_none(raw[now, 1], np.max),
                "smoothed_highest": None
                if smoothed is None
                else _or_none(smoothed[now, 1], np.max),
                "alarm_share": None
                if alarmed is None or not now.any()
                else float(alarmed[now].mean()),
            }
        )
    return rows


def _or_none(values: Floats, figure: Callable[[Floats], np.floating]) -> float | None:
    known = values[np.isfinite(values)]
    return float(figure(known)) if known.size else None
