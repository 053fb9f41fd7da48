"""Which alarms two graphs would have given on the same clip, and how far those are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy.typing as npt

from edge.config import AlarmsConfig, SmoothingConfig
from edge.score.outputs import to_score
from edge.simulate.judge import Standing, standings
from edge.simulate.room import VirtualRoom
from edge.simulate.stream import Stream
from export.clips.read import Clip
from pain.action_units import ActionUnit
from pain.alarms import Condition
from pain.bundle import Calibration
from pain.errors import ScoringError
from pain.values import Reason

Outcome = float | Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One alarm before and after; one of the two may be None.

    Attributes:
        condition: what it tells.
        before: when it stood at first; None: it is invented.
        after: when it stands now; None: it is lost.
    """

    condition: Condition
    before: Standing | None
    after: Standing | None

    @property
    def onset_shift_s(self) -> float | None:
        """How much later it begins or is told, whichever is more, seconds; below 0 sooner.

        None where it is lost or invented.
        """
        if self.before is None or self.after is None:
            return None
        shifts = (
            self.after.onset_s - self.before.onset_s,
            self.after.decided_s - self.before.decided_s,
        )
        return max(shifts, key=abs)

    @property
    def end_shift_s(self) -> float | None:
        """How much later it ends, seconds; None where it is lost or invented."""
        if self.before is None or self.after is None:
            return None
        return self.after.ended_s - self.before.ended_s


def outcomes(
    clip: Clip,
    said: Mapping[Any, npt.NDArray[Any]],
    *,
    units: Sequence[str],
    calibration: Calibration,
) -> tuple[Outcome, ...]:
    """The level of every picture of a clip, or why the daemon has none.

    Args:
        clip: with F faces.
        said: outputs of a graph by name, each of length F.
        units: names of the columns of ``action_units``.
        calibration: the bundle's; a reading that contradicts it is ``model_failed``.
    """
    names = tuple(ActionUnit(unit) for unit in units)
    found: list[Outcome] = []
    face = 0
    for reason in clip.reasons:
        if reason is not None:
            found.append(reason)
            continue
        row = {str(name): values[face : face + 1] for name, values in said.items()}
        face += 1
        try:
            found.append(to_score(row, names, calibration).level)
        except ScoringError:
            found.append(Reason.MODEL_FAILED)
    return tuple(found)


def alarms_of(at_s: Sequence[float], said: Sequence[Outcome]) -> dict[Condition, list[Standing]]:
    """What people would have been told of, with the daemon's smoothing, limits and delays.

    Args:
        at_s: times, seconds, ascending.
        said: level 0..6, or why there is none, at each.

    Returns:
        By condition, in order of time; what stands at the last reading ends there.
    """
    room = VirtualRoom(SmoothingConfig(), [AlarmsConfig()], start_s=at_s[0], skip_calm=False)
    stream = Stream(
        at_s=tuple(at_s),
        outcomes=tuple(said),
        scenes=(),
        episodes=None,
        since_s=at_s[0],
        until_s=at_s[-1],
    )
    (watched,) = room.watch(stream)
    return {
        condition: [
            replace(one, ended_s=min(one.ended_s, at_s[-1]))
            for one in standings(watched.events, condition)
        ]
        for condition in Condition
    }


def compare_alarms(
    at_s: Sequence[float], before: Sequence[Outcome], after: Sequence[Outcome]
) -> tuple[Change, ...]:
    """Hold the alarms of two sequences of readings against each other.

    An alarm is the same as another of its condition when both stood at one time, counted from the
    level's passing the limit.

    Args:
        at_s: times of both, seconds, ascending.
        before: level 0..6, or why there is none.
        after: the same of the other graph.
    """
    first, second = alarms_of(at_s, before), alarms_of(at_s, after)
    return tuple(change for condition in Condition for change in _paired(condition, first, second))


def _paired(
    condition: Condition,
    first: Mapping[Condition, Sequence[Standing]],
    second: Mapping[Condition, Sequence[Standing]],
) -> list[Change]:
    left = list(second[condition])
    changes = []
    for one in first[condition]:
        other = next((found for found in left if _overlap(one, found)), None)
        if other is not None:
            left.remove(other)
        changes.append(Change(condition=condition, before=one, after=other))
    return changes + [Change(condition=condition, before=None, after=other) for other in left]


def _overlap(one: Standing, other: Standing) -> bool:
    return one.onset_s <= other.ended_s and other.onset_s <= one.ended_s
