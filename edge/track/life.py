"""Signs of life: whether a face moves against what is around it, or blinks, as a picture does not.

A camera that shakes moves a portrait and its wall alike, and an encoder lets both tremble; a head
that breathes, turns or grimaces moves against its surroundings. So the shift of the face between
two half-second means, 2 s apart, is measured by least squares on the pixels (Lucas and Kanade 1981)
and that of a ring around it is taken away. What that reads, in frame pixels (measured 2026-12-01
on 720p through H.264, H.265 and MJPEG, noise of 2 to 6 grey levels before the encoder; largest of
every half second, and share of half seconds that are a sign):

still portraits of 60, 120 and 220 px                          0.02-0.19     0 %
the same, the camera trembling by 0.7 px                       0.13-0.23     0 %
a head of 60 px that rises by 0.18 px either way in a breath   0.54-0.58    59 %
a head of 120 px that rises by 0.36 px either way in a breath  0.95         83 %
a woman in distress, a rendered resident                       7.2-18       91-96 %
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, IntEnum, auto
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.track.follow import cut_square
from edge.track.tiles import Place

Patch = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]

SIDE_SHARE: Final = 3.0
"""Side of the square that is compared, in face heights: the face and what is around it."""

PATCH_PX: Final = 64
SAMPLE_EVERY_S: Final = 0.08
WINDOW_S: Final = 0.5
LEAST_SAMPLES: Final = 2
LAG: Final = 4
"""A window is compared with the one so many before: half a slow breath."""

LEAST_SHIFT_PX: Final = 0.3
LEAST_SHIFT_SHARE: Final = 0.0006
"""A shift is a sign above so many pixels of the frame and so much of the face height together."""

SURE: Final = 4.0
"""And above so many standard errors of its measurement."""

LATELY: Final = 6
ALIVE_SIGNS: Final = 3
"""Signs among the last windows that show life: what passes before a portrait gives one or two."""

SIDE_TIMES: Final = 1.5
"""One side of the surroundings must move by so many times more: a bare wall is hard to measure."""

STIRS: Final = 4
"""And in so many of the last windows."""

BLINK: Final = 0.35
"""A blink swings both lids' blendshapes by more; on still portraits of 60 px they vary by 0.08."""

BLINK_WITHIN_S: Final = 1.0

LEAP: Final = 0.15
"""A face that moved by more of its height, or that grew by as much, is measured anew where it is.
That is a sign where its old surroundings have stayed."""

UNMOVED: Final = 0.9
"""Correlation of surroundings that have stayed."""

KNOWN_AFTER_S: Final = 6.0
"""A face beside a living one that shows no sign for so long, a slow breath, is without life."""

LIVELY_S: Final = 10.0


class Life(IntEnum):
    """What is known of a face's life.

    ``STILL``: it has shown none for long. ``UNKNOWN``: only seen for seconds. ``QUIET``: it has
    shown some, not lately. ``LIVELY``: lately.
    """

    STILL = auto()
    UNKNOWN = auto()
    QUIET = auto()
    LIVELY = auto()


class _Motion(Enum):
    """Between two means: nothing, the face, or what is around it alone, and that a little."""

    NONE = auto()
    OWN = auto()
    AROUND = auto()


class LifeSigns:
    """Watches one face for signs of life.

    Args:
        place: where it is.
        at_s: monotonic time since when it is watched, s.
        lifeless_after_s: time without a sign after which a face by itself, or one that has shown
            life, counts as still, s; None: every face is lively, and nothing is measured.
    """

    def __init__(self, *, place: Place, at_s: float, lifeless_after_s: float | None) -> None:
        self.place = place
        self.seen_s = at_s
        self._lifeless_after_s = lifeless_after_s
        self._since_s = at_s
        self._alive_s: float | None = None
        self._away = False
        self._anchor = place
        self._window = _Window(at_s)
        self._before: deque[Patch] = deque(maxlen=LAG)
        self._signs: deque[bool] = deque(maxlen=LATELY)
        self._stirs: deque[bool] = deque(maxlen=LATELY)
        self._stirred_s = -math.inf
        self._lids: deque[tuple[float, float]] = deque()

    def life(self, at_s: float) -> Life:
        """What is known at a monotonic time, s."""
        if self._lifeless_after_s is None:
            return Life.LIVELY
        if self._alive_s is None:
            return Life.UNKNOWN if at_s - self._since_s < KNOWN_AFTER_S else Life.STILL
        quiet_s = at_s - self._alive_s
        if quiet_s >= self._lifeless_after_s:
            return Life.STILL
        return Life.LIVELY if quiet_s < LIVELY_S else Life.QUIET

    def is_lifeless(self, at_s: float) -> bool:
        """Whether there was no sign for so long that a face by itself counts as still, too.

        Here a chest that rises and sinks around a resting head is a sign as well. It says nothing
        of which of two faces lives: a curtain beside a portrait moves like that.
        """
        if self._lifeless_after_s is None:
            return False
        last_s = self._since_s if self._alive_s is None else self._alive_s
        return at_s - max(last_s, self._stirred_s) >= self._lifeless_after_s

    def see(
        self,
        image: npt.NDArray[np.uint8],
        place: Place,
        *,
        at_s: float,
        lids: float | None = None,
    ) -> None:
        """Take one frame into account in which the face was seen.

        Args:
            image: uint8 (H, W, 3) RGB.
            place: where it is.
            at_s: monotonic capture time, s.
            lids: how far both lids are closed, 0..1; None where nobody looked.
        """
        if self._away:
            self._is_back(at_s)
        self.place, self.seen_s = place, at_s
        if self._lifeless_after_s is None:
            return
        if lids is not None and self._blinks(lids, at_s):
            self._alive_s = at_s
        if self._window.due(at_s):
            self._sample(image, at_s)

    def unseen(self) -> None:
        """The face does not answer: what its place shows now says nothing of it."""
        self._away = True

    def _is_back(self, at_s: float) -> None:
        """Go on where it was left: the time away says nothing of it."""
        away_s = at_s - self.seen_s
        self._since_s += away_s
        if self._alive_s is not None:
            self._alive_s += away_s
        self._stirred_s += away_s
        self._away = False
        self._before.clear()
        self._signs.clear()
        self._stirs.clear()
        self._lids.clear()
        self._window = _Window(at_s)

    def _blinks(self, lids: float, at_s: float) -> bool:
        self._lids.append((at_s, lids))
        while at_s - self._lids[0][0] > BLINK_WITHIN_S:
            self._lids.popleft()
        closed = [one for _, one in self._lids]
        return max(closed) - min(closed) > BLINK

    def _sample(self, image: npt.NDArray[np.uint8], at_s: float) -> None:
        if _apart(self.place, self._anchor):
            self._leapt(image, at_s)
        patch = _patch(image, self._anchor)
        if patch is None:
            return
        mean = self._window.add(patch, at_s)
        if mean is None:
            return
        if self._before:
            motion = _motion(self._before[0], mean, self._anchor.height_px)
            self._sign(motion is _Motion.OWN, at_s)
            self._stirs.append(motion is _Motion.AROUND)
            if sum(self._stirs) >= STIRS:
                self._stirred_s = at_s
        self._before.append(mean)

    def _leapt(self, image: npt.NDArray[np.uint8], at_s: float) -> None:
        before = self._before[-1] if self._before else self._window.last
        there = _patch(image, self._anchor)
        if before is not None and there is not None:
            self._sign(_correlation(before, there, _AROUND) > UNMOVED, at_s)
        self._anchor = self.place
        self._before.clear()
        self._window = _Window(at_s)

    def _sign(self, sign: bool, at_s: float) -> None:  # noqa: FBT001
        self._signs.append(sign)
        if sum(self._signs) >= ALIVE_SIGNS:
            self._alive_s = at_s


class _Window:
    """Mean of the samples of half a second."""

    def __init__(self, since_s: float) -> None:
        self._since_s = since_s
        self._sum = np.zeros((PATCH_PX, PATCH_PX), np.float32)
        self._count = 0
        self._sampled_s = -math.inf
        self.last: Patch | None = None

    def due(self, at_s: float) -> bool:
        return at_s - self._sampled_s >= SAMPLE_EVERY_S

    def add(self, patch: Patch, at_s: float) -> Patch | None:
        """Take a sample; the mean where the window is full, which begins the next one."""
        self._sum += patch
        self._count += 1
        self._sampled_s, self.last = at_s, patch
        if at_s - self._since_s < WINDOW_S or self._count < LEAST_SAMPLES:
            return None
        mean = self._sum / np.float32(self._count)
        self._since_s, self._count = at_s, 0
        self._sum = np.zeros_like(self._sum)
        return mean


Mask = npt.NDArray[np.bool_]


def _masks() -> tuple[Mask, Mask, list[Mask]]:
    """The face, a ring around it, and the ring's four sides."""
    middle = (PATCH_PX - 1) / 2
    down, across = np.mgrid[:PATCH_PX, :PATCH_PX] - middle
    off = np.maximum(np.abs(down), np.abs(across)) * SIDE_SHARE / PATCH_PX
    ring = (off > 0.9) & (off < 1.4)  # noqa: PLR2004
    falling, rising = down > across, down > -across
    sides = (falling & rising, falling & ~rising, ~falling & rising, ~falling & ~rising)
    return off < 0.45, ring, [ring & side for side in sides]  # noqa: PLR2004


_FACE, _AROUND, _SIDES = _masks()


def _zoom(height_px: float) -> int:
    """Pixels of the frame in one of the patch; whole ones are averaged quickly."""
    return max(round(SIDE_SHARE * height_px / PATCH_PX), 1)


def _patch(image: npt.NDArray[np.uint8], place: Place) -> Patch | None:
    side = PATCH_PX * _zoom(place.height_px)
    left, top = round(place.x - side / 2), round(place.y - side / 2)
    pixels = cut_square(image, left=left, top=top, side=side)
    if pixels is None:
        return None
    green = np.ascontiguousarray(pixels[:, :, 1])
    small = cv2.resize(green, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)


def _motion(before: Patch, now: Patch, height_px: float) -> _Motion:
    """What has moved against the other, the face or what is around it."""
    zoom = _zoom(height_px)
    down, across = (np.asarray(slope, np.float32) for slope in np.gradient((before + now) / 2))
    face, face_error = _shift(before, now, down, across, _FACE)
    around, around_error = _shift(before, now, down, across, _AROUND)
    least_px = LEAST_SHIFT_PX + LEAST_SHIFT_SHARE * height_px
    least = max(least_px / zoom, SURE * (face_error + around_error))
    if np.hypot(*(face - around)) > least and np.hypot(*face) > least_px / zoom:
        return _Motion.OWN
    for side in _SIDES:
        beside, error = _shift(before, now, down, across, side)
        least = max(SIDE_TIMES * least_px / zoom, SURE * (face_error + error))
        if np.hypot(*(face - beside)) > least and _correlation(before, now, side) > UNMOVED:
            return _Motion.AROUND
    return _Motion.NONE


def _shift(
    before: Patch, now: Patch, down: Patch, across: Patch, where: Mask
) -> tuple[Vector, float]:
    """Shift (x, y) of one part between two patches and its standard error, px of the patch.

    The light may have changed: means and contrasts are made equal first.
    """
    first = before[where].astype(np.float64)
    second = now[where].astype(np.float64)
    first -= first.mean()
    second -= second.mean()
    contrast = math.sqrt(float(first @ first) / max(float(second @ second), 1e-9))
    change = second * min(max(contrast, 0.5), 2.0) - first
    slopes = np.stack([across[where], down[where]], axis=1).astype(np.float64)
    slopes -= slopes.mean(axis=0)
    normal = slopes.T @ slopes + 1e-3 * np.eye(2)
    shift = np.asarray(-np.linalg.solve(normal, slopes.T @ change), np.float64)
    rest = change + slopes @ shift
    error = math.sqrt(float(rest @ rest) / rest.size * float(np.trace(np.linalg.inv(normal))))
    return shift, error


def _correlation(one: Patch, other: Patch, where: Mask) -> float:
    first, second = one[where] - one[where].mean(), other[where] - other[where].mean()
    scale = math.sqrt(float(first @ first) * float(second @ second))
    return float(first @ second) / scale if scale > 0 else 0.0


def _apart(one: Place, other: Place) -> bool:
    away = math.hypot(one.x - other.x, one.y - other.y)
    grown = abs(math.log(one.height_px / other.height_px))
    return away > LEAP * other.height_px or grown > LEAP
