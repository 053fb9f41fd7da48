"""Rivals: other faces beside the followed one, each looked at again and watched for life."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.track.acquire import Accept, look
from edge.track.claim import LARGER, Candidate, Claim, judge
from edge.track.landmarker import Landmarker
from edge.track.life import Life, LifeSigns
from edge.track.tiles import Place, Tile, around, sides_for, sweep
from pain.clock import Clock

LOOK_EVERY_S: Final = 0.5
"""Pace of the search for rivals once the picture has been swept once: about 2 % of the work."""

RECHECK_EVERY_S: Final = 0.5
"""Pace at which known rivals are looked at again, one in a frame."""

GONE_AFTER_S: Final = 1.2
"""A rival that two looks in a row have missed is gone."""

SWITCH_AFTER_S: Final = 1.0
"""A larger face must stay this long: a carer who walks past the lens is not the resident."""

APART: Final = 0.6
"""Two detections nearer than this share of the larger height are the same face."""

MOST_RIVALS: Final = 4
"""Of more, the largest are known."""

SecondsAt = Callable[[Place, float], float]
"""Faded time that living faces spent at a place, as of a monotonic time, s."""

SignsAt = Callable[[Place, float], LifeSigns]
"""What is known of the life of a face at a place, as of a monotonic time, s."""


@dataclass(slots=True, kw_only=True)
class _Rival:
    """Another face: where it is, since when, when it was last seen and last looked for."""

    place: Place
    signs: LifeSigns
    since_s: float
    seen_s: float
    checked_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Now:
    """One frame, the face that is followed in it and its life, and where others may lie."""

    image: npt.NDArray[np.uint8]
    own: Place
    life: Life
    region: Tile | None
    at_s: float

    def around(self, place: Place) -> Tile:
        height, width = self.image.shape[:2]
        return around(place, width=width, height=height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State of the followed face's claim.

    Attributes:
        claim: of the strongest rival.
        rival: its place, None where no rival has a claim.
        settled: whether the claim has lasted long enough to act upon.
        alone: whether no face is known that may be somebody's.
        lifeless: places of faces that show no life.
    """

    claim: Claim
    rival: Place | None
    settled: bool
    alone: bool
    lifeless: tuple[Place, ...]


class RivalWatch:
    """Looks for other faces beside the followed one, and watches what it has found.

    At first as fast as the budget allows, until the picture has been swept once; then a tile now
    and then, or in every frame while the followed face shows no life.

    Args:
        landmarker: the model.
        sides: tile sizes, px.
        budget_ms: time to spend per frame on the first sweep; one tile at least.
        clock: measures that time.
        seconds_at: faded time that living faces spent at a place, s.
        signs_at: signs of life of a face at a place.
    """

    def __init__(
        self,
        *,
        landmarker: Landmarker,
        sides: Sequence[int],
        budget_ms: float,
        clock: Clock,
        seconds_at: SecondsAt,
        signs_at: SignsAt,
    ) -> None:
        self._landmarker = landmarker
        self._sides = tuple(sides)
        self._budget_s = budget_ms / 1000
        self._clock = clock
        self._seconds_at = seconds_at
        self._signs_at = signs_at
        self._tiles: Iterator[Tile] | None = None
        self._incumbent = False
        self._looked_s = -np.inf
        self._rivals: list[_Rival] = []

    def replaced(self, own: Place, signs: LifeSigns, *, by: Place, at_s: float) -> None:
        """Another face is followed from now on, and the one before is its rival.

        Args:
            own: the face before.
            signs: its signs of life.
            by: the face that is followed now.
            at_s: monotonic time, s.
        """
        self._rivals = [rival for rival in self._rivals if not _same(rival.place, by)]
        self._rivals.append(
            _Rival(place=own, signs=signs, since_s=at_s, seen_s=at_s, checked_s=at_s)
        )
        self._tiles, self._incumbent = None, False

    def observe(
        self,
        image: npt.NDArray[np.uint8],
        *,
        own: Place,
        life: Life,
        neighbours: Sequence[Place],
        region: Tile | None,
        accept: Accept,
        at_s: float,
    ) -> Standing:
        """Take one frame into account.

        Args:
            image: uint8 (H, W, 3) RGB.
            own: the followed face.
            life: what is known of its life.
            neighbours: other faces that the follow square showed.
            region: where faces may lie.
            accept: whether a face may be the resident's.
            at_s: monotonic capture time, s.
        """
        now = _Now(image=image, own=own, life=life, region=region, at_s=at_s)

        def others(places: Sequence[Place]) -> list[Place]:
            return [place for place in places if accept(place) and not _same(place, own)]

        def look_at(tile: Tile, *known: Place) -> list[Place]:
            return others(look(self._landmarker, image, tile, hidden=[own, *known]))

        def search(tile: Tile) -> list[Place]:
            return look_at(tile, *(rival.place for rival in self._rivals))

        seen = others(neighbours)
        due = self._due(at_s)
        if due is not None:
            due.checked_s = at_s
            seen += look_at(now.around(due.place))
        elif self._may_search(now):
            seen += self._search(search, now)
        self._note(seen, now)
        self._watch(now)
        return self._stand(now)

    def _due(self, at_s: float) -> _Rival | None:
        oldest = min(self._rivals, key=lambda rival: rival.checked_s, default=None)
        late = oldest is not None and at_s - oldest.checked_s >= RECHECK_EVERY_S
        return oldest if late else None

    def _may_search(self, now: _Now) -> bool:
        """Not while a rival of a living face waits for its decision."""
        return now.life in (Life.UNKNOWN, Life.STILL) or all(
            self._claim(rival, now) is Claim.NONE for rival in self._rivals
        )

    def _search(self, look_at: Callable[[Tile], list[Place]], now: _Now) -> list[Place]:
        if not self._incumbent:
            return self._first_sweep(look_at, now)
        if now.life is not Life.STILL and now.at_s - self._looked_s < LOOK_EVERY_S:
            return []
        self._looked_s = now.at_s
        return look_at(self._next_tile(now))

    def _first_sweep(self, look_at: Callable[[Tile], list[Place]], now: _Now) -> list[Place]:
        started_s = self._clock.now().monotonic_s
        while True:
            tile = self._next_tile(now)
            seen = look_at(tile)
            spent_s = self._clock.now().monotonic_s - started_s
            if seen or self._incumbent or spent_s >= self._budget_s:
                return seen

    def _next_tile(self, now: _Now) -> Tile:
        tile = None if self._tiles is None else next(self._tiles, None)
        if tile is None:
            swept_in_vain = self._tiles is not None and all(
                self._claim(rival, now) is Claim.NONE for rival in self._rivals
            )
            self._incumbent = self._incumbent or swept_in_vain
            height, width = now.image.shape[:2]
            sides = self._sides
            if now.life in (Life.QUIET, Life.LIVELY):
                # Who was there first loses to a decisively larger face only; before, to an equal.
                factor = LARGER if self._incumbent else 1 / LARGER
                sides = tuple(sides_for(sides, smallest_face_px=now.own.height_px * factor))
            self._tiles = sweep(width=width, height=height, sides=sides, region=now.region)
            tile = next(self._tiles)
        return tile

    def _note(self, seen: Sequence[Place], now: _Now) -> None:
        """Remember faces that were seen now, and forget those that two looks have missed."""
        for place in seen:
            known = next((rival for rival in self._rivals if _same(place, rival.place)), None)
            if known is not None:
                known.place, known.seen_s, known.checked_s = place, now.at_s, now.at_s
                continue
            self._rivals.append(
                _Rival(
                    place=place,
                    signs=self._signs_at(place, now.at_s),
                    since_s=now.at_s,
                    seen_s=now.at_s,
                    checked_s=now.at_s,
                )
            )
        self._rivals = [
            rival
            for rival in self._rivals
            if now.at_s - rival.seen_s < GONE_AFTER_S
            and not _same(rival.place, now.own)
            and self._matters(rival, now)
        ]
        self._rivals.sort(key=lambda rival: rival.place.height_px, reverse=True)
        del self._rivals[MOST_RIVALS:]

    def _matters(self, rival: _Rival, now: _Now) -> bool:
        """One that is known to live and has no claim all the same is of no interest."""
        lives = rival.signs.life(now.at_s) is Life.LIVELY
        return not lives or self._claim(rival, now) is not Claim.NONE

    def _watch(self, now: _Now) -> None:
        for rival in self._rivals:
            if rival.seen_s >= rival.checked_s:
                rival.signs.see(now.image, rival.place, at_s=now.at_s)
            else:
                rival.signs.unseen()

    def _stand(self, now: _Now) -> Standing:
        claims = [(self._claim(rival, now), rival) for rival in self._rivals]
        strength = (Claim.STRONGER, Claim.UNDECIDED)
        claim, rival = min(
            ((claim, rival) for claim, rival in claims if claim is not Claim.NONE),
            key=lambda pair: strength.index(pair[0]),
            default=(Claim.NONE, None),
        )
        lifeless = tuple(
            one.place for one in self._rivals if one.signs.life(now.at_s) is Life.STILL
        )
        return Standing(
            claim=claim,
            rival=None if rival is None else rival.place,
            settled=rival is not None
            and (not self._incumbent or rival.seen_s - rival.since_s >= SWITCH_AFTER_S),
            alone=len(lifeless) == len(self._rivals),
            lifeless=lifeless,
        )

    def _claim(self, rival: _Rival, now: _Now) -> Claim:
        return judge(
            own=Candidate(
                height_px=now.own.height_px,
                usual_s=self._seconds_at(now.own, now.at_s),
                life=now.life,
            ),
            rival=Candidate(
                height_px=rival.place.height_px,
                usual_s=self._seconds_at(rival.place, now.at_s),
                life=rival.signs.life(now.at_s),
            ),
            incumbent=self._incumbent,
        )


def _same(one: Place, other: Place) -> bool:
    apart = np.hypot(one.x - other.x, one.y - other.y)
    return bool(apart < APART * max(one.height_px, other.height_px))
