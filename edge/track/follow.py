"""Follow: run the landmarker on a padded square around the last face, upscaled when small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.track.acquire import place_of
from edge.track.landmarker import Detection, Landmarker
from edge.track.tiles import Place
from edge.track.turn import QUARTER_DEG, TURNS, detect_turned, evidence, next_turn, roll_in_view
from pain.action_units import BLENDSHAPES

UPSCALED_SIDE_PX: Final = 384
"""Smaller squares are enlarged to this by cubic interpolation. Measured on 60 frames of a real
woman in distress and smiling, landmark error in percent of the face height against the 240 px
original: face of 40 px 1.77 -> 1.28, 64 px 1.13 -> 0.81, 96 px 0.78 -> 0.65; linear to 256 px gains
half as much."""

WIDER: Final = 1.6
"""A missed face is looked for once more in the same frame in a square larger by this factor."""

STILL_SHARE: Final = 0.06
"""The square stays where it is while the face moves less than this share of its side: a square
that trembles with every landmark makes the landmarks tremble."""

STEADY_RATIO: Final = 1.2
"""The square keeps its size while the face's size changes by less than this factor."""

WEIGH_EVERY_S: Final = 1.0
"""Pace at which it is asked anew which way up the face is: two looks of the detector, 2 ms each."""

SIDEWAYS_DEG: Final = 95.0
"""A mesh that rolls further in its view is no reading of the face that the view is for."""

LEAPT_DEG: Final = 60.0
"""A roll that leaps by more from one picture to the next is a head, or a mesh, turned over."""

CLEAR: Final = 0.03
"""Weaker evidence leaves open which way up the face is (2 of 707 real faces); then it counts as
upright where it is so in the picture, as most faces are."""

MOST_PREDICTED_S: Final = 0.25
SHORTEST_STEP_S: Final = 0.005
"""Over a shorter time, the tremble of a pixel would pass for a leap."""

LIDS: Final = [BLENDSHAPES.index(name) for name in ("eyeBlinkLeft", "eyeBlinkRight")]

VELOCITY_GAIN: Final = 0.5
HEIGHT_GAIN: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one look at the square gave, in frame pixels.

    Attributes:
        face: the followed face.
        others: other faces in the square.
        upright: whether it is clear which way up the face is; where it is not, the mesh may lie on
            it upside down.
    """

    face: Detection
    others: tuple[Place, ...]
    upright: bool = True

    @property
    def lids(self) -> float:
        """How far both lids are closed, 0..1."""
        return float(self.face.blendshapes[LIDS].mean())


class Follower:
    """Keeps one face, from its place in one frame to its place in the next.

    Args:
        landmarker: the model.
        roi_scale: side of the square in face heights.
        place: where the face is. Which way up it is, the first look finds out.
        at_s: monotonic time of that, s.
    """

    def __init__(
        self, *, landmarker: Landmarker, roi_scale: float, place: Place, at_s: float
    ) -> None:
        self._landmarker = landmarker
        self._roi_scale = roi_scale
        self._velocity = np.zeros(2)
        self._square: _Square | None = None
        self._evidence = 0.0
        self._weighed_s: float | None = None
        self._roll_deg: float | None = None
        self.place = place
        self.seen_at_s = at_s

    def look(self, image: npt.NDArray[np.uint8], *, at_s: float) -> Sighting | None:
        """Find the face in the next frame.

        Args:
            image: uint8 (H, W, 3) RGB.
            at_s: monotonic capture time, s.

        Returns:
            The face and its neighbours, or None when it does not answer.
        """
        expected = self._predict(at_s)
        first = self._steady(expected)
        for square in (first, first.scaled(WIDER).around(expected)):
            found = self._look_into(image, square, expected, at_s)
            if found is not None:
                self._update(found.face, turn=found.turn, at_s=at_s)
                self._square = first
                others = tuple(place_of(face, turn=found.turn) for face in found.others)
                return Sighting(
                    face=found.face, others=others, upright=self._is_upright(found.face)
                )
        self._square = None
        return None

    def _look_into(
        self, image: npt.NDArray[np.uint8], square: _Square, expected: Place, at_s: float
    ) -> _Found | None:
        """The followed face in one square, the right way up as far as can be told."""
        found = self._in_view(image, square, expected, self.place.turn)
        weighed_s = self._weighed_s
        if found is not None:
            if weighed_s is not None and at_s - weighed_s < WEIGH_EVERY_S:
                return found
            weight = evidence(self._landmarker, image, found.face)
            self._evidence = weight if weighed_s is None else (self._evidence + weight) / 2
            if self._evidence >= CLEAR:
                self._weighed_s = at_s
                return found
        elif weighed_s is not None:
            return None
        return self._turned_over(image, square, expected, at_s, found)

    def _turned_over(
        self,
        image: npt.NDArray[np.uint8],
        square: _Square,
        expected: Place,
        at_s: float,
        found: _Found | None,
    ) -> _Found | None:
        """Look in the other views as well and take the first in which it is clearly upright."""
        for step in (2, 1, 3):
            turn = (self.place.turn + step) % TURNS
            other = self._in_view(image, square, expected, turn)
            if other is None or any(_overlap(other.face, face) for face in other.others):
                continue
            weight = evidence(self._landmarker, image, other.face)
            if weight >= CLEAR:
                self._evidence, self._weighed_s = weight, at_s
                return other
        if found is not None:
            self._weighed_s = at_s
        return found

    def _is_upright(self, face: Detection) -> bool:
        usual = abs(face.pose.roll_deg) <= QUARTER_DEG
        return self._evidence >= (-CLEAR if usual else CLEAR)

    def _in_view(
        self, image: npt.NDArray[np.uint8], square: _Square, expected: Place, turn: int
    ) -> _Found | None:
        faces = _detect(self._landmarker, image, square, turn)
        own = _nearest(faces, expected)
        if own is None or abs(roll_in_view(own.pose, turn)) > SIDEWAYS_DEG:
            return None
        return _Found(face=own, others=[face for face in faces if face is not own], turn=turn)

    def _predict(self, at_s: float) -> Place:
        ahead_s = min(max(at_s - self.seen_at_s, 0.0), MOST_PREDICTED_S)
        shift = self._velocity * ahead_s
        return replace(self.place, x=self.place.x + shift[0], y=self.place.y + shift[1])

    def _steady(self, expected: Place) -> _Square:
        wanted = _Square(x=expected.x, y=expected.y, side=self._roi_scale * expected.height_px)
        held = self._square
        if held is None or not 1 / STEADY_RATIO < wanted.side / held.side < STEADY_RATIO:
            return wanted
        moved = math.hypot(wanted.x - held.x, wanted.y - held.y)
        return held if moved < STILL_SHARE * held.side else replace(wanted, side=held.side)

    def _update(self, face: Detection, *, turn: int, at_s: float) -> None:
        seen = place_of(face, turn=next_turn(face.pose, turn))
        before_deg, self._roll_deg = self._roll_deg, face.pose.roll_deg
        if before_deg is not None and _angle(before_deg, self._roll_deg) > LEAPT_DEG:
            self._weighed_s = -math.inf  # the mesh may have turned over, the head not
        elapsed_s = at_s - self.seen_at_s
        if elapsed_s >= SHORTEST_STEP_S:
            moved = np.array((seen.x - self.place.x, seen.y - self.place.y)) / elapsed_s
            self._velocity += VELOCITY_GAIN * (moved - self._velocity)
        growth = HEIGHT_GAIN * (seen.height_px - self.place.height_px)
        self.place = replace(seen, height_px=self.place.height_px + growth)
        self.seen_at_s = at_s


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A face in one view, its neighbours, and the quarter turns of the view."""

    face: Detection
    others: list[Detection]
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Square:
    x: float
    y: float
    side: float

    def scaled(self, factor: float) -> _Square:
        return replace(self, side=self.side * factor)

    def around(self, place: Place) -> _Square:
        return replace(self, x=place.x, y=place.y)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Pixels of a square, enlarged when small, and how to come back from them."""

    pixels: npt.NDArray[np.uint8]
    zoom: float
    left: int
    top: int


def _cut(image: npt.NDArray[np.uint8], square: _Square) -> _Cut | None:
    side = max(round(square.side), 1)
    left, top = round(square.x - side / 2), round(square.y - side / 2)
    pixels = cut_square(image, left=left, top=top, side=side)
    if pixels is None:
        return None
    zoom = 1.0
    if side < UPSCALED_SIDE_PX:
        zoom = UPSCALED_SIDE_PX / side
        enlarged = (UPSCALED_SIDE_PX, UPSCALED_SIDE_PX)
        pixels = np.asarray(cv2.resize(pixels, enlarged, interpolation=cv2.INTER_CUBIC), np.uint8)
    return _Cut(pixels=pixels, zoom=zoom, left=left, top=top)


def _detect(
    landmarker: Landmarker, image: npt.NDArray[np.uint8], square: _Square, turn: int
) -> list[Detection]:
    cut = _cut(image, square)
    if cut is None:
        return []
    faces = detect_turned(landmarker, cut.pixels, turn)
    return [face.moved(zoom=cut.zoom, x=cut.left, y=cut.top) for face in faces]


def _overlap(one: Detection, other: Detection) -> bool:
    """Whether two meshes lie on the same place: one of them is no face."""
    (x, y), (other_x, other_y) = one.box.centre, other.box.centre
    return math.hypot(x - other_x, y - other_y) < max(one.height_px, other.height_px) / 2


def _angle(one_deg: float, other_deg: float) -> float:
    return abs((one_deg - other_deg + 180.0) % 360.0 - 180.0)


def cut_square(
    image: npt.NDArray[np.uint8], *, left: int, top: int, side: int
) -> npt.NDArray[np.uint8] | None:
    """Cut a square out; what lies outside the picture is black.

    Returns:
        uint8 (side, side, 3), a view where the square lies inside, or None when all is outside.
    """
    height, width = image.shape[:2]
    right, bottom = left + side, top + side
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return None
    inner = image[max(top, 0) : bottom, max(left, 0) : right]
    if inner.shape[:2] == (side, side):
        return inner
    padded = np.zeros((side, side, 3), np.uint8)
    y, x = max(-top, 0), max(-left, 0)
    padded[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    return padded


def _nearest(faces: Sequence[Detection], expected: Place) -> Detection | None:
    """Pick the face that can be the expected one: near it and of about its size."""

    def distance(face: Detection) -> float:
        x, y = face.box.centre
        return math.hypot(x - expected.x, y - expected.y)

    plausible = [
        face
        for face in faces
        if distance(face) < expected.height_px and 1 / 2 < face.height_px / expected.height_px < 2  # noqa: PLR2004
    ]
    return min(plausible, key=distance, default=None)
