"""Whether a face that moves about a room is kept, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Final

import av
import numpy as np

from edge.bench.observe import NEAR, any_quality_tracker, frame_of, hits, is_scorable, place_of_face
from edge.bench.rows import Row
from edge.bench.scenes import Cutout, Image, find_face, oval, paste, room, visible
from edge.track import Landmarker
from pain.errors import SourceError
from pain.values import Face

NOISE_SIDE: Final = 256
MOVING_NEAR: Final = 2 * NEAR
"""The head also moves within the clip, whose first frame says where the face is."""


def follow_row(
    clip: Path,
    landmarker: Landmarker,
    *,
    size_px: tuple[int, int],
    height_px: int,
    speed: float,
    most_frames: int | None = None,
    seed: int = 1,
) -> Row:
    """Follow a clip's face that moves about a room; the share of frames in which it is kept.

    The face is cut out by the oval around its place in the first frame and moves on a Lissajous
    path. Each frame is shown (none dropped), with fresh noise.

    Args:
        clip: a video of one face.
        landmarker: the model.
        size_px: (width, height) of the room pictures.
        height_px: height of the face in them.
        speed: top speed along the picture's width, face heights per second.
        most_frames: frames of the clip to show; all when absent.
        seed: of room and noise.
    """
    width, height = size_px
    rng = np.random.default_rng([seed, width, height_px])
    background = room(width=width, height=height, rng=rng)
    tracker = any_quality_tracker(landmarker)
    first_found_s: float | None = None
    kept = scorable = after = 0
    shown = islice(_clip_faces(clip, landmarker, height_px), most_frames)
    for sequence, (at_s, face) in enumerate(shown):
        picture = background.copy()
        x, y = _path(speed * height_px * at_s, width, height)
        truth = paste(picture, face, x=x, y=y)
        seen = tracker.track(frame_of(_noisy(picture, rng), captured_s=at_s, sequence=sequence))
        hit = isinstance(seen, Face) and hits(place_of_face(seen), truth, near=MOVING_NEAR)
        if first_found_s is None:
            first_found_s = at_s if hit else None
            continue
        after += 1
        kept += hit
        scorable += hit and isinstance(seen, Face) and is_scorable(seen)
    return {
        "clip": clip.stem,
        "size": f"{width}x{height}",
        "height_px": height_px,
        "speed_heights_per_s": speed,
        "first_found_s": first_found_s,
        "frames_after": after,
        "kept_share": kept / after if after else None,
        "scorable_share": scorable / after if after else None,
    }


def _clip_faces(
    clip: Path, landmarker: Landmarker, height_px: float
) -> Iterator[tuple[float, Cutout]]:
    with av.open(str(clip)) as container:
        pictures = ((picture, _rgb(picture)) for picture in container.decode(video=0))
        first, pixels = next(pictures)
        face = find_face(pixels, landmarker)
        if face is None:
            raise SourceError(f"There is no face to be found in the first frame of {clip}.")
        alpha = oval(pixels.shape[0], pixels.shape[1], face)
        rows, columns = visible(alpha)
        within = replace(face, x=face.x - columns.start, y=face.y - rows.start)
        for picture, rgb in chain([(first, pixels)], pictures):
            cut = Cutout(
                name=clip.stem, rgb=rgb[rows, columns], alpha=alpha[rows, columns], face=within
            )
            yield float(picture.time or 0.0), cut.at_height(height_px)


def _rgb(picture: av.VideoFrame) -> Image:
    return np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)


def _path(way_px: float, width: int, height: int) -> tuple[float, float]:
    reach_x, reach_y = 0.3 * width, 0.25 * height
    return (
        width / 2 + reach_x * math.sin(way_px / reach_x),
        height / 2 + reach_y * math.sin(0.7 * way_px / reach_y),
    )


def _noisy(picture: Image, rng: np.random.Generator) -> Image:
    """Add noise that differs from frame to frame; a shifted tile is a tenth of the work."""
    rows, columns = picture.shape[:2]
    tile = rng.integers(-4, 5, (NOISE_SIDE, NOISE_SIDE, 3)).astype(np.int16)
    times = (rows // NOISE_SIDE + 1, columns // NOISE_SIDE + 1, 1)
    noise = np.tile(tile, times)[:rows, :columns]
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)
