"""Rivals: whether another face has a better claim to be the resident's than the followed one.

The rule, from strongest to weakest sign: a face that is decisively larger is the resident (the
default of a one-bed room); one in the resident's usual place is; the one that was followed before
the other came is. Where no sign decides, nobody is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.track.acquire import Accept, look
from edge.track.landmarker import Landmarker
from edge.track.tiles import Place, Tile, around, sides_for, sweep
from pain.clock import Clock

LARGER: Final = 1.25
"""A face larger by this factor is decisively larger."""

USUAL_S: Final = 60.0
"""Faded time at a place from which on it is usual."""

USUAL_TIMES: Final = 10.0
"""One place decides against another when it has this many times its faded time."""

LOOK_EVERY_S: Final = 0.5
"""Pace of the search for rivals once the picture has been swept once: about 2 % of the work."""

RECHECK_EVERY_S: Final = 0.5
GONE_AFTER_S: Final = 1.2
"""A rival that two looks in a row have missed is gone."""

SWITCH_AFTER_S: Final = 1.0
"""A larger face must stay this long: a carer who walks past the lens is not the resident."""

APART: Final = 0.6
"""Two detections nearer than this share of the larger height are the same face."""


SecondsAt = Callable[[Place, float], float]
"""Faded time that faces spent at a place, as of a monotonic time, s."""


class Claim(Enum):
    """What a rival means for the followed face."""

    NONE = auto()
    UNDECIDED = auto()
    STRONGER = auto()


def judge(
    *, own_px: float, rival_px: float, own_usual_s: float, rival_usual_s: float, incumbent: bool
) -> Claim:
    """Weigh a rival.

    Args:
        own_px: height of the followed face, px.
        rival_px: height of the rival, px.
        own_usual_s: faded time that faces spent where the followed face is, s.
        rival_usual_s: the same where the rival is, s.
        incumbent: whether the followed face was there alone before.
    """
    if rival_px >= LARGER * own_px:
        return Claim.STRONGER
    if rival_px * LARGER <= own_px:
        return Claim.NONE
    if own_usual_s >= max(USUAL_S, USUAL_TIMES * rival_usual_s):
        return Claim.NONE
    if rival_usual_s >= max(USUAL_S, USUAL_TIMES * own_usual_s):
        return Claim.STRONGER
    return Claim.NONE if incumbent else Claim.UNDECIDED


@dataclass(slots=True, kw_only=True)
class _Rival:
    """A face with a claim: where it is, since when, when it was last seen and last looked for."""

    place: Place
    since_s: float
    seen_s: float
    checked_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State of the followed face's claim.

    Attributes:
        claim: of the strongest rival.
        rival: its place, None without one.
        settled: whether the claim has lasted long enough to act upon.
    """

    claim: Claim
    rival: Place | None
    settled: bool


NO_RIVAL: Final = Standing(claim=Claim.NONE, rival=None, settled=False)


class RivalWatch:
    """Looks for other faces beside the followed one.

    At first as fast as the budget allows, until the picture has been swept once; then a tile now
    and then.

    Args:
        landmarker: the model.
        sides: tile sizes, px.
        budget_ms: time to spend per frame on the first sweep; one tile at least.
        clock: measures that time.
        seconds_at: faded time that faces spent at a place, s.
    """

    def __init__(
        self,
        *,
        landmarker: Landmarker,
        sides: Sequence[int],
        budget_ms: float,
        clock: Clock,
        seconds_at: SecondsAt,
    ) -> None:
        self._landmarker = landmarker
        self._sides = tuple(sides)
        self._budget_s = budget_ms / 1000
        self._clock = clock
        self._seconds_at = seconds_at
        self._tiles: Iterator[Tile] | None = None
        self._incumbent = False
        self._looked_s = -np.inf
        self._rival: _Rival | None = None

    def observe(
        self,
        image: npt.NDArray[np.uint8],
        *,
        own: Place,
        neighbours: Sequence[Place],
        region: Tile | None,
        accept: Accept,
        at_s: float,
    ) -> Standing:
        """Take one frame into account.

        Args:
            image: uint8 (H, W, 3) RGB.
            own: the followed face.
            neighbours: other faces that the follow square showed.
            region: where faces may lie.
            accept: whether a face may be the resident's.
            at_s: monotonic capture time, s.
        """

        def others(places: Sequence[Place]) -> list[Place]:
            return [place for place in places if accept(place) and not _same(place, own)]

        def look_at(tile: Tile) -> list[Place]:
            return others(look(self._landmarker, image, tile, hidden=[own]))

        seen = others(neighbours)
        rival = self._rival
        if rival is not None:
            if at_s - rival.checked_s >= RECHECK_EVERY_S:
                rival.checked_s = at_s
                height, width = image.shape[:2]
                seen += look_at(around(rival.place, width=width, height=height))
        elif not self._incumbent:
            seen += self._first_sweep(look_at, image, own, region)
        elif at_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = at_s
            seen += look_at(self._next_tile(image, own, region))
        self._note(seen, own=own, at_s=at_s)
        return self._stand(own, at_s=at_s)

    def _first_sweep(
        self,
        look_at: Callable[[Tile], list[Place]],
        image: npt.NDArray[np.uint8],
        own: Place,
        region: Tile | None,
    ) -> list[Place]:
        started_s = self._clock.now().monotonic_s
        while True:
            tile = self._next_tile(image, own, region)
            seen = look_at(tile)
            spent_s = self._clock.now().monotonic_s - started_s
            if seen or self._incumbent or spent_s >= self._budget_s:
                return seen

    def _next_tile(self, image: npt.NDArray[np.uint8], own: Place, region: Tile | None) -> Tile:
        tile = None if self._tiles is None else next(self._tiles, None)
        if tile is None:
            swept_in_vain = self._tiles is not None and self._rival is None
            self._incumbent = self._incumbent or swept_in_vain
            height, width = image.shape[:2]
            # Who was there first loses to a decisively larger face only; before, to an equal too.
            factor = LARGER if self._incumbent else 1 / LARGER
            sides = sides_for(self._sides, smallest_face_px=own.height_px * factor)
            self._tiles = sweep(width=width, height=height, sides=sides, region=region)
            tile = next(self._tiles)
        return tile

    def _note(self, seen: Sequence[Place], *, own: Place, at_s: float) -> None:
        """Remember the strongest rival among faces that were seen now; others do not matter."""
        for place in seen:
            rival = self._rival
            if rival is not None and _same(place, rival.place):
                rival.place, rival.seen_s, rival.checked_s = place, at_s, at_s
            elif self._claim(place, own, at_s) is not Claim.NONE and (
                rival is None or place.height_px > LARGER * rival.place.height_px
            ):
                self._rival = _Rival(place=place, since_s=at_s, seen_s=at_s, checked_s=at_s)

    def _stand(self, own: Place, *, at_s: float) -> Standing:
        rival = self._rival
        if rival is None:
            return NO_RIVAL
        claim = self._claim(rival.place, own, at_s)
        if claim is Claim.NONE or at_s - rival.seen_s >= GONE_AFTER_S:
            self._rival = None
            return NO_RIVAL
        settled = not self._incumbent or rival.seen_s - rival.since_s >= SWITCH_AFTER_S
        return Standing(claim=claim, rival=rival.place, settled=settled)

    def _claim(self, rival: Place, own: Place, at_s: float) -> Claim:
        return judge(
            own_px=own.height_px,
            rival_px=rival.height_px,
            own_usual_s=self._seconds_at(own, at_s),
            rival_usual_s=self._seconds_at(rival, at_s),
            incumbent=self._incumbent,
        )


def _same(one: Place, other: Place) -> bool:
    apart = np.hypot(one.x - other.x, one.y - other.y)
    return bool(apart < APART * max(one.height_px, other.height_px))
