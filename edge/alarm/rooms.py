"""All alarms of one room: what begins, ends, latches, is acknowledged, paused or reminded of.

Decisions where IEC 60601-1-8 leaves a choice or where an edge camera differs from a monitor:

- Severe pain latches; every other condition does not.
- Moderate and severe pain live on their own: severe pain has a moderate alarm beside it, and
  acknowledging one leaves the other.
- A pain alarm that stands while the face is lost keeps standing: not seeing pain is not the end of
  pain. The loss is told apart, as a technical alarm.
- A pause silences signals only; detection, states and events go on. The onset of any condition
  other than an advisory ends the pause for all, also where that condition stood before and came
  back. A reminder that falls due in a pause is signalled when the pause ends.
- An acknowledged alarm that is still present after the reminder time is signalled again. An
  advisory is not.
- The pause runs on the monotonic clock, so that setting the wall clock cannot prolong it.
- Everything survives a restart. No monotonic clock does, so what was saved are ages; the time in
  between is taken from the wall clock and is never negative. A clock that was set forward ends a
  pause or brings a reminder early; one that was set back prolongs them by no more than was left.
- What stood is judged anew. It stands on without a second onset while it is present or cannot be
  seen, and ends by an event when it is seen to be over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from edge.alarm.condition import ConditionAlarm
from edge.alarm.hysteresis import Hysteresis
from edge.alarm.limits import limits_in_force, reminds
from edge.alarm.machine import signal_of
from edge.alarm.saved import SavedAlarms
from edge.config import AlarmsConfig
from pain.alarms import (
    PHYSIOLOGICAL,
    AlarmEvent,
    AlarmState,
    Condition,
    Priority,
    Signal,
    Trigger,
)
from pain.clock import Moment
from pain.errors import CommandRefused
from pain.values import Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStatus:
    """Where one condition's alarm stands.

    Attributes:
        condition: which condition.
        priority: its priority.
        state: its state.
        present: whether the condition itself is present.
        signal: whether it is announced.
        onset_at: when the condition began, UTC; None when off.
        changed_at: when the state was last decided, UTC; for an alarm that never was, when the
            room's alarms were first asked for.
        acknowledged_by: id of the person whose acknowledgement is in force.
        paused_until: end of the room's pause, UTC; None without one.
        event_id: the event that led here; None before the first.
        detail: the cause of a technical condition in words, where it is known.
    """

    condition: Condition
    priority: Priority
    state: AlarmState
    present: bool
    signal: Signal
    onset_at: datetime | None
    changed_at: datetime
    acknowledged_by: str | None
    paused_until: datetime | None
    event_id: UUID | None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pause:
    until_s: float
    until: datetime


class RoomAlarms:
    """The alarms of one room.

    Every method that changes something returns the events of it, in order; each transition yields
    exactly one. A refused command changes nothing. Moments must not go backwards on the monotonic
    clock.

    Args:
        config: limits and delays.
        new_id: source of event ids.
    """

    def __init__(self, config: AlarmsConfig, *, new_id: Callable[[], UUID] = uuid4) -> None:
        self._config = config
        self._limits = {
            Condition.PAIN_MODERATE: Hysteresis(config.pain_moderate),
            Condition.PAIN_SEVERE: Hysteresis(config.pain_severe),
        }
        self._alarms = {
            condition: ConditionAlarm(condition, limits=limits, new_id=new_id)
            for condition, limits in limits_in_force(config).items()
        }
        self._pause: _Pause | None = None
        self._level: float | None = None
        self._first: Moment | None = None

    def observe(self, trend: Trend, now: Moment) -> list[AlarmEvent]:
        """Judge one trend against the pain limits."""
        events = self.tick(now)
        self._level = trend.level
        for condition, limit in self._limits.items():
            present = limit.observe(self._judged_level(condition, trend), trend.at_s)
            events += self._judge(condition, present=present, onset_s=limit.onset_s, now=now)
        return events

    def start_anew(self) -> None:
        """Start the delays of the pain limits anew; alarms that stand stand on."""
        for limit in self._limits.values():
            limit.start_anew()

    def _judged_level(self, condition: Condition, trend: Trend) -> float | None:
        """The level that a limit is compared with; severe pain is never corrected."""
        corrected = self._config.use_baseline and condition is Condition.PAIN_MODERATE
        if corrected and trend.corrected_level is not None:
            return trend.corrected_level
        return trend.level

    def technical(
        self,
        condition: Condition,
        *,
        present: bool,
        now: Moment,
        onset_s: float | None = None,
        detail: str | None = None,
    ) -> list[AlarmEvent]:
        """Say whether a technical condition is present; may be repeated.

        Args:
            condition: which one.
            present: whether it is.
            now: the present moment.
            onset_s: monotonic time at which it began, seconds; now if absent.
            detail: its cause in words, for the event of its onset.

        Returns:
            The events of it.

        Raises:
            ValueError: ``condition`` is physiological; those are judged by ``observe`` alone.
        """
        if condition in PHYSIOLOGICAL:
            raise ValueError(f"{condition} is not a technical condition")
        events = self.tick(now)
        return events + self._judge(
            condition, present=present, onset_s=onset_s, now=now, detail=detail
        )

    def tick(self, now: Moment) -> list[AlarmEvent]:
        """Let time pass: ends a pause that ran out, reminds of what was acknowledged long ago."""
        self._first = self._first or now
        events: list[AlarmEvent] = []
        if self._pause is not None and now.monotonic_s >= self._pause.until_s:
            self._pause = None
            events += self._move_all(Trigger.PAUSE_EXPIRED, now=now)
        for alarm in self._alarms.values():
            since_s = alarm.acknowledged_s
            if (
                since_s is not None
                and reminds(alarm.condition)
                and now.monotonic_s - since_s >= self._config.reminder_after_s
            ):
                events += self._move(alarm, Trigger.REMINDER, now=now)
        return events

    def acknowledge(
        self, condition: Condition | None, *, person: str, now: Moment
    ) -> list[AlarmEvent]:
        """Note that a person has seen one alarm, or all that are signalled.

        Raises:
            CommandRefused: there is nothing to acknowledge.
        """
        if condition is None:
            events = self._move_all(Trigger.ACKNOWLEDGED, now=now, person=person)
            if not events:
                raise CommandRefused("no alarm is waiting to be acknowledged")
            return events
        alarm = self._alarms[condition]
        events = self._move(alarm, Trigger.ACKNOWLEDGED, now=now, person=person)
        if not events:
            raise CommandRefused(_why_not(alarm))
        return events

    def pause(self, until: datetime, *, person: str, now: Moment) -> list[AlarmEvent]:
        """Pause signals; a second pause replaces the first.

        Args:
            until: when signals come back, with time zone.
            person: who asks.
            now: the present moment.

        Raises:
            CommandRefused: the end has no time zone, has passed or is too far away.
        """
        if until.tzinfo is None:
            raise CommandRefused("the end of the pause has no time zone")
        length_s = (until - now.wall).total_seconds()
        if length_s <= 0:
            raise CommandRefused("the end of the pause has passed already")
        if length_s > self._config.max_pause_s:
            raise CommandRefused(
                f"a pause may last {self._config.max_pause_s:g} s at most, not {length_s:.0f} s"
            )
        extended = self._pause is not None
        self._pause = _Pause(until_s=now.monotonic_s + length_s, until=until)
        return [] if extended else self._move_all(Trigger.PAUSED, now=now, person=person)

    def resume(self, *, person: str, now: Moment) -> list[AlarmEvent]:
        """End a pause early.

        Raises:
            CommandRefused: signals are not paused.
        """
        if self._pause is None:
            raise CommandRefused("signals are not paused")
        self._pause = None
        return self._move_all(Trigger.RESUMED, now=now, person=person)

    def stop(self, now: Moment) -> list[AlarmEvent]:
        """End the watching: every alarm that stands is closed by an event that says so."""
        return self._move_all(Trigger.STOPPED, now=now)

    def save(self, now: Moment) -> SavedAlarms:
        """What must be known of this room's alarms after a restart."""
        pause = self._pause
        return SavedAlarms(
            at=now.wall,
            alarms={condition: alarm.save(now) for condition, alarm in self._alarms.items()},
            pause_left_s=None if pause is None else pause.until_s - now.monotonic_s,
        )

    def restore(self, saved: SavedAlarms, now: Moment) -> None:
        """Go on from where the run before ended. Before anything else; yields no event itself.

        A pause that has run out meanwhile, and reminders that are due, are told by the next call.
        """
        elapsed_s = max(0.0, (now.wall - saved.at).total_seconds())
        for condition, one in saved.alarms.items():
            alarm = self._alarms[condition]
            alarm.restore(one, now=now, elapsed_s=elapsed_s)
            limit = self._limits.get(condition)
            if limit is not None and alarm.present and alarm.onset is not None:
                limit.restore(alarm.onset.monotonic_s)
        if saved.pause_left_s is not None:
            until_s = now.monotonic_s + saved.pause_left_s - elapsed_s
            self._pause = _Pause(until_s=until_s, until=now.at(until_s))

    def present(self, condition: Condition) -> bool:
        """Whether a condition itself is present."""
        return self._alarms[condition].present

    def paused_until(self, now: Moment) -> datetime | None:
        """End of the pause, UTC; None when signals are not paused."""
        pause = self._pause
        return None if pause is None or now.monotonic_s >= pause.until_s else pause.until

    def statuses(self, now: Moment) -> list[AlarmStatus]:
        """Where every condition's alarm stands, whether it ever was on or not."""
        self._first = self._first or now
        return [self._status(alarm, self._first, now) for alarm in self._alarms.values()]

    def _status(self, alarm: ConditionAlarm, first: Moment, now: Moment) -> AlarmStatus:
        paused_until = self.paused_until(now)
        event = alarm.last_event
        acknowledged = alarm.state is AlarmState.ACKNOWLEDGED
        return AlarmStatus(
            condition=alarm.condition,
            priority=alarm.priority,
            state=alarm.state,
            present=alarm.present,
            signal=signal_of(alarm.state, paused=paused_until is not None),
            onset_at=alarm.onset.wall if alarm.onset else None,
            changed_at=event.decided_at if event else first.wall,
            acknowledged_by=event.person if event and acknowledged else None,
            paused_until=paused_until,
            event_id=event.id if event else None,
            detail=event.detail if event and alarm.onset else None,
        )

    def _judge(
        self,
        condition: Condition,
        *,
        present: bool,
        onset_s: float | None,
        now: Moment,
        detail: str | None = None,
    ) -> list[AlarmEvent]:
        alarm = self._alarms[condition]
        if present == alarm.present:
            return []
        if not present:
            return self._move(alarm, Trigger.CLEARED, now=now)
        breaks = self._pause is not None and alarm.priority is not Priority.INFORMATION
        others = [other for other in self._alarms.values() if other is not alarm] if breaks else []
        if breaks:
            self._pause = None
        events = self._move(alarm, Trigger.ONSET, now=now, onset_s=onset_s, detail=detail)
        for other in others:
            events += self._move(other, Trigger.PAUSE_BROKEN, now=now)
        return events

    def _move_all(
        self, trigger: Trigger, *, now: Moment, person: str | None = None
    ) -> list[AlarmEvent]:
        events: list[AlarmEvent] = []
        for alarm in self._alarms.values():
            events += self._move(alarm, trigger, now=now, person=person)
        return events

    def _move(
        self,
        alarm: ConditionAlarm,
        trigger: Trigger,
        *,
        now: Moment,
        onset_s: float | None = None,
        person: str | None = None,
        detail: str | None = None,
    ) -> list[AlarmEvent]:
        event = alarm.move(
            trigger,
            now=now,
            paused=self._pause is not None,
            onset_s=onset_s,
            level=self._level if alarm.condition in PHYSIOLOGICAL else None,
            person=person,
            detail=detail,
        )
        return [] if event is None else [event]


def _why_not(alarm: ConditionAlarm) -> str:
    event = alarm.last_event
    if alarm.state is AlarmState.ACKNOWLEDGED and event is not None:
        return f"{alarm.condition} was acknowledged by {event.person} already"
    return f"{alarm.condition} is not signalled, so there is nothing to acknowledge"
