"""Groups of pictures in which a tracker or a model may do worse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from train.data.sample import Sample
from train.study.cohort import Cohort, Details
from train.study.estimate import Mask

YAW: Final = "|yaw|"
TURNED: Final = "frontal to half-profile"
HALF_PROFILE_DEG: Final = 45.0

_YAW_EDGES_DEG: Final = (0, 15, 30, 45, 60)
_DISTANCE_EDGES_M: Final = (1, 2, 3, 4, 5)
_NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pictures that have something in common.

    Attributes:
        trait: in what they are compared, e.g. ``light``.
        name: which of its values, e.g. ``infrared``.
        members: bool (n,) over all samples of the cohort.
    """

    trait: str
    name: str
    members: Mask

    @property
    def subset(self) -> str:
        """Trait and value, e.g. ``light infrared``."""
        return f"{self.trait} {self.name}"


def groups_of(cohort: Cohort) -> list[Group]:
    """Every group of every trait that the set tells, in the order of the traits.

    A picture may be in several groups of one trait (glasses and beard) or, where a thing is not
    known, in none.
    """
    told = [
        frozenset(_told(sample, details))
        for sample, details in zip(cohort.samples, cohort.details, strict=True)
    ]
    order = {trait: at for at, trait in enumerate(_TRAITS)}
    pairs = sorted({pair for one in told for pair in one}, key=lambda p: (order[p[0]], p[1]))
    return [
        Group(trait=trait, name=name, members=np.array([(trait, name) in one for one in told]))
        for trait, name in pairs
    ]


def turned_up_to_half_profile(cohort: Cohort) -> Mask:
    """Samples with a true yaw of at most 45 degrees to either side, bool (n,)."""
    return np.abs(cohort.pose_deg[:, 0]) <= HALF_PROFILE_DEG


_TRAITS: Final = (
    *(YAW, "sex", "ancestry", "age", "palsy", "masking", "toothless"),
    *("worn", "nearby", "place", "light", "distance"),
)


def _told(sample: Sample, details: Details) -> Iterable[tuple[str, str]]:
    who = sample.demographics
    known = {"sex": who.sex, "ancestry": who.ancestry, "age": who.age_band}
    yield from ((trait, value) for trait, value in known.items() if value)
    for trait in ("place", "light"):
        if details.get(trait):
            yield trait, str(details[trait])
    for trait in ("palsy", "masking", "toothless"):
        if details.get(trait) is not None:
            yield trait, "yes" if details[trait] else "no"
    for trait in ("worn", "nearby"):
        if details.get(trait) is not None:
            things = [thing for thing in str(details[trait]).split(",") if thing]
            yield from ((trait, thing) for thing in things or [_NOTHING])
    if sample.pose is not None:
        yield from _band(YAW, abs(sample.pose.yaw_deg), _YAW_EDGES_DEG, "deg")
    if details.get("distance_m") is not None:
        yield from _band("distance", float(details["distance_m"]), _DISTANCE_EDGES_M, "m")


def _band(trait: str, value: float, edges: Sequence[int], unit: str) -> Iterable[tuple[str, str]]:
    """The range that a value falls into; values beyond the edges belong to the outermost range."""
    at = int(np.clip(np.searchsorted(edges, value, side="right") - 1, 0, len(edges) - 2))
    yield trait, f"{edges[at]}-{edges[at + 1]} {unit}"
