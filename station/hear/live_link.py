"""Hears all that the rooms say now, sends commands, and says that the station listens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from math import ceil
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from pain.broker import Connection
from pain.broker.client import Will, packet_properties
from pain.clock import Clock, Moment
from pain.topics import station_heartbeat
from pain.wire import TRIAL, HeartbeatPayload
from station.config.root import StationConfig
from station.hear.names import client_id, filters
from station.hear.reading import read_message
from station.hear.refusals import Refusals
from station.live.messages import Heard, Leaf, Refused
from station.orders.order import Order

_log = logging.getLogger(__name__)

LIFE_IN_BEATS: Final = 4
"""A heartbeat is good until three more could have been lost."""


class Listener(Protocol):
    """Hears what comes, on the connection's thread; must return at once."""

    def on_message(self, message: Heard | Refused, now: Moment) -> None:
        """Take a message."""
        ...

    def on_link(self, now: Moment, *, connected: bool) -> None:
        """Take note that the connection came or went."""
        ...


class LiveLink:
    """Nothing is kept for this connection: on each one the broker tells the retained state anew.

    Args:
        config: the station.
        clock: stamps what is heard.
        listener: hears it.
        refusals: counts what is refused.
        listening: whether events are fetched and kept, so that the rooms may rely on us.
    """

    def __init__(
        self,
        config: StationConfig,
        *,
        clock: Clock,
        listener: Listener,
        refusals: Refusals,
        listening: Callable[[], bool],
    ) -> None:
        self._station = config.station
        self._beat_s = config.mqtt.heartbeat_s
        self._filters = filters(config.site)
        self._clock = clock
        self._listener = listener
        self._refusals = refusals
        self._listening = listening
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._next_beat_s = float("-inf")
        self._heartbeat = station_heartbeat(config.site, config.station)
        self._connection = Connection(
            mqtt=config.mqtt,
            client_id=client_id(config, "live"),
            session=self,
            # An empty retained message takes the heartbeat back.
            will=Will(topic=self._heartbeat, payload=""),
            keep_session=False,
            on_subscribed=self._hears,
        )
        self._hearing = False

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and lets us hear the rooms."""
        return self._hearing

    @property
    def failure(self) -> str | None:
        """Why there is no connection and what to do; None while connected."""
        return self._connection.failure

    def start(self) -> None:
        """Begin to connect, in the background and for ever.

        Raises:
            ConfigError: the password or a certificate cannot be used.
        """
        self._connection.start()

    def stop(self) -> None:
        """Disconnect without a goodbye: the last will takes the heartbeat back."""
        self._connection.stop(clean=False)

    def send(self, order: Order) -> bool:
        """Publish a command; False when there is no connection. Safe from any thread."""
        if not self._hearing:
            return False  # nor could the answer be heard
        self._orders.put(order)
        self._connection.wake()
        return True

    def on_up(self, client: Client) -> None:
        """Subscribe to all rooms of the site."""
        self._next_beat_s = float("-inf")
        self._drop_orders()
        client.subscribe(self._filters)

    def _hears(self) -> None:
        self._hearing = True
        self._listener.on_link(self._clock.now(), connected=True)

    def on_down(self) -> None:
        """Tell that nothing is known for a while; a command must not come late."""
        self._hearing = False
        self._drop_orders()
        self._listener.on_link(self._clock.now(), connected=False)

    def on_message(self, message: MQTTMessage) -> None:
        """Read a message and pass it on."""
        if message.payload.startswith(TRIAL):
            return
        heard = read_message(message.topic, bytes(message.payload))
        if isinstance(heard, Refused) and heard.leaf is not Leaf.EVENT:
            self._refusals.add(heard)  # of events, the archive's connection counts them
        self._listener.on_message(heard, self._clock.now())

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """The answer that counts is the room's; a broker that forbids it is told of."""
        if reason.is_failure:
            _log.error(
                "the broker does not let this station publish (%s): allow it %s and the rooms' "
                "command/# topics (message %d)",
                reason,
                self._heartbeat,
                mid,
            )

    def pump(self, client: Client) -> None:
        """Publish the commands that wait, and the heartbeat when it is due."""
        while (order := self._next_order()) is not None:
            client.publish(
                order.topic,
                order.payload,
                qos=1,
                properties=_properties(client, expiry_s=order.valid_s),
            )
        now = self._clock.now()
        if now.monotonic_s >= self._next_beat_s and self._hearing and self._listening():
            self._next_beat_s = now.monotonic_s + self._beat_s
            self._beat(client, now)

    def _beat(self, client: Client, now: Moment) -> None:
        life_s = self._beat_s * LIFE_IN_BEATS
        payload = HeartbeatPayload(
            station=self._station, at=now.wall, expires_at=now.wall + timedelta(seconds=life_s)
        )
        client.publish(
            self._heartbeat,
            payload.model_dump_json().encode(),
            qos=1,
            retain=True,
            properties=_properties(client, expiry_s=life_s),
        )

    def _next_order(self) -> Order | None:
        try:
            return self._orders.get_nowait()
        except Empty:
            return None

    def _drop_orders(self) -> None:
        while self._next_order() is not None:
            pass


def _properties(client: Client, *, expiry_s: float) -> Properties | None:
    if client.protocol != MQTTv5:
        return None
    return packet_properties(
        PacketTypes.PUBLISH,
        PayloadFormatIndicator=1,
        ContentType="application/json",
        MessageExpiryInterval=max(1, ceil(expiry_s)),
    )
