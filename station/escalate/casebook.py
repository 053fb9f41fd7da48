"""Decides who must be told of what, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from pain.clock import Moment
from pain.wire import EscalationEnding, EscalationKind
from station.config.escalation import EscalationStep
from station.escalate.values import Case, Matter, Notice, Sight

SETTLE_S: Final = 5.0
"""An alarm that is not seen for this long is over. Right after a connection the broker is still
telling what stands, so one look without it proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one look led to.

    Attributes:
        cases: those that began, changed or ended.
        notices: those that became due, and those that were given up.
    """

    cases: tuple[Case, ...] = ()
    notices: tuple[Notice, ...] = ()


class Casebook:
    """All open cases and what was told of them. Pure: no clock, no disk, no network.

    Args:
        steps: whom to tell when.
        cases: open cases of the run before.
        notices: what was told of them, delivered or not.
    """

    def __init__(
        self,
        steps: Sequence[EscalationStep],
        *,
        cases: Iterable[Case] = (),
        notices: Iterable[Notice] = (),
    ) -> None:
        self._steps = tuple(steps)
        self._open = {case.matter: case for case in cases}
        self._notices: dict[Matter, list[Notice]] = {matter: [] for matter in self._open}
        by_id = {case.id: case.matter for case in self._open.values()}
        for notice in notices:
            if (matter := by_id.get(notice.case_id)) is not None:
                self._notices[matter].append(notice)
        self._acknowledged: dict[Matter, datetime] = {}
        self._gone_s: dict[Matter, float] = {}
        self._began_s: dict[UUID, float] = {}

    @property
    def cases(self) -> Collection[Case]:
        """Those that last."""
        return tuple(self._open.values())

    def delivered(self, notice: Notice) -> None:
        """Take note of what became of a notice of a case that lasts."""
        for notices in self._notices.values():
            for place, known in enumerate(notices):
                if known.id == notice.id:
                    notices[place] = notice

    def acknowledged(self, matter: Matter, at: datetime) -> None:
        """Take note that the room told of an acknowledgement, perhaps of one that was missed.

        Args:
            matter: what was acknowledged.
            at: when, on the room's clock, UTC.
        """
        self._acknowledged[matter] = max(at, self._acknowledged.get(matter, at))

    def look(
        self, sights: Iterable[Sight], now: Moment, *, judgeable: Callable[[Matter], bool]
    ) -> Decision:
        """Compare what is seen with what was known.

        Args:
            sights: all there is to escalate now.
            now: the moment.
            judgeable: whether it means something that a matter is not seen.

        Returns:
            What changed; an alarm that is acknowledged before anybody was told leaves an ended
            case and nothing to send.
        """
        seen = {sight.matter: sight for sight in sights}
        cases: list[Case] = []
        notices: list[Notice] = []
        endings = {
            matter: self._ending(case, seen.get(matter), now, judgeable)
            for matter, case in self._open.items()
        }
        cases += [
            self._end(matter, ending, now.wall, notices)
            for matter, ending in endings.items()
            if ending is not None
        ]
        for matter, sight in seen.items():
            # Where the word of a person was quicker than the state that it led to.
            outdated = self._knew_after(matter, sight.changed_at)
            if not sight.acknowledged and not outdated:
                cases += self._follow(matter, sight, now)
        for matter, case in self._open.items():
            known = seen.get(matter)
            if known is None or not known.paused:
                notices += self._due(case, now)
        self._acknowledged = {
            matter: at
            for matter, at in self._acknowledged.items()
            if matter in self._open or matter in seen
        }
        return Decision(cases=tuple(cases), notices=tuple(notices))

    def _knew_after(self, matter: Matter, at: datetime) -> bool:
        knew_at = self._acknowledged.get(matter)
        return knew_at is not None and knew_at > at

    def _ending(
        self, case: Case, sight: Sight | None, now: Moment, judgeable: Callable[[Matter], bool]
    ) -> EscalationEnding | None:
        matter = case.matter
        if self._knew_after(matter, case.stood_at):
            return EscalationEnding.ACKNOWLEDGED
        if sight is not None:
            self._gone_s.pop(matter, None)
            return EscalationEnding.ACKNOWLEDGED if sight.acknowledged else None
        if not judgeable(matter):
            self._gone_s.pop(matter, None)
            return None
        since_s = self._gone_s.setdefault(matter, now.monotonic_s)
        return EscalationEnding.OVER if now.monotonic_s - since_s >= SETTLE_S else None

    def _end(
        self, matter: Matter, ending: EscalationEnding, at: datetime, notices: list[Notice]
    ) -> Case:
        case = replace(self._open.pop(matter), ended_at=at, ending=ending)
        self._gone_s.pop(matter, None)
        self._began_s.pop(case.id, None)
        told: set[str] = set()
        for notice in self._notices.pop(matter):
            if notice.waiting:
                notices.append(replace(notice, dropped_at=at))
            # An attempt that failed may have arrived all the same.
            if notice.delivered_at is not None or notice.attempts > 0:
                told.add(notice.recipient)
        notices += [
            Notice(
                id=uuid4(),
                case_id=case.id,
                kind=EscalationKind.ALL_CLEAR,
                step=0,
                recipient=recipient,
                due_at=at,
            )
            for recipient in sorted(told)
        ]
        return case

    def _follow(self, matter: Matter, sight: Sight, now: Moment) -> list[Case]:
        # One that came anew while nobody looked goes on: if it was acknowledged in between, the
        # broker has kept the event, which is told apart from the state.
        case = self._open.get(matter)
        if case is None:
            new = Case(
                id=uuid4(),
                matter=matter,
                name=sight.name,
                level=sight.level,
                began_at=min(sight.onset_at, now.wall),  # the room's clock may be ahead
                stood_at=sight.changed_at,
                event_id=sight.event_id,
            )
            self._notices[matter] = []
        else:
            new = replace(
                case,
                name=sight.name,
                event_id=sight.event_id,
                level=_higher(case.level, sight.level),
            )
        self._open[matter] = new
        return [] if new == case else [new]

    def _due(self, case: Case, now: Moment) -> list[Notice]:
        known = self._notices[case.matter]
        told = {(notice.step, notice.recipient) for notice in known}
        age_s = (now.wall - case.began_at).total_seconds()
        # Once it is known for how long it has lasted, no clock that is set can hold it up.
        began_s = self._began_s.setdefault(case.id, now.monotonic_s - max(0.0, age_s))
        due = [
            Notice(
                id=uuid4(),
                case_id=case.id,
                kind=EscalationKind.ALARM,
                step=number,
                recipient=recipient,
                due_at=now.wall,
            )
            for number, step in enumerate(self._steps, start=1)
            if now.monotonic_s - began_s >= step.after_s
            for recipient in step.to
            if (number, recipient) not in told
        ]
        known += due
        return due


def _higher(one: float | None, other: float | None) -> float | None:
    return max((level for level in (one, other) if level is not None), default=None)
