"""The board's connection to the broker."""

from __future__ import annotations

import logging
from queue import Empty, SimpleQueue
from typing import Final
from uuid import uuid4

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import MqttConfig
from edge.watch.feed import Heard, LinkChange, Listener, Message, Notice
from edge.watch.orders import Order
from pain.broker.connection import Connection
from pain.clock import Clock
from pain.errors import BrokerError, PainwatchError
from pain.topics import ROOT

_MQTT_LOG: Final = logging.getLogger("pain.broker")

LEAVES: Final = ("availability", "status", "reading", "alarm/+", "event")
"""All that rooms publish; commands are left out, their answers come as events."""


class BoardLink:
    """Hears every room of a site and sends commands; a ``Feed``.

    Args:
        mqtt: the broker and how to reach it.
        site: short name of the site.
        clock: stamps what is heard.
    """

    def __init__(self, *, mqtt: MqttConfig, site: str, clock: Clock) -> None:
        self._mqtt = mqtt
        self._site = site
        self._clock = clock
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._listener: Listener = _nobody
        self._told: logging.Handler = logging.NullHandler()
        # Several boards of one site may run at once, so the id must differ; nothing is kept at the
        # broker for a board that has gone.
        prefix = mqtt.client_id or f"painwatch-{site}"
        self._connection = Connection(
            mqtt=mqtt,
            client_id=f"{prefix}-watch-{uuid4().hex[:8]}",
            session=self,
            keep_session=False,
        )

    @property
    def where(self) -> str:
        """Broker as people write it."""
        return f"{self._mqtt.host}:{self._mqtt.port}"

    def start(self, listener: Listener) -> None:
        """Connect; from now on the listener hears everything, on the connection's thread.

        Raises:
            BrokerError: the broker did not accept us within ``mqtt.connect_timeout_s``.
            ConfigError: the password file or a certificate cannot be used.
        """
        self._listener = listener
        self._told = _Told(listener, self._clock)
        _MQTT_LOG.addHandler(self._told)
        _MQTT_LOG.propagate = False
        try:
            self._connection.start()
            if not self._connection.wait_connected(self._mqtt.connect_timeout_s):
                failure = self._connection.failure
                self._connection.stop(clean=True)
                raise BrokerError(failure or f"{self.where} does not answer")
        except PainwatchError:
            self._release_log()
            raise

    def send(self, order: Order) -> None:
        """Publish a command with QoS 1; safe from any thread."""
        self._orders.put(order)
        self._connection.wake()

    def stop(self) -> None:
        """Disconnect; nothing is heard after it returns."""
        self._connection.stop(clean=True)
        self._release_log()

    def _release_log(self) -> None:
        _MQTT_LOG.removeHandler(self._told)
        _MQTT_LOG.propagate = True

    def on_up(self, client: Client) -> None:
        """Subscribe to all rooms of the site."""
        client.subscribe([(f"{ROOT}/{self._site}/+/{leaf}", 1) for leaf in LEAVES])
        self._listener(LinkChange(connected=True, at=self._clock.now()))

    def on_down(self) -> None:
        """Tell that nothing will be heard for a while."""
        self._listener(LinkChange(connected=False, at=self._clock.now()))

    def on_message(self, message: MQTTMessage) -> None:
        """Pass a message on."""
        now = self._clock.now()
        self._listener(Message(topic=message.topic, payload=bytes(message.payload), at=now))

    def on_acknowledged(self, mid: int, reason: ReasonCode) -> None:
        """Leave it: the answer that counts is the room's, on ``event``."""

    def pump(self, client: Client) -> None:
        """Publish the commands that wait."""
        while True:
            try:
                order = self._orders.get_nowait()
            except Empty:
                return
            client.publish(order.topic, order.payload, qos=1)


class _Told(logging.Handler):
    """Turns the client's warnings into notices; on standard error they would tear the screen."""

    def __init__(self, listener: Listener, clock: Clock) -> None:
        super().__init__(logging.WARNING)
        self._listener = listener
        self._clock = clock

    def emit(self, record: logging.LogRecord) -> None:
        self._listener(Notice(text=record.getMessage(), at=self._clock.now()))


def _nobody(_item: Heard) -> None:
    """Hear nothing: before ``start``."""
