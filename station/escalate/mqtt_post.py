"""Publishes escalations on the site's broker, on a connection of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Final

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from pain.broker import Connection
from pain.broker.client import packet_properties
from pain.errors import DeliveryError
from pain.topics import station_escalation
from pain.wire import EscalationPayload
from station.config.root import StationConfig
from station.hear.names import client_id

EXPIRY_S: Final = 3600
"""A subscriber that was away for longer learns nothing useful from it."""


class MqttPost:
    """Delivers to the broker; what subscribers do with it, it cannot know.

    Args:
        config: the station.
    """

    def __init__(self, config: StationConfig) -> None:
        self._topic = station_escalation(config.site, config.station)
        self._waiting: SimpleQueue[tuple[bytes, Future[None]]] = SimpleQueue()
        self._sent: dict[int, Future[None]] = {}
        self._connection = Connection(
            mqtt=config.mqtt,
            client_id=client_id(config, "escalation"),
            session=self,
            keep_session=False,
        )

    def start(self) -> None:
        """Begin to connect, in the background and for ever."""
        self._connection.start()

    def stop(self) -> None:
        """Disconnect."""
        self._connection.stop(clean=True)

    async def deliver(self, payload: EscalationPayload) -> None:
        """Publish, and wait until the broker has it.

        Raises:
            DeliveryError: there is no connection, or the broker refuses.
        """
        if not self._connection.connected:
            raise DeliveryError(self._connection.failure or "no connection to the broker yet")
        taken: Future[None] = Future()
        self._waiting.put((payload.model_dump_json().encode(), taken))
        self._connection.wake()
        await asyncio.wrap_future(taken)

    def on_up(self, client: Client) -> None:
        """Nothing is subscribed."""

    def on_down(self) -> None:
        """Whoever waits is told that it failed; the next attempt is theirs."""
        lost = DeliveryError("the connection to the broker was lost")
        for taken in self._sent.values():
            _fail(taken, lost)
        self._sent.clear()
        while (order := self._next()) is not None:
            _fail(order[1], lost)

    def on_message(self, message: MQTTMessage) -> None:
        """Nothing is subscribed."""

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """The broker has it, or refuses it."""
        taken = self._sent.pop(mid, None)
        if taken is None:
            return
        if reason.is_failure:
            _fail(taken, DeliveryError(f"the broker does not take it ({reason}): allow the topic"))
        elif taken.set_running_or_notify_cancel():
            taken.set_result(None)

    def pump(self, client: Client) -> None:
        """Publish what waits."""
        properties = None
        if client.protocol == MQTTv5:
            properties = packet_properties(
                PacketTypes.PUBLISH,
                PayloadFormatIndicator=1,
                ContentType="application/json",
                MessageExpiryInterval=EXPIRY_S,
            )
        while (order := self._next()) is not None:
            payload, taken = order
            if not taken.cancelled():
                sent = client.publish(self._topic, payload, qos=1, properties=properties)
                self._sent[sent.mid] = taken

    def _next(self) -> tuple[bytes, Future[None]] | None:
        try:
            return self._waiting.get_nowait()
        except Empty:
            return None


def _fail(taken: Future[None], error: DeliveryError) -> None:
    if taken.set_running_or_notify_cancel():
        taken.set_exception(error)
