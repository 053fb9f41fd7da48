"""Occlusion: what happens to the level when a part of the picture is black."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from train.explain.regions import COVERED, FaceRegion, region_mask

SQUARE_PX: Final = 16
BATCH: Final = 64

Picture = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.float64]
Scorer = Callable[[Picture], Levels]
"""Pictures uint8 (N, H, W, 3) to levels (N,)."""

Window = tuple[int, int, int, int]
"""Left, top, right, bottom of what a model sees of a picture, px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OcclusionMap:
    """Drop in level by place.

    Attributes:
        level: of the whole picture.
        drop: float64 (H, W), level minus level without this place, averaged over all squares that
            covered it; NaN where none did. Above 0: the place raised the level.
        square_px: side of the black square.
        stride_px: step between squares.
    """

    level: float
    drop: Levels
    square_px: int
    stride_px: int


def corners(window: Window, *, square_px: int, stride_px: int) -> list[tuple[int, int]]:
    """Left and top of every square; the last of a row or column ends with the window."""
    left, top, right, bottom = window
    return [
        (x, y)
        for y, x in product(
            _steps(top, bottom - square_px, stride_px), _steps(left, right - square_px, stride_px)
        )
    ]


def occlusion_map(
    score: Scorer,
    picture: Picture,
    *,
    window: Window,
    square_px: int = SQUARE_PX,
    stride_px: int = SQUARE_PX // 2,
    on_done: Callable[[int], None] = lambda _: None,
) -> OcclusionMap:
    """Slide a black square over a picture (Zeiler & Fergus 2014) and watch the level.

    Args:
        score: the model.
        picture: uint8 (H, W, 3) RGB.
        window: part that the model sees.
        square_px: side of the square, at most the window's.
        stride_px: step, at least 1 and at most ``square_px``, so that no place is left out.
        on_done: called with the number of squares done after every batch.
    """
    level = float(score(picture[None])[0])
    total = np.zeros(picture.shape[:2], np.float64)
    count = np.zeros(picture.shape[:2], np.intp)
    done = 0
    for some in _portions(corners(window, square_px=square_px, stride_px=stride_px)):
        covered = np.repeat(picture[None], len(some), axis=0)
        for copy, (x, y) in zip(covered, some, strict=True):
            copy[y : y + square_px, x : x + square_px] = 0
        for (x, y), without in zip(some, score(covered).tolist(), strict=True):
            total[y : y + square_px, x : x + square_px] += level - without
            count[y : y + square_px, x : x + square_px] += 1
        done += len(some)
        on_done(done)
    drop = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return OcclusionMap(level=level, drop=drop, square_px=square_px, stride_px=stride_px)


def region_drops(
    score: Scorer, picture: Picture, points: npt.NDArray[np.floating]
) -> dict[FaceRegion, float]:
    """Drop in level when a part of the face is black.

    Args:
        score: the model.
        picture: uint8 (H, W, 3) RGB.
        points: landmarks (478, 2 or 3), pixels of the picture.

    Returns:
        Level minus level without the part, by region; above 0: the part raised the level.
    """
    copies = np.repeat(picture[None], len(COVERED) + 1, axis=0)
    for copy, region in zip(copies[1:], COVERED, strict=True):
        copy[region_mask(region, points, size=(picture.shape[0], picture.shape[1]))] = 0
    whole, *without = score(copies).tolist()
    return {region: whole - left for region, left in zip(COVERED, without, strict=True)}


def _steps(first: int, last: int, stride: int) -> list[int]:
    steps = list(range(first, last + 1, stride))
    return steps if steps[-1] == last else [*steps, last]


def _portions(places: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    yield from (places[start : start + BATCH] for start in range(0, len(places), BATCH))
