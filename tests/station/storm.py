"""A storm of events from many rooms, published as boxes do: QoS 1, in order, each once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from paho.mqtt.client import Client, MQTTMessageInfo, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.brokers import PATIENCE_S
from tests.station.messages import ROOM, alarm_event

ROOMS = 20


@contextmanager
def publisher(port: int) -> Iterator[Client]:
    """A connected client whose messages may wait in its own queue."""
    connected = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, "storm", protocol=MQTTv5)
    client.on_connect = lambda *_: connected.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert connected.wait(PATIENCE_S)
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()
        client._reset_sockets(sockpair_only=True)  # paho leaves them to the collector


def blow(client: Client, number: int) -> tuple[list[UUID], list[MQTTMessageInfo]]:
    """Publish events of many rooms as fast as the broker takes them; returns their ids."""
    ids: list[UUID] = []
    sent: list[MQTTMessageInfo] = []
    for index in range(number):
        event = alarm_event()
        topic = f"painwatch/{ROOM.site}/room-{index % ROOMS}/event"
        sent.append(client.publish(topic, event.model_dump_json(), qos=1))
        ids.append(event.id)
    return ids, sent


def taken(sent: Sequence[MQTTMessageInfo]) -> None:
    """Wait until the broker has them all."""
    for info in sent:
        info.wait_for_publish(PATIENCE_S)
