"""What is known of every room, as plain values that another thread may read."""

from __future__ import annotations

from dataclasses import dataclass

from edge.alarm.rooms import AlarmStatus
from edge.alarm.station_clock import sentence
from edge.gateway.pulse import Pulse
from pain.broker.failures import Failure
from pain.wire import StatusPayload


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSample:
    """One room at one moment.

    Attributes:
        pulse: whether it is watched.
        status: as the status topic says it.
        alarms: where every condition's alarm stands.
        level: smoothed level 0..6, None when there is none.
        connected: whether the broker has accepted us.
        waiting_s: how long the oldest event has been waiting for the broker, seconds.
        unheard: what keeps its alarms from those who wait for them, None when nothing does.
        clock_ahead_s: how far the machine's clock is ahead of the station's, None: not known.
    """

    pulse: Pulse
    status: StatusPayload
    alarms: tuple[AlarmStatus, ...]
    level: float | None
    connected: bool
    waiting_s: float
    unheard: Failure | None = None
    clock_ahead_s: float | None = None

    @property
    def watched(self) -> bool:
        """Whether frames of this room are being scored."""
        pulse = self.pulse
        return pulse.greeted and pulse.told is None and pulse.watched and not pulse.finished

    @property
    def ready(self) -> bool:
        """Whether its frames are being scored and its alarms are told."""
        return self.watched and self.unheard is None

    @property
    def why_not(self) -> str | None:
        """Why it is not ready, for people; None when it is."""
        unheard = None if self.unheard is None else f"{self.unheard.fault}: {self.unheard.sentence}"
        blind = self._blind
        return "; and ".join(why for why in (blind, unheard) if why is not None) or None

    @property
    def clock_error(self) -> str | None:
        """How far the machine's clock is from the station's, for people; None where they agree."""
        return sentence(self.clock_ahead_s, station=None)

    @property
    def _blind(self) -> str | None:
        if self.watched:
            return None
        if self.pulse.finished:
            return "its recording has been played"
        if self.pulse.told is not None:
            return str(self.pulse.told)
        if not self.pulse.greeted:
            return "its worker is loading the models"
        return f"no frame was scored for {self.pulse.unjudged_s:.0f} s"
