"""When nobody listens: the timing of nobody_listening."""

from __future__ import annotations

from edge.alarm.presence import Presence
from edge.config import AlarmsConfig


class ListeningWatch:
    """Judges whether a nursing station hears this room.

    While there is no connection nothing is known of the station, and nothing changes: that the
    broker is gone is told otherwise.

    Args:
        config: delays.
        expected: whether a station is expected at all.
        start_s: monotonic time of the start, seconds.
        standing: whether nobody listened when the run before ended; that stands until a heartbeat.
    """

    def __init__(
        self, config: AlarmsConfig, *, expected: bool, start_s: float, standing: bool = False
    ) -> None:
        self._limit_s = config.nobody_listening_after_s
        self._expected = expected
        self._since_s = start_s
        self._present = standing and expected
        self._connected = False

    def judge(self, now_s: float, *, connected: bool, until_s: float) -> Presence:
        """Say whether nobody listens.

        Args:
            now_s: monotonic time, seconds.
            connected: whether the broker has accepted us.
            until_s: monotonic time up to which the station said it would listen.
        """
        if not connected or not self._expected:
            self._connected = False
        elif until_s > now_s:
            self._connected = True
            self._present = False
            self._since_s = now_s
        else:
            if not self._connected:
                self._connected = True
                self._since_s = now_s
            self._since_s = max(self._since_s, min(until_s, now_s))
            self._present = self._present or now_s - self._since_s >= self._limit_s
        return Presence(present=self._present, onset_s=self._since_s if self._present else None)
