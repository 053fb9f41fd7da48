"""The alarm of one condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from edge.alarm.machine import LATCHING, NON_LATCHING, PRESENT, signal_of
from edge.alarm.saved import SavedAlarm
from pain import alarms
from pain.alarms import PRIORITIES, AlarmEvent, AlarmState, Condition, Priority, Trigger
from pain.clock import Moment


class ConditionAlarm:
    """Holds one condition's state; every change of it yields one event.

    Args:
        condition: which condition.
        limits: limits in force, by name with unit; every event carries them.
        new_id: gives each event its idempotency key.
    """

    def __init__(
        self, condition: Condition, *, limits: Mapping[str, float], new_id: Callable[[], UUID]
    ) -> None:
        self._condition = condition
        self._transitions = LATCHING if condition in alarms.LATCHING else NON_LATCHING
        self._limits = limits
        self._new_id = new_id
        self._state = AlarmState.OFF
        self._onset: Moment | None = None
        self._event: AlarmEvent | None = None
        self._acknowledged_s: float | None = None
        self._detail: str | None = None

    @property
    def condition(self) -> Condition:
        """Which condition."""
        return self._condition

    @property
    def priority(self) -> Priority:
        """Its priority."""
        return PRIORITIES[self._condition]

    @property
    def state(self) -> AlarmState:
        """Its state."""
        return self._state

    @property
    def present(self) -> bool:
        """Whether the condition itself is present."""
        return self._state in PRESENT

    @property
    def onset(self) -> Moment | None:
        """When the condition began; None when the alarm is off."""
        return self._onset

    @property
    def last_event(self) -> AlarmEvent | None:
        """The event that led to the present state; None before the first."""
        return self._event

    @property
    def acknowledged_s(self) -> float | None:
        """Monotonic time of the acknowledgement in force, seconds."""
        return self._acknowledged_s

    def save(self, now: Moment) -> SavedAlarm:
        """What must be known of it after a restart."""
        onset_s = self._onset.monotonic_s if self._onset else None
        return SavedAlarm(
            state=self._state,
            onset_age_s=None if onset_s is None else now.monotonic_s - onset_s,
            acknowledged_age_s=(
                None if self._acknowledged_s is None else now.monotonic_s - self._acknowledged_s
            ),
            event=self._event,
        )

    def restore(self, saved: SavedAlarm, *, now: Moment, elapsed_s: float) -> None:
        """Stand where the run before left it; nothing happened, so no event comes of it.

        Args:
            saved: from ``save``.
            now: the present moment.
            elapsed_s: time since it was saved, seconds.
        """
        self._state = saved.state
        self._event = saved.event
        saved_s = now.monotonic_s - elapsed_s
        if saved.onset_age_s is not None and saved.event is not None:
            # The time of the onset that people were told stays, whatever the clock did since.
            self._onset = Moment(monotonic_s=saved_s - saved.onset_age_s, wall=saved.event.onset_at)
            self._detail = saved.event.detail
        if saved.acknowledged_age_s is not None:
            self._acknowledged_s = saved_s - saved.acknowledged_age_s

    def move(
        self,
        trigger: Trigger,
        *,
        now: Moment,
        paused: bool,
        onset_s: float | None = None,
        level: float | None = None,
        person: str | None = None,
        detail: str | None = None,
    ) -> AlarmEvent | None:
        """Apply a trigger.

        Args:
            trigger: what happened.
            now: the moment of the decision.
            paused: whether signals are paused from here on.
            onset_s: for an onset, the monotonic time at which the condition began; now if absent.
            level: smoothed level at the decision.
            person: who did it, for the triggers that come from people.
            detail: for an onset, its cause in words; every event up to the end repeats it.

        Returns:
            The event, or None where the trigger does not apply to the present state.
        """
        before = self._state
        after = self._transitions.get((before, trigger))
        if after is None:
            return None
        if trigger is Trigger.ONSET or self._onset is None:
            began_s = now.monotonic_s if onset_s is None else onset_s
            self._onset = Moment(monotonic_s=began_s, wall=now.at(began_s))
            self._detail = detail
        self._event = AlarmEvent(
            id=self._new_id(),
            condition=self._condition,
            priority=self.priority,
            trigger=trigger,
            before=before,
            after=after,
            present=after in PRESENT,
            signal=signal_of(after, paused=paused),
            onset_s=self._onset.monotonic_s,
            decided_s=now.monotonic_s,
            onset_at=self._onset.wall,
            decided_at=now.wall,
            level=level,
            limits=self._limits,
            person=person,
            detail=self._detail,
        )
        self._state = after
        self._acknowledged_s = now.monotonic_s if after is AlarmState.ACKNOWLEDGED else None
        if after is AlarmState.OFF:
            self._onset = None
        return self._event
