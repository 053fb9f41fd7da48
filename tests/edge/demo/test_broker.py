from __future__ import annotations

import threading
from collections.abc import Iterator

import psutil
import pytest

from edge.config import MqttConfig
from edge.demo.broker import HOST, EmbeddedBroker
from edge.watch import orders
from edge.watch.feed import Heard, Message
from edge.watch.link import BoardLink
from pain.clock import SystemClock


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        yield running


def config(port: int) -> MqttConfig:
    return MqttConfig(host=HOST, port=port, plaintext=True, protocol="3.1.1")


def test_messages_pass_between_two_clients(broker: EmbeddedBroker) -> None:
    came = threading.Event()
    heard: list[Message] = []

    def hear(item: Heard) -> None:
        if isinstance(item, Message):
            heard.append(item)
            came.set()

    clock = SystemClock()
    listener = BoardLink(mqtt=config(broker.port), site="demo", clock=clock)
    sender = BoardLink(mqtt=config(broker.port), site="demo", clock=clock)
    listener.start(hear)
    sender.start(lambda _item: None)
    order = orders.Order(
        id=orders.uuid4(),
        name="test",
        room="demo/room-1",
        topic="painwatch/demo/room-1/event",
        payload=b"hello",
        deadline_s=0.0,
    )
    try:
        sender.send(order)
        assert came.wait(10)
    finally:
        sender.stop()
        listener.stop()
    assert (heard[0].topic, heard[0].payload) == (order.topic, order.payload)


def test_it_leaves_no_process_behind_even_with_a_client_connected() -> None:
    with EmbeddedBroker() as running:
        client = BoardLink(mqtt=config(running.port), site="demo", clock=SystemClock())
        client.start(lambda _item: None)
    try:
        names = [" ".join(child.cmdline()) for child in psutil.Process().children()]
        assert not any("broker_process" in name for name in names)
    finally:
        client.stop()


def test_it_can_be_started_again() -> None:
    broker = EmbeddedBroker()
    ports = []
    for _ in range(2):
        with broker:
            ports.append(broker.port)
    assert all(ports)
