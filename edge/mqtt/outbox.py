"""What waits to be published and in which order; no network and no locks.

QoS 1 messages leave one at a time: the next goes when the broker has acknowledged the one before.
So their order holds across lost connections, and ``online`` is said only when the broker has the
state that it vouches for. At a birth all state goes before events: after a long outage the station
sees at once how the room stands, and then what happened meanwhile. Afterwards they take turns.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from edge.mqtt.backlog import Backlog
from edge.mqtt.culprits import Culprits

MOST_READINGS: Final = 10
"""They wait for the first one's acknowledgement, and are of the moment."""


class Kind(IntEnum):
    """What a message is; for retained state also the order in which it is announced."""

    ALARM = 1
    STATUS = 2
    AVAILABILITY = 3
    EVENT = 4
    READING = 5
    DISCOVERY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message.

    Attributes:
        kind: what it is.
        topic: where it goes.
        payload: what is sent.
        expiry_s: MQTT 5 message expiry, whole seconds; None to keep it.
        trial: a reading that is to be acknowledged.
    """

    kind: Kind
    topic: str
    payload: bytes
    expiry_s: int | None = None
    trial: bool = False

    @property
    def qos(self) -> int:
        """QoS 0 for readings, 1 for all else."""
        return 0 if self.kind is Kind.READING and not self.trial else 1

    @property
    def retain(self) -> bool:
        """Whether the broker keeps it for those who come later."""
        return self.kind not in {Kind.READING, Kind.EVENT}


class Outbox:
    """Messages of one room.

    Args:
        online: the availability message that ends each announcement.
        event_topic: topic of the events.
        backlog: keeps the events.
        event_expiry_s: MQTT 5 message expiry of events, seconds.

    Attributes:
        dropped_readings: readings that were not sent.
        culprits: what the broker does not take.
        worked: whether the broker has taken anything on this connection.
    """

    def __init__(
        self,
        *,
        online: Outgoing,
        event_topic: str,
        backlog: Backlog,
        event_expiry_s: int | None = None,
    ) -> None:
        self.dropped_readings = 0
        self.culprits = Culprits()
        self._online = online
        self._event_topic = event_topic
        self._event_expiry_s = event_expiry_s
        self._backlog = backlog
        self._state: dict[str, Outgoing] = {}
        self._queue: deque[Outgoing] = deque()
        self._last: deque[Outgoing] = deque()
        self._readings: deque[Outgoing] = deque()
        self._farewell: Outgoing | None = None
        self._up = False
        self._announced = False
        self._born = False
        self._events_turn = False
        self._offered: Outgoing | None = None
        self._in_flight: int | None = None
        self._readings_proven = False
        self.worked = False

    @property
    def pending(self) -> int:
        """Messages with QoS 1 that the broker has not acknowledged."""
        waiting = len(self._queue) + len(self._last) + len(self._backlog)
        return waiting + (self._farewell is not None)

    @property
    def in_flight(self) -> Outgoing | None:
        """The message that was sent and that the broker has not acknowledged yet."""
        return None if self._in_flight is None else self._offered

    def connected(self) -> None:
        """Queue the birth: all known state, then ``online``; the events that waited follow it."""
        self.disconnected()
        self._up = True
        self.worked = False
        self._announced = False
        for message in sorted(self._state.values(), key=lambda message: message.kind):
            self._enqueue(message)
        self._announce()

    def disconnected(self) -> None:
        """Keep the events; state is said anew at the next birth, readings are gone."""
        self._up = False
        self._born = False
        self._in_flight = None
        self._offered = None
        self._farewell = None
        self._queue.clear()
        self._last.clear()
        self._readings_proven = False
        self.dropped_readings += len(self._readings)
        self._readings.clear()

    def put(self, message: Outgoing) -> None:
        """Take a message in; events go to the backlog instead."""
        match message.kind:
            case Kind.EVENT:
                raise ValueError("events are appended to the backlog")
            case Kind.READING:
                if self._up and not self.culprits.withheld(message.topic):
                    if len(self._readings) >= MOST_READINGS:
                        self._readings.popleft()
                        self.dropped_readings += 1
                    self._readings.append(message)
                else:
                    self.dropped_readings += 1
            case Kind.AVAILABILITY:
                if self._up:
                    self._farewell = message
            case _:
                self._state[message.topic] = message
                if self._up:
                    self._enqueue(message)
                    self._announce()

    def next(self) -> Outgoing | None:
        """Return what may be sent now, or None; a QoS 1 message must be confirmed by ``sent``."""
        if not self._up:
            return None
        if self._in_flight is None and (message := self._oldest()) is not None:
            self._offered = message
            return message
        if self._readings and self._readings_proven:
            return self._readings.popleft()
        return None

    def release(self, now_s: float) -> list[str]:
        """Try again what was withheld long enough.

        Returns:
            The topics and names of subscriptions, also those that are nothing to publish.
        """
        released = self.culprits.released(now_s)
        for topic in released:
            if not self._up:
                continue
            if topic == self._online.topic and self._announced:
                self._last.append(self._online)
            elif topic in self._state:
                self._enqueue(self._state[topic])
        return released

    def say_online_again(self) -> None:
        """Say it when nothing else waits, if the broker has taken it on this connection."""
        if self._up and self._born:
            self._last.append(self._online)

    def skip(self) -> None:
        """Take back the message that ``next`` gave last and that cannot be sent; no event."""
        message, self._offered = self._offered, None
        if message is not None:
            self._forget(message)

    def sent(self, mid: int) -> None:
        """Note that the message that ``next`` gave is on its way with this MQTT packet id."""
        if self._up:
            self._in_flight = mid

    def acknowledged(self, mid: int) -> Outgoing | None:
        """Note a PUBACK and return its message; None when it is not of the one in flight."""
        message = self._offered
        if mid != self._in_flight or message is None:
            return None
        self._in_flight = None
        self._offered = None
        self._events_turn = message.kind is not Kind.EVENT
        self._born = self._born or message is self._online
        self.culprits.taken(message.topic)
        self.worked = True
        self._forget(message)
        return message

    def _forget(self, message: Outgoing) -> None:
        if message.kind is Kind.EVENT:
            self._backlog.pop()
        elif message.kind is Kind.READING:
            self._readings_proven = True
        elif message is self._farewell:
            self._farewell = None
        elif self._queue and self._queue[0] is message:
            self._queue.popleft()
        else:
            self._last.popleft()

    def refused(self, mid: int) -> Outgoing | None:
        """Note a refusal and return its message; an event stays, for the next connection."""
        if mid != self._in_flight:
            return None
        if self._offered is not None and self._offered.kind is Kind.EVENT:
            return self._offered
        return self.acknowledged(mid)

    def _oldest(self) -> Outgoing | None:
        if self._queue and not (self._born and self._events_turn and len(self._backlog)):
            return self._queue[0]
        event = self._backlog.head()
        if event is not None:
            return Outgoing(
                kind=Kind.EVENT,
                topic=self._event_topic,
                payload=event,
                expiry_s=self._event_expiry_s,
            )
        if self._queue:
            return self._queue[0]
        if self._readings and not self._readings_proven:
            # The first of a connection is acknowledged, so that a broker which forbids readings
            # by ending the connection can be told from a line that was lost.
            return replace(self._readings.popleft(), trial=True)
        return self._last[0] if self._last else self._farewell

    def _enqueue(self, message: Outgoing) -> None:
        """Take the place of an older state of the same topic, or the last place."""
        if self.culprits.withheld(message.topic):
            return
        optional = message.kind is Kind.DISCOVERY or self.culprits.suspected(message.topic)
        queue = self._last if optional else self._queue
        for place, queued in enumerate(queue):
            if queued.topic == message.topic and queued is not self._offered:
                queue[place] = message
                return
        queue.append(message)

    def _announce(self) -> None:
        """Say ``online`` once per connection, and never before the first status is known.

        After a crash the broker still holds the alarms of the run before; ``online`` must not make
        them look current.
        """
        known = any(message.kind is Kind.STATUS for message in self._state.values())
        if known and not self._announced:
            self._announced = True
            self._enqueue(self._online)
