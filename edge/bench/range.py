"""From which face height on a face is found, and how soon, beside bare MediaPipe."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edge.bench.observe import any_quality_tracker, frame_of, hits, is_scorable, place_of_face
from edge.bench.rows import Row
from edge.bench.scenes import Cutout, Image, load_cutout, paste, random_place, room
from edge.track import Landmarker
from edge.track.acquire import place_of
from edge.track.tiles import Place
from pain.errors import SourceError
from pain.values import Face

HEIGHTS_PX: Final = (40, 48, 56, 64, 80, 96, 120, 160, 200, 240)
SIZES_PX: Final = ((1280, 720), (1920, 1080))
FPS: Final = 25.0
GIVE_UP_AFTER_S: Final = 4.0
FOLLOW_HEIGHTS_PX: Final = (48, 64, 96)
FOLLOW_SPEEDS: Final = (0.5, 1.0, 2.0)
"""Face heights per second: rocking, walking past at a distance, getting up fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Outcome at one position.

    Attributes:
        found_s: simulated time from the first frame until the face was reported; None if never.
        scorable: whether the default quality gate would let it through.
        raw: whether bare MediaPipe finds it in the whole picture.
    """

    found_s: float | None
    scorable: bool
    raw: bool


def time_to_find(picture: Image, truth: Place, landmarker: Landmarker) -> Find:
    """Show one still picture at 25 frames a second until its face is reported.

    Frames that arrive while the last is being worked on are dropped, as in the daemon; the time
    that the work takes is real, the waiting between frames is not waited for.
    """
    tracker = any_quality_tracker(landmarker)
    now_s = 0.0
    sequence = 0
    raw = any(hits(place_of(face), truth) for face in landmarker.detect(picture))
    while now_s < GIVE_UP_AFTER_S:
        began_s = time.perf_counter()
        seen = tracker.track(frame_of(picture, captured_s=now_s, sequence=sequence))
        done_s = now_s + time.perf_counter() - began_s
        if isinstance(seen, Face) and hits(place_of_face(seen), truth):
            return Find(found_s=done_s, scorable=is_scorable(seen), raw=raw)
        sequence = max(sequence + 1, math.ceil(done_s * FPS))
        now_s = sequence / FPS
    return Find(found_s=None, scorable=False, raw=raw)


def range_rows(
    faces: Sequence[Cutout],
    landmarker: Landmarker,
    *,
    sizes_px: Sequence[tuple[int, int]] = SIZES_PX,
    heights_px: Sequence[int] = HEIGHTS_PX,
    positions: int = 40,
    seed: int = 1,
) -> Iterator[Row]:
    """Measure each face at each picture size and face height; one row each as it is done."""
    for face in faces:
        for width, height in sizes_px:
            for height_px in heights_px:
                rng = np.random.default_rng([seed, width, height_px])
                finds = [
                    _one_position(face.at_height(height_px), width, height, landmarker, rng)
                    for _ in range(positions)
                ]
                yield _row(face.name, (width, height), height_px, finds)


def _one_position(
    face: Cutout, width: int, height: int, landmarker: Landmarker, rng: np.random.Generator
) -> Find:
    picture = room(width=width, height=height, rng=rng)
    x, y = random_place(face, width=width, height=height, rng=rng)
    return time_to_find(picture, paste(picture, face, x=x, y=y), landmarker)


def _row(name: str, size_px: tuple[int, int], height_px: int, finds: Sequence[Find]) -> Row:
    times_s = [find.found_s for find in finds if find.found_s is not None]
    return {
        "face": name,
        "size": f"{size_px[0]}x{size_px[1]}",
        "height_px": height_px,
        "positions": len(finds),
        "found_share": len(times_s) / len(finds),
        "scorable_share": sum(find.scorable for find in finds) / len(finds),
        "raw_share": sum(find.raw for find in finds) / len(finds),
        "median_s": float(np.median(times_s)) if times_s else None,
        "p95_s": float(np.percentile(times_s, 95)) if times_s else None,
    }


def range_bench(
    faces: Sequence[Path],
    *,
    clips: Sequence[Path] = (),
    heights_px: Sequence[int] | None = None,
    positions: int,
    out: Path,
) -> None:
    """Measure range and keeping; write range.csv, range.png and follow.csv.

    Args:
        faces: portraits, cut-outs with alpha, or folders of them.
        clips: videos of one face, to measure how well it is kept.
        heights_px: face heights; None for ten from 40 to 240.
        positions: positions for each size and height.
        out: folder of the results.

    Raises:
        SourceError: there is no picture, or no face in one.
    """
    from rich.console import Console

    from edge.bench.following import follow_row
    from edge.bench.range_plot import matplotlib_here, plot_range
    from edge.bench.rows import write_rows
    from edge.track import locate_landmarker

    console = Console(stderr=True)
    with Landmarker(model=locate_landmarker(None)) as landmarker:
        cutouts = [load_cutout(path, landmarker) for path in _pictures(faces)]
        found: list[Row] = []
        heights = heights_px or HEIGHTS_PX
        for row in range_rows(cutouts, landmarker, heights_px=heights, positions=positions):
            found.append(row)
            write_rows(out / "range.csv", found)
            console.print(_sentence(row), highlight=False)
        kept = [
            follow_row(path, landmarker, size_px=SIZES_PX[-1], height_px=high, speed=speed)
            for path in clips
            for high in FOLLOW_HEIGHTS_PX
            for speed in FOLLOW_SPEEDS
        ]
    if matplotlib_here():
        plot_range(found, out / "range.png")
    else:
        console.print("No range.png: matplotlib is not installed (pip install matplotlib).")
    if kept:
        write_rows(out / "follow.csv", kept)
        for row in kept:
            console.print(", ".join(f"{key} {value}" for key, value in row.items()))


def _pictures(paths: Sequence[Path]) -> list[Path]:
    endings = {".png", ".jpg", ".jpeg"}
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [item for item in inside if item.suffix.lower() in endings]
    if not found:
        raise SourceError(f"No .png or .jpg in {', '.join(map(str, paths))}.")
    return found


def _sentence(row: Row) -> str:
    return (
        f"{row['face']} at {row['height_px']} px in {row['size']}: found {row['found_share']:.0%} "
        f"(bare MediaPipe {row['raw_share']:.0%}), median {row['median_s'] or math.nan:.2f} s"
    )
