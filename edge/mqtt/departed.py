"""What a room leaves at the broker and at Home Assistant, and how it is taken back.

A retained message stays until an empty one takes its place, so a room that was taken out of the
config would be shown for ever. The rights of the access list are enough: a box may write what it
wrote before.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import MqttConfig
from edge.mqtt.discovery import discovery_topic
from pain.alarms import Condition
from pain.broker.connection import Connection
from pain.topics import ROOT, Topics
from pain.wire import TRIAL, Availability

ANSWERS_S: Final = 20.0
"""Longest wait for all answers of a broker that has let us in."""


class Abandoned(Exception):
    """Nothing, or not everything, was taken back; says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a room has left at the broker.

    Attributes:
        topics: of the room.
        retained: topics with a retained message, in the order in which they are cleared.
    """

    topics: Topics
    retained: tuple[str, ...]


def retained_by(mqtt: MqttConfig, topics: Topics) -> tuple[str, ...]:
    """Every topic on which a room keeps a message; availability last, by which it is known."""
    prefix = mqtt.homeassistant_prefix
    discovery = () if prefix is None else (discovery_topic(prefix, topics),)
    alarms = (topics.alarm(condition) for condition in Condition)
    return (*discovery, *alarms, topics.status, topics.availability)


def take_back(
    mqtt: MqttConfig,
    left: Left,
    *,
    closing: threading.Event | None = None,
    although_online: bool = False,
) -> None:
    """Clear what a room has left; returns when the broker has taken all of it.

    Args:
        mqtt: the broker.
        left: by which room, and what.
        closing: ends the wait early.
        although_online: also where somebody says that the room is watched.

    Raises:
        Abandoned: another box watches the room now, or the broker does not take it.
        ConfigError: the password or a certificate cannot be used.
    """
    session = _Clearing(left, although_online=although_online)
    connection = Connection(
        mqtt=mqtt,
        # Another id than the room's own: a box that watches it now must not lose its connection.
        client_id=f"{mqtt.client_id or f'{ROOT}-{left.topics.site}'}-forget-{uuid4().hex[:8]}",
        session=session,
        keep_session=False,
        on_suback=session.on_suback,
    )
    connection.start()
    try:
        if not connection.wait_connected(mqtt.connect_timeout_s):
            raise Abandoned(connection.failure or f"{mqtt.host}:{mqtt.port} does not answer")
        _wait(session.done, closing)
        failure = session.failure or connection.failure
        if not session.done.is_set() or failure:
            raise Abandoned(failure or f"the broker did not answer to all within {ANSWERS_S:g} s")
    finally:
        connection.stop(clean=True)


def _wait(done: threading.Event, closing: threading.Event | None) -> None:
    rest_s = ANSWERS_S
    while rest_s > 0 and not done.wait(0.2) and not (closing is not None and closing.is_set()):
        rest_s -= 0.2


class _Clearing:
    """Asks whether the room is watched elsewhere, then publishes one empty message at a time."""

    def __init__(self, left: Left, *, although_online: bool) -> None:
        self.done = threading.Event()
        self.failure: str | None = None
        self._topics = left.topics
        self._left = deque(left.retained)
        self._although_online = although_online
        self._online = False
        self._asking = True
        self._mid: int | None = None

    def on_up(self, client: Client) -> None:
        """Ask who is there; what is retained comes before the answer to anything sent later."""
        self._asking = True
        client.subscribe(self._topics.availability, qos=0)
        self._mid = client.publish(self._topics.reading, TRIAL, qos=1).mid

    def on_down(self) -> None:
        """Begin again with what is left, on the next connection."""
        self._mid = None

    def on_message(self, message: MQTTMessage) -> None:
        """Note whether somebody watches the room."""
        if message.topic == self._topics.availability and self._left:
            self._online = bytes(message.payload) == Availability.ONLINE.value.encode()

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """Take the answer to one message."""
        if mid != self._mid:
            return
        self._mid = None
        topic = self._topics.reading if self._asking else self._left.popleft()
        if reason.is_failure:
            self._end(
                f"the broker refuses messages on {topic} ({reason}): the user needs the rights "
                "that the room had (mosquitto: topic write) until it is forgotten"
            )
        elif self._asking and self._online and not self._although_online:
            self._end(
                f"a box says that {self._topics.room} is online: it watches the room now, so "
                "nothing was cleared; stop it first, or give --force where it is long gone"
            )
        elif not self._asking and not self._left:
            self.done.set()
        self._asking = False

    def on_suback(self, _mid: int, _refusal: str | None) -> None:
        """Whether the availability may be read at all does not matter: then nobody can tell."""

    def pump(self, client: Client) -> None:
        """Clear the next one."""
        if self._mid is None and not self._asking and self._left and not self.done.is_set():
            self._mid = client.publish(self._left[0], b"", qos=1, retain=True).mid

    def _end(self, failure: str) -> None:
        self.failure = failure
        self.done.set()
