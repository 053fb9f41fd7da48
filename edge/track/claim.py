"""Which of two faces has the better claim to be the resident's: life first, then place and size.

A face without life is nobody's. Of two that live, one that is decisively larger is the resident
(the default of a one-bed room); else the one in the resident's usual place; else the one that was
followed before the other came. Where no sign decides, nobody is scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from edge.track.life import Life

LARGER: Final = 1.25
"""A face larger by this factor is decisively larger."""

USUAL_S: Final = 60.0
"""Faded time at a place from which on it is usual."""

USUAL_TIMES: Final = 10.0
"""One place decides against another when it has this many times its faded time."""


class Claim(Enum):
    """What a rival means for the followed face."""

    NONE = auto()
    UNDECIDED = auto()
    STRONGER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One of the faces.

    Attributes:
        height_px: its height, px.
        usual_s: faded time that living faces spent where it is, s.
        life: what is known of its life.
    """

    height_px: float
    usual_s: float
    life: Life

    @property
    def lives(self) -> bool:
        """Whether it has shown life, and not too long ago."""
        return self.life in (Life.QUIET, Life.LIVELY)

    def outgrows(self, other: Candidate) -> bool:
        """Whether it is decisively larger."""
        return self.height_px >= LARGER * other.height_px

    def is_more_usual(self, other: Candidate) -> bool:
        """Whether its place decides."""
        return self.usual_s >= max(USUAL_S, USUAL_TIMES * other.usual_s)


def judge(*, own: Candidate, rival: Candidate, incumbent: bool) -> Claim:
    """Weigh a rival.

    Args:
        own: the followed face.
        rival: the other one.
        incumbent: whether the followed face was there alone before.
    """
    if own.lives and rival.lives:
        return _of_the_living(own, rival, incumbent=incumbent)
    if own.lives:
        return Claim.NONE
    if own.life is Life.STILL and rival.life is Life.LIVELY:
        return Claim.STRONGER
    if own.life is Life.UNKNOWN and own.is_more_usual(rival):
        return Claim.NONE
    return Claim.UNDECIDED


def _of_the_living(own: Candidate, rival: Candidate, *, incumbent: bool) -> Claim:
    # Something that passes makes a portrait look alive for a while: what has not moved lately is
    # not preferred for its size to what has.
    by_size = own.life is rival.life
    if rival.outgrows(own) and (by_size or rival.life is Life.LIVELY):
        return Claim.STRONGER
    if own.outgrows(rival) and (by_size or own.life is Life.LIVELY):
        return Claim.NONE
    if own.is_more_usual(rival):
        return Claim.NONE
    if rival.is_more_usual(own):
        return Claim.STRONGER
    if own.outgrows(rival):
        return Claim.UNDECIDED
    return Claim.NONE if incumbent else Claim.UNDECIDED
