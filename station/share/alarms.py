"""Puts an alarm's onset and what people did about it together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from pain.alarms import AlarmState, Condition, Trigger
from pain.wire import AlarmEventPayload
from station.live.values import RoomKey
from station.ports import Verdict
from station.share.source import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One onset and what followed.

    Attributes:
        key: the room.
        onset: the event.
        acknowledged_by: id of who acknowledged it first, None when nobody has.
        acknowledged_at: when, UTC.
        verdict: what a nurse said of it, None before that.
        judged_by: id of that person.
        judged_at: when, UTC.
    """

    key: RoomKey
    onset: AlarmEventPayload
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    verdict: Verdict | None = None
    judged_by: str | None = None
    judged_at: datetime | None = None


def alarms(events: Iterable[Kept], *, until: datetime) -> Iterator[Alarm]:
    """Alarms of one room.

    A latched alarm can sound twice and is acknowledged once: that counts for both onsets.

    Args:
        events: of one room, in the order in which they came; they may go on beyond ``until``,
            where later ones still acknowledge.
        until: the first moment of decision whose onset is left out.
    """
    standing: dict[Condition, list[Alarm]] = {}
    for kept in events:
        event = kept.stored.event
        if not isinstance(event, AlarmEventPayload):
            continue
        open_ones = standing.pop(event.condition, [])
        if event.trigger is Trigger.ACKNOWLEDGED:
            for alarm in open_ones:
                yield replace(alarm, acknowledged_by=event.person, acknowledged_at=event.decided_at)
        elif event.after is AlarmState.OFF or event.before is AlarmState.OFF:
            yield from open_ones
        elif open_ones:
            standing[event.condition] = open_ones
        if event.trigger is Trigger.ONSET and event.decided_at < until:
            standing.setdefault(event.condition, []).append(_begun(kept, event))
        if event.decided_at >= until and not standing:
            return
    for left in standing.values():
        yield from left


def _begun(kept: Kept, event: AlarmEventPayload) -> Alarm:
    return Alarm(
        key=kept.stored.key,
        onset=event,
        verdict=kept.stored.verdict,
        judged_by=kept.stored.verdict_by,
        judged_at=kept.judged_at,
    )
