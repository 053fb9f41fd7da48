"""What waits to be published and in which order; pure logic, no I/O and no locks.

QoS 1 messages leave one at a time: the next goes when the broker has acknowledged the one before.
So their order holds across lost connections, and ``online`` is said only when the broker has the
state that it vouches for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """What a message is; for retained state also the order in which it is announced."""

    ALARM = 1
    STATUS = 2
    DISCOVERY = 3
    AVAILABILITY = 4
    EVENT = 5
    READING = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message.

    Attributes:
        kind: what it is.
        topic: where it goes.
        payload: what is sent.
        expiry_s: MQTT 5 message expiry, whole seconds; None to keep it.
    """

    kind: Kind
    topic: str
    payload: bytes
    expiry_s: int | None = None

    @property
    def qos(self) -> int:
        """QoS 0 for readings, 1 for all else."""
        return 0 if self.kind is Kind.READING else 1

    @property
    def retain(self) -> bool:
        """Whether the broker keeps it for those who come later."""
        return self.kind not in {Kind.READING, Kind.EVENT}


class Outbox:
    """Messages of one room.

    Args:
        online: the availability message that ends each announcement.
    """

    def __init__(self, *, online: Outgoing) -> None:
        self.dropped_readings = 0
        self._online = online
        self._state: dict[str, Outgoing] = {}
        self._queue: deque[Outgoing] = deque()
        self._readings: deque[Outgoing] = deque()
        self._up = False
        self._announced = False
        self._in_flight: int | None = None

    @property
    def pending(self) -> int:
        """Messages with QoS 1 that the broker has not acknowledged."""
        return len(self._queue)

    def connected(self) -> None:
        """Queue the birth: all known state, ``online``, then the events that have waited."""
        events = self._take_events()
        self._up = True
        self._announced = False
        self._in_flight = None
        self._queue.extend(sorted(self._state.values(), key=lambda message: message.kind))
        self._announce()
        self._queue.extend(events)

    def disconnected(self) -> None:
        """Keep the events; state is said anew at the next birth, readings are gone."""
        events = self._take_events()
        self._up = False
        self._in_flight = None
        self._queue.extend(events)
        self.dropped_readings += len(self._readings)
        self._readings.clear()

    def put(self, message: Outgoing) -> None:
        """Take a message in."""
        match message.kind:
            case Kind.EVENT:
                self._queue.append(message)
            case Kind.READING:
                if self._up:
                    self._readings.append(message)
                else:
                    self.dropped_readings += 1
            case Kind.AVAILABILITY:
                if self._up:
                    self._queue.append(message)
            case _:
                self._state[message.topic] = message
                if self._up:
                    self._queue.append(message)
                    self._announce()

    def next(self) -> Outgoing | None:
        """Return what may be sent now, or None; a QoS 1 message must be confirmed by ``sent``."""
        if not self._up:
            return None
        if self._queue and self._in_flight is None:
            return self._queue[0]
        if self._readings:
            return self._readings.popleft()
        return None

    def sent(self, mid: int) -> None:
        """Note that the message at the head is on its way with this MQTT packet id."""
        if self._up:
            self._in_flight = mid

    def acknowledged(self, mid: int) -> Outgoing | None:
        """Note a PUBACK and return its message; None when it is not of the one in flight."""
        if mid != self._in_flight:
            return None
        self._in_flight = None
        return self._queue.popleft()

    def refused(self, mid: int) -> Outgoing | None:
        """Note a refusal and return its message; an event stays, for the next connection."""
        if mid != self._in_flight:
            return None
        if self._queue[0].kind is Kind.EVENT:
            return self._queue[0]
        return self.acknowledged(mid)

    def _announce(self) -> None:
        """Say ``online`` once per connection, and never before the first status is known.

        After a crash the broker still holds the alarms of the run before; ``online`` must not make
        them look current.
        """
        known = any(message.kind is Kind.STATUS for message in self._state.values())
        if known and not self._announced:
            self._announced = True
            self._queue.append(self._online)

    def _take_events(self) -> list[Outgoing]:
        events = [message for message in self._queue if message.kind is Kind.EVENT]
        self._queue.clear()
        return events
