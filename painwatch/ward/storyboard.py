"""What happens in each of the twelve rooms, again and again; invented, and always called so."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pain.action_units import ActionUnit
from pain.values import Reason

LOOP_S: Final = 180.0
"""Every room begins anew after this time."""

RISE_S: Final = 3.0
"""A face goes over from one scene to the next in this time."""


class Fault(StrEnum):
    """What goes wrong with a room's box.

    HANGS: it says nothing more, as after a power cut; the station has to find that out.
    CAMERA_LOST: its camera gives no picture, and it says so.
    """

    HANGS = "hangs"
    CAMERA_LOST = "camera_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A part of a room's loop.

    Attributes:
        until_s: its end, seconds of the loop.
        level: true level 0..6.
        units: intensities 0..5 of the action units that show it.
        reason: why no face can be scored, None where one can.
        fault: what is wrong with the box, None when nothing is.
    """

    until_s: float
    level: float = 0.2
    units: Mapping[ActionUnit, float] = field(default_factory=dict)
    reason: Reason | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPlan:
    """One room.

    Attributes:
        id: short name.
        name: name for people.
        scenes: in order; the last ends with the loop.
    """

    id: str
    name: str
    scenes: Sequence[Scene]

    def at(self, seconds: float) -> Scene:
        """What is seen at a time since the start, seconds; levels rise and fall smoothly."""
        place_s = seconds % LOOP_S
        number = next(n for n, scene in enumerate(self.scenes) if place_s < scene.until_s)
        scene, before = self.scenes[number], self.scenes[number - 1]
        since_s = place_s - (self.scenes[number - 1].until_s if number else 0.0)
        share = min(since_s / RISE_S, 1.0)
        if scene.reason is not None or scene.fault is not None or share >= 1.0:
            return scene
        units = {
            unit: _between(before.units.get(unit, 0.0), scene.units.get(unit, 0.0), share)
            for unit in {*before.units, *scene.units}
        }
        return Scene(
            until_s=scene.until_s, level=_between(before.level, scene.level, share), units=units
        )


def _between(first: float, second: float, share: float) -> float:
    return first + (second - first) * (0.5 - 0.5 * math.cos(math.pi * share))


_FROWN: Final = {ActionUnit.AU4: 2.2, ActionUnit.AU7: 1.8}
_PAIN: Final = {ActionUnit.AU4: 3.2, ActionUnit.AU6: 2.0, ActionUnit.AU7: 3.0}
_AGONY: Final = {
    ActionUnit.AU4: 4.4,
    ActionUnit.AU7: 4.0,
    ActionUnit.AU9: 3.0,
    ActionUnit.AU10: 2.6,
    ActionUnit.AU25: 2.0,
}
_SMILE: Final = {ActionUnit.AU6: 2.8, ActionUnit.AU12: 3.4}
_TALK: Final = {ActionUnit.AU25: 2.4, ActionUnit.AU26: 2.0}
_SLEEP: Final = {ActionUnit.AU43: 5.0}

PLANS: Final[Sequence[RoomPlan]] = tuple(
    RoomPlan(id=f"room-{number}", name=f"Room {number} (simulated)", scenes=scenes)
    for number, scenes in enumerate(
        (
            [Scene(until_s=90), Scene(until_s=120, units=_SMILE), Scene(until_s=LOOP_S)],
            [
                Scene(until_s=15),
                Scene(until_s=70, level=3.9, units=_PAIN),
                Scene(until_s=LOOP_S),
            ],
            [
                Scene(until_s=25),
                Scene(until_s=80, level=5.7, units=_AGONY),
                Scene(until_s=100, level=2.0, units=_FROWN),
                Scene(until_s=LOOP_S),
            ],
            [Scene(until_s=LOOP_S, level=0.3, units=_SLEEP)],
            [Scene(until_s=140, reason=Reason.NO_FACE), Scene(until_s=LOOP_S)],
            [
                Scene(until_s=40),
                Scene(until_s=95, reason=Reason.SEVERAL_FACES),
                Scene(until_s=LOOP_S, units=_SMILE),
            ],
            [Scene(until_s=LOOP_S, level=2.1, units=_FROWN)],
            [
                Scene(until_s=100),
                Scene(until_s=150, level=5.4, units=_AGONY),
                Scene(until_s=LOOP_S),
            ],
            [
                Scene(until_s=60),
                Scene(until_s=105, fault=Fault.HANGS),
                Scene(until_s=LOOP_S),
            ],
            [
                Scene(until_s=30),
                Scene(until_s=90, fault=Fault.CAMERA_LOST),
                Scene(until_s=LOOP_S),
            ],
            [Scene(until_s=120, units=_TALK), Scene(until_s=LOOP_S, units=_SMILE)],
            [
                Scene(until_s=80, reason=Reason.TOO_DARK),
                Scene(until_s=LOOP_S, level=1.0),
            ],
        ),
        start=1,
    )
)
