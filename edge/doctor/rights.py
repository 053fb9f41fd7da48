"""Tries every topic that a room uses in turn, whatever the broker does at a refusal."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import MqttConfig
from edge.mqtt.culprits import NAMED
from edge.mqtt.discovery import discovery_payload, discovery_topic
from pain.alarms import Condition
from pain.broker.client import publish_bytes
from pain.broker.connection import Connection
from pain.topics import Topics, station_heartbeat
from pain.wire import TRIAL

ATTEMPTS: Final = 2
"""A connection that ends without a reason may have ended by chance."""

SIZES: Final = {"availability": 0, "status": 2048, "reading": 1024, "event": 1024}
"""Bytes of what a room sends there, at least; messages of that size are tried."""

ALARM_LEAF: Final = "doctor"
"""No condition has this name, so that nobody takes the message for an alarm. An access list may
name each condition instead of all alarms, so a refusal here is no proof."""

ALARM_BYTES: Final = 1024

HEARD_WITHIN_S: Final = 3.0
"""What is published is with its subscribers within milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One topic to try.

    Attributes:
        topic: topic, or filter to subscribe to.
        rule: the same as an access list says it.
        payload: what is published; None: it is subscribed to.
        retain: whether the broker is to keep the message.
        optional: whether the room is watched, and alarms are told, without it.
        instead: what is tried where this is refused, and decides.
    """

    topic: str
    rule: str
    payload: bytes | None = None
    retain: bool = False
    optional: bool = False
    instead: tuple[Item, ...] = ()


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of all of them.

    Attributes:
        refused: the broker's reason, by item.
        silent: whether a broker of MQTT 3.1.1 does not say what it refuses.
        heard: what came last, by topic.
        unproven: what should have been heard back from a silent broker, and was not.
    """

    refused: dict[Item, str] = field(default_factory=dict)
    silent: bool = False
    heard: dict[str, bytes] = field(default_factory=dict)
    unproven: Item | None = None


def items(mqtt: MqttConfig, topics: Topics, *, room_name: str) -> list[Item]:
    """Whatever the daemon would send and hear for a room, as it would."""
    found = [
        Item(
            topic=f"{topics.base}/{leaf}",
            rule=f"topic write {topics.base}/{leaf}",
            payload=TRIAL.ljust(size),
        )
        for leaf, size in SIZES.items()
    ]
    rule = f"topic write {topics.base}/alarm/+"
    alarms = [topics.alarm(condition) for condition in Condition]
    found.append(
        Item(
            topic=f"{topics.base}/alarm/{ALARM_LEAF}",
            rule=rule,
            payload=TRIAL.ljust(ALARM_BYTES),
            instead=tuple(
                Item(topic=topic, rule=rule, payload=TRIAL.ljust(ALARM_BYTES)) for topic in alarms
            ),
        )
    )
    found.append(Item(topic=topics.commands, rule=f"topic read {topics.commands}"))
    if mqtt.station is not None:
        heartbeat = station_heartbeat(topics.site, mqtt.station)
        found.append(Item(topic=heartbeat, rule=f"topic read {heartbeat}", optional=True))
    if mqtt.homeassistant_prefix is not None:
        # The very message that the daemon sends: an empty or a strange one would take the
        # device away.
        topic = discovery_topic(mqtt.homeassistant_prefix, topics)
        payload = discovery_payload(topics, room_name=room_name)
        found.append(
            Item(
                topic=topic,
                rule=f"topic write {topic}",
                payload=payload,
                retain=True,
                optional=True,
            )
        )
    return found


def echo(topics: Topics) -> Item:
    """By which a room hears itself, as the daemon does where a broker cannot say no."""
    rule = f"topic readwrite {topics.availability}"
    return Item(topic=topics.availability, rule=rule, optional=True)


class Trial:
    """A session that tries items; ``done`` is set when all were answered.

    Args:
        wanted: what to try.
        echo: subscription by which the box hears itself, for a broker of MQTT 3.1.1.
    """

    def __init__(self, wanted: list[Item], *, echo: Item) -> None:
        self.done = threading.Event()
        self.outcome = Outcome()
        self.connection: Connection | None = None
        self._left = deque(wanted)
        self._attempts = 0
        self._mid: int | None = None
        self._echo = echo
        self._echoed = False
        self._ended_s: float | None = None

    def on_up(self, client: Client) -> None:
        """Begin with what has no answer yet."""
        silent = client.protocol != MQTTv5
        if silent and not self.outcome.silent:
            self._left.appendleft(self._echo)
        self.outcome.silent = silent
        self._mid = None

    def on_down(self) -> None:
        """Note what the connection ended at."""
        ended = self.connection.ended if self.connection is not None else None
        if self._mid is None or ended is None or not self._left:
            return
        self._attempts += 1
        if self._attempts >= ATTEMPTS or ended.getName() in NAMED:
            self._answer(f"it ends the connection: {ended}")

    def on_message(self, message: MQTTMessage) -> None:
        """Note that something is heard."""
        ours = bytes(message.payload).startswith(TRIAL) and not message.retain
        self._echoed = self._echoed or (ours and message.topic == self._echo.topic)
        self.outcome.heard[message.topic] = bytes(message.payload)

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """Take the answer to a message."""
        if mid == self._mid:
            self._answer(str(reason) if reason.is_failure else None)

    def on_suback(self, mid: int, refusal: str | None) -> None:
        """Take the answer to a subscription."""
        if mid == self._mid:
            self._answer(None if refusal is None else f"it refuses the subscription: {refusal}")

    def pump(self, client: Client) -> None:
        """Try the next one."""
        while self._left and self._mid is None:
            item = self._left[0]
            if item.payload is None:
                _, self._mid = client.subscribe(item.topic, qos=1)
                continue
            limit = None if self.connection is None else self.connection.max_packet_bytes
            size = publish_bytes(item.topic, item.payload, None)
            if limit is not None and size > limit:
                self._answer(f"it takes packets of at most {limit:,} bytes, this needs {size:,}")
                continue
            self._mid = client.publish(item.topic, item.payload, qos=1, retain=item.retain).mid
        if not self._left and self._heard_back():
            self.done.set()

    def _heard_back(self) -> bool:
        """Whether a broker that cannot say no has shown that it takes something, or did not."""
        if not self.outcome.silent or self._echoed or self._echo in self.outcome.refused:
            return True
        now_s = time.monotonic()
        self._ended_s = self._ended_s or now_s
        if now_s - self._ended_s < HEARD_WITHIN_S:
            return False
        self.outcome.unproven = self._echo
        return True

    def _answer(self, refusal: str | None) -> None:
        item = self._left.popleft()
        self._mid, self._attempts = None, 0
        if refusal is not None and item.instead:
            self._left.extendleft(reversed(item.instead))
        elif refusal is not None:
            # One line of an access list is missing: that it lacks once is enough.
            self._left = deque(left for left in self._left if left.rule != item.rule)
            self.outcome.refused[item] = refusal
        if self.connection is not None:
            self.connection.wake()
