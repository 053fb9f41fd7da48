"""Whether what a room says gets anywhere: to the disk, the broker, a station, at the true time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edge.alarm import station_clock
from edge.alarm.clockwatch import ClockWatch
from edge.alarm.listening import ListeningWatch
from edge.config import EdgeConfig
from edge.gateway.publisher import Publisher
from pain.alarms import Condition
from pain.broker import failures
from pain.broker.failures import Failure
from pain.clock import Moment

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Whether one condition is present.

    Attributes:
        condition: which.
        present: whether it is.
        onset_s: monotonic time at which it began, seconds; None: now.
        detail: its cause in words, where it is known.
    """

    condition: Condition
    present: bool
    onset_s: float | None = None
    detail: str | None = None


class DeliveryWatch:
    """Judges outbox_stuck, nobody_listening and clock_unsynced of one room.

    Args:
        config: the whole configuration.
        publisher: where the room's messages go.
        start_s: monotonic time of the start, seconds.
        unheard_before: whether nobody listened when the run before ended.
        synchronised: whether a time server sets the machine's clock, None where nobody knows.
        asleep_s: how long the machine has slept since its start, seconds.
    """

    def __init__(
        self,
        config: EdgeConfig,
        publisher: Publisher,
        *,
        start_s: float,
        unheard_before: bool,
        synchronised: Callable[[], bool | None],
        asleep_s: Callable[[], float],
    ) -> None:
        self._publisher = publisher
        self._stuck_after_s = config.alarms.outbox_stuck_after_s
        self._listening = ListeningWatch(
            config.alarms,
            expected=config.mqtt.station is not None,
            start_s=start_s,
            standing=unheard_before,
        )
        self._clock = ClockWatch(config.alarms, synchronised=synchronised, asleep_s=asleep_s)
        self._station = config.mqtt.station
        self._compared_from_s = float("-inf")
        self._apart: str | None = None

    def woke(self, now_s: float) -> None:
        """Forget the station's time: the monotonic clock has stood still; seconds on it."""
        self._compared_from_s = now_s

    def station_now(self, machine: Moment) -> datetime | None:
        """The present by the station's clock, None before a heartbeat."""
        heard = self._heard
        return None if heard is None else heard.at(machine.monotonic_s)

    def ahead_s(self, machine: Moment) -> float | None:
        """How far the machine's clock is ahead of the station's, seconds; None: not known."""
        heard = self._heard
        return None if heard is None else station_clock.ahead_s(machine, heard)

    @property
    def _heard(self) -> Moment | None:
        heard = self._publisher.station_time
        return None if heard is None or heard.monotonic_s < self._compared_from_s else heard

    def judge(self, machine: Moment) -> list[Finding]:
        """Judge all three.

        Args:
            machine: the machine's time. Events carry the wall's time, so their age is taken from
                there, for a recording too.
        """
        trouble = self._trouble(machine)
        nobody = self._listening.judge(
            machine.monotonic_s,
            connected=self._publisher.connected,
            until_s=self._publisher.listening_until_s,
        )
        clock = self._clock.judge(machine)
        apart = self._compare(machine)
        details = [detail for detail in (self._clock.detail, apart) if detail is not None]
        return [
            Finding(condition=Condition.OUTBOX_STUCK, present=trouble is not None, detail=trouble),
            Finding(condition=Condition.NOBODY_LISTENING, present=nobody.present),
            Finding(
                condition=Condition.CLOCK_UNSYNCED,
                present=clock.present or apart is not None,
                onset_s=clock.onset_s,
                detail="; ".join(details) or None,
            ),
        ]

    def fault(self, machine: Moment) -> Failure | None:
        """What keeps alarms from those who wait for them, whoever has to act; None: nothing.

        A refusal counts at once, a broker that is away once it has been for as long as events may
        wait.
        """
        found = self._publisher.trouble
        away = self._publisher.unconnected_s >= self._stuck_after_s
        if found is not None and (found.lasting or away):
            return found
        return self._overdue(machine)

    def _compare(self, machine: Moment) -> str | None:
        apart = station_clock.sentence(self.ahead_s(machine), station=self._station)
        if apart is not None and self._apart is None:
            _log.warning("%s", apart)
        elif apart is None and self._apart is not None:
            _log.info("this box's clock agrees with the station's again")
        self._apart = apart
        return apart

    def _trouble(self, machine: Moment) -> str | None:
        trouble = self._publisher.storage_trouble(machine) or self._publisher.withheld
        if trouble is None and (overdue := self._overdue(machine)) is not None:
            trouble = overdue.sentence
        return trouble

    def _overdue(self, machine: Moment) -> Failure | None:
        if self._publisher.waiting_s(machine) < self._stuck_after_s:
            return None
        return failures.waiting(self._publisher.failure)
