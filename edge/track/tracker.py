"""The tracker: a frame in, the resident's face or the reason for none out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.config.camera import Rotate
from edge.config.quality import QualityConfig
from edge.config.room import Polygon
from edge.config.tracking import TrackingConfig
from edge.track.acquire import Acquirer
from edge.track.claim import Claim
from edge.track.covered import CoverWatch, Hidden
from edge.track.follow import Follower, Sighting
from edge.track.landmarker import Landmarker
from edge.track.life import Life, LifeSigns
from edge.track.lives import Lives
from edge.track.places import PlaceMemory
from edge.track.privacy import PrivacyMasks, bounds, contains
from edge.track.quality import measure, refusal
from edge.track.rivals import RivalWatch
from edge.track.tiles import Place, Tile, sweep
from edge.track.turn import TURNS, turned
from pain.clock import Clock
from pain.crop import aligned_crop
from pain.values import Box, Face, Frame, NoFace, Reason

SAME_PERSON_WITHIN_S: Final = 10.0
"""A face found again this soon at its old place keeps its standing against rivals."""

LONGEST_FRAME_S: Final = 1.0
"""Most time that one sighting adds to the memory of places, however long the gap before it."""

SWEEP_TURNS: Final = (0, 2, 0, 1, 0, 3)
"""Quarter turns in which one sweep after the other looks: the detector misses most faces that lie
on their side or are upside down, and most faces are neither."""


class Phase(StrEnum):
    """What the tracker is doing."""

    ACQUIRE = "acquire"
    FOLLOW = "follow"


class Tracker:
    """Finds the resident's face at room distance and keeps it.

    Of several faces, one that lives is preferred to one that does not (``edge.track.claim``).

    A face counts only when two looks at different cuts of the same frame agree, so that a pattern
    on a curtain that fools one tile is never scored.

    Args:
        landmarker: the model; stays the caller's to close.
        tracking: how to search.
        quality: when a face may be scored.
        zone: only faces whose centre lies in it are the resident's.
        masks: polygons that are blacked before anything looks.
        want_crop: whether a model wants ``Face.crop``.
        clock: measures the search budget; everything else goes by the frames' own times.
        rotate_deg: how far each picture is turned clockwise before anything else; zone, masks and
            all that is reported count on the turned picture.
        hidden: judges whether a face is covered; None where nobody asks.
    """

    def __init__(
        self,
        *,
        landmarker: Landmarker,
        tracking: TrackingConfig,
        quality: QualityConfig,
        zone: Polygon | None,
        masks: tuple[Polygon, ...],
        want_crop: bool,
        clock: Clock,
        rotate_deg: Rotate = 0,
        hidden: Hidden | None = None,
    ) -> None:
        self._landmarker = landmarker
        self._tracking = tracking
        self._quality = quality
        self._zone = zone
        self._masks = PrivacyMasks(masks)
        self._want_crop = want_crop
        self._clock = clock
        self._turn = -rotate_deg // 90 % TURNS
        self._covers = (
            None
            if hidden is None or quality.max_hidden is None
            else CoverWatch(hidden=hidden, above=quality.max_hidden)
        )
        self._acquirer = Acquirer(
            landmarker=landmarker, budget_ms=tracking.acquire_budget_ms, clock=clock
        )
        self._memory = PlaceMemory()
        self._lives = Lives(lifeless_after_s=tracking.lifeless_after_s)
        self._size = (0, 0)
        self._follower: Follower | None = None
        self._signs: LifeSigns | None = None
        self._lifeless: tuple[Box, ...] = ()
        self._still: list[Place] = []
        self._last: Follower | None = None
        self._tracks = 0
        self._sweeps = 0
        self._watch = self._new_watch()

    @property
    def phase(self) -> Phase:
        """Whether a face is being searched for or followed."""
        return Phase.ACQUIRE if self._follower is None else Phase.FOLLOW

    @property
    def lifeless(self) -> tuple[Box, ...]:
        """Faces without life in the last picture, in shares of its width and height.

        May be asked from another thread.
        """
        return self._lifeless

    def reset(self) -> None:
        """Forget everything that was seen: the next frame is of another scene."""
        self._memory = PlaceMemory()
        self._lives.forget()
        self._size = (0, 0)

    def track(self, frame: Frame) -> Face | NoFace:
        """Find the resident's face in the next frame.

        Args:
            frame: its image is masked in place (in a copy when it cannot be written to).

        Returns:
            A face that passed the quality gate, or the reason why there is none.
        """
        self._still = []
        image = self._private(frame.image)
        height, width = image.shape[:2]
        if (width, height) != self._size:
            self._start_over(width, height)
        if self._follower is not None:
            seen = self._follow(self._follower, image, frame.captured_s)
        else:
            seen = self._acquire(image, frame.captured_s)
        self._lifeless = tuple(_share_of(place, width, height) for place in self._still)
        return seen

    def _private(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        own = np.require(turned(image, self._turn), requirements=("C", "W"))
        self._masks.apply(own)
        return own

    def _start_over(self, width: int, height: int) -> None:
        """Begin anew in a picture of another size; usual places carry over as shares of it."""
        self._size = (width, height)
        self._follower = self._last = None
        self._lives.forget()
        self._acquirer.restart()

    def _acquire(self, image: npt.NDArray[np.uint8], at_s: float) -> Face | NoFace:
        place = self._acquirer.search(
            image, new_sweep=lambda: self._plan(at_s), accept=self._in_zone
        )
        if place is None:
            return NoFace(reason=Reason.NO_FACE)
        follower = self._followed_from(place, at_s)
        sighting = follower.look(image, at_s=at_s)
        if sighting is None or not self._in_zone(follower.place):
            return NoFace(reason=Reason.NO_FACE)
        if not self._is_back(follower.place, at_s):
            self._watch = self._new_watch()
        self._follower = self._last = follower
        self._signs = None
        self._acquirer.restart()
        return self._decide(follower, sighting, image, at_s, lasted_s=0.0)

    def _follow(
        self, follower: Follower, image: npt.NDArray[np.uint8], at_s: float
    ) -> Face | NoFace:
        before_s = follower.seen_at_s
        sighting = follower.look(image, at_s=at_s)
        if sighting is not None and self._in_zone(follower.place):
            lasted_s = min(max(at_s - before_s, 0.0), LONGEST_FRAME_S)
            return self._decide(follower, sighting, image, at_s, lasted_s=lasted_s)
        if self._signs is not None:
            self._signs.unseen()
        left_the_zone = sighting is not None
        if not left_the_zone and at_s - follower.seen_at_s < self._tracking.lost_after_s:
            return NoFace(reason=Reason.NO_FACE)
        self._follower = None
        return self._acquire(image, at_s)

    def _decide(
        self,
        follower: Follower,
        sighting: Sighting,
        image: npt.NDArray[np.uint8],
        at_s: float,
        *,
        lasted_s: float,
    ) -> Face | NoFace:
        width, height = self._size
        signs = self._signs = self._signs or self._lives.at(follower.place, at_s)
        signs.see(image, follower.place, at_s=at_s, lids=sighting.lids)
        life = signs.life(at_s)
        standing = self._watch.observe(
            image,
            own=follower.place,
            life=life,
            neighbours=sighting.others,
            region=self._region(),
            accept=self._in_zone,
            at_s=at_s,
        )
        self._still = list(standing.lifeless)
        if signs.is_lifeless(at_s):
            self._still.append(follower.place)
        if standing.claim is Claim.STRONGER and standing.settled and standing.rival is not None:
            return self._switch(standing.rival, image, at_s)
        if signs.is_lifeless(at_s) and standing.alone:
            return NoFace(reason=Reason.MOTIONLESS)
        if standing.claim is Claim.UNDECIDED:
            return NoFace(reason=Reason.SEVERAL_FACES)
        if life in (Life.QUIET, Life.LIVELY):
            self._memory.remember(
                follower.place, width=width, height=height, at_s=at_s, lasted_s=lasted_s
            )
        return self._gate(sighting, image, at_s, alone=standing.alone and not sighting.others)

    def _switch(self, rival: Place, image: npt.NDArray[np.uint8], at_s: float) -> Face | NoFace:
        before, signs = self._follower, self._signs
        follower = self._followed_from(rival, at_s)
        sighting = follower.look(image, at_s=at_s)
        if sighting is None:
            self._watch = self._new_watch()
            return NoFace(reason=Reason.SEVERAL_FACES)
        self._follower = self._last = follower
        self._signs = self._lives.at(follower.place, at_s)
        if before is not None and signs is not None:
            self._watch.replaced(before.place, signs, by=follower.place, at_s=at_s)
        return self._gate(sighting, image, at_s, alone=False)

    def _gate(
        self, sighting: Sighting, image: npt.NDArray[np.uint8], at_s: float, *, alone: bool
    ) -> Face | NoFace:
        face = sighting.face
        sharpness, brightness = measure(image, face.box)
        reason = refusal(
            height_px=face.height_px,
            pose=face.pose,
            sharpness=sharpness,
            brightness=brightness,
            upright=sighting.upright,
            limits=self._quality,
        )
        if reason is not None:
            return NoFace(reason=reason)

        def cut() -> npt.NDArray[np.uint8]:
            return aligned_crop(image, face.landmarks)

        if self._covers is not None and self._covers.covered(cut, track=self._tracks, at_s=at_s):
            return NoFace(reason=Reason.OCCLUDED)
        return Face(
            box=face.box,
            landmarks=face.landmarks,
            blendshapes=face.blendshapes,
            pose=face.pose,
            height_px=face.height_px,
            sharpness=sharpness,
            brightness=brightness,
            crop=cut() if self._want_crop else None,
            track=self._tracks,
            alone=alone,
        )

    def _plan(self, at_s: float) -> Iterator[Tile]:
        width, height = self._size
        last = [self._last.place] if self._last is not None else []
        usual = self._memory.usual(width=width, height=height, at_s=at_s)
        turn = SWEEP_TURNS[self._sweeps % len(SWEEP_TURNS)]
        self._sweeps += 1
        return sweep(
            width=width,
            height=height,
            sides=self._tracking.tile_sizes_px,
            region=self._region(),
            places=[*last, *usual],
            turn=turn,
        )

    def _region(self) -> Tile | None:
        if self._zone is None:
            return None
        width, height = self._size
        return bounds(self._zone, width=width, height=height)

    def _in_zone(self, place: Place) -> bool:
        width, height = self._size
        return self._zone is None or contains(self._zone, place.x / width, place.y / height)

    def _followed_from(self, place: Place, at_s: float) -> Follower:
        self._tracks += 1
        return Follower(
            landmarker=self._landmarker,
            roi_scale=self._tracking.roi_scale,
            place=place,
            at_s=at_s,
        )

    def _is_back(self, place: Place, at_s: float) -> bool:
        last = self._last
        if last is None or at_s - last.seen_at_s > SAME_PERSON_WITHIN_S:
            return False
        apart = math.hypot(place.x - last.place.x, place.y - last.place.y)
        return apart < last.place.height_px

    def _new_watch(self) -> RivalWatch:
        return RivalWatch(
            landmarker=self._landmarker,
            sides=self._tracking.tile_sizes_px,
            budget_ms=self._tracking.acquire_budget_ms,
            clock=self._clock,
            seconds_at=self._seconds_at,
            signs_at=self._lives.at,
        )

    def _seconds_at(self, place: Place, at_s: float) -> float:
        width, height = self._size
        return self._memory.seconds_at(place, width=width, height=height, at_s=at_s)


def _share_of(place: Place, width: int, height: int) -> Box:
    """A square of the face's height around its centre, cut to the picture, in shares of it."""
    half = place.height_px / 2
    left, right = (min(max((place.x + side) / width, 0.0), 1.0) for side in (-half, half))
    top, bottom = (min(max((place.y + side) / height, 0.0), 1.0) for side in (-half, half))
    return Box(x=left, y=top, width=right - left, height=bottom - top)
