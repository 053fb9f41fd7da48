"""Fetches events for the database; the broker keeps each until it is on our disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from pain.broker import Connection
from pain.wire import (
    TRIAL,
    AlarmEventPayload,
    CommandEventPayload,
    EventPayload,
    RestartEventPayload,
)
from station.config.root import StationConfig
from station.hear.names import client_id, event_filter
from station.hear.reading import read_message
from station.hear.refusals import Refusals
from station.live.messages import Refused
from station.live.values import RoomKey

_DAY_S: Final = 86400


class EventSink(Protocol):
    """Where events go; see ``station.store.writer.Writer``."""

    def event(self, key: RoomKey, event: EventPayload, done: _Done) -> None:
        """Keep an event and call ``done`` when it is safe."""
        ...

    def in_turn(self, done: _Done) -> None:
        """Call ``done`` when all events before are safe."""
        ...


class _Done(Protocol):
    def __call__(self) -> None: ...


class ArchiveLink:
    """A connection of its own, so that a database that fails holds up no alarm on the board.

    The session is persistent and every message is acknowledged by hand: an event that was not
    committed when the station was killed, or while the disk was full, comes again.

    Args:
        config: the station.
        sink: keeps the events.
        refusals: counts what is refused.
        heard: told of each alarm's event, on the connection's thread; must return at once.
    """

    def __init__(
        self,
        config: StationConfig,
        *,
        sink: EventSink,
        refusals: Refusals,
        heard: Callable[[RoomKey, AlarmEventPayload], None],
    ) -> None:
        self._heard = heard
        self._filter = event_filter(config.site)
        self._sink = sink
        self._refusals = refusals
        # Numbers of messages are the session's own. An acknowledgement that outlived its connection
        # could hit another message of a broker that has forgotten the session.
        self._generation = 0
        self._acknowledgements: deque[int] = deque()
        self._lock = threading.Lock()
        self._connection = Connection(
            mqtt=config.mqtt,
            client_id=client_id(config, "archive"),
            session=self,
            session_expiry_s=config.mqtt.session_days * _DAY_S,
            manual_ack=True,
            on_subscribed=self._fetches,
        )
        self._fetching = False

    @property
    def connected(self) -> bool:
        """Whether events are being fetched."""
        return self._fetching

    def start(self) -> None:
        """Begin to connect, in the background and for ever.

        Raises:
            ConfigError: the password or a certificate cannot be used.
        """
        self._connection.start()

    def stop(self) -> None:
        """Disconnect; what is not acknowledged yet comes again after the next start."""
        self._connection.stop(clean=True)

    def on_up(self, client: Client) -> None:
        """Subscribe; a broker that knows the session already sends what waits."""
        client.subscribe(self._filter, qos=1)

    def _fetches(self) -> None:
        self._fetching = True

    def on_down(self) -> None:
        """Forget whom to acknowledge to."""
        self._fetching = False
        with self._lock:
            self._generation += 1
            self._acknowledgements.clear()

    def on_message(self, message: MQTTMessage) -> None:
        """Hand an event to the database."""
        done = partial(self._done, self._generation, message.mid)
        if message.payload.startswith(TRIAL):
            self._sink.in_turn(done)
            return
        heard = read_message(message.topic, bytes(message.payload))
        if isinstance(heard, Refused):
            self._refusals.add(heard)
        elif isinstance(heard.body, AlarmEventPayload | CommandEventPayload | RestartEventPayload):
            if isinstance(heard.body, AlarmEventPayload):
                self._heard(heard.key, heard.body)
            self._sink.event(heard.key, heard.body, done)
            return
        self._sink.in_turn(done)

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """Nothing is published here."""

    def pump(self, client: Client) -> None:
        """Acknowledge what is on the disk."""
        while True:
            with self._lock:
                if not self._acknowledgements:
                    return
                mid = self._acknowledgements.popleft()
            client.ack(mid, 1)

    def _done(self, generation: int, mid: int) -> None:
        with self._lock:
            if generation != self._generation:
                return
            self._acknowledgements.append(mid)
        self._connection.wake()
