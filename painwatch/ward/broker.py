"""The demonstration's broker: mosquitto where it is installed, else the embedded one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.demo.broker import EmbeddedBroker
from station.bench.broker import mosquitto


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBroker:
    """A broker on loopback.

    Attributes:
        port: where it listens.
        protocol: the newest MQTT that it speaks, as in the settings files.
        name: what it is.
    """

    port: int
    protocol: str
    name: str


@contextmanager
def some_broker(folder: Path) -> Iterator[RunningBroker]:
    """Run a broker for the length of a block.

    Args:
        folder: an empty folder for its settings.

    Raises:
        BrokerError: it does not start.
    """
    if shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        with mosquitto(folder) as port:
            yield RunningBroker(port=port, protocol="5", name="mosquitto")
        return
    with EmbeddedBroker() as broker:
        yield RunningBroker(port=broker.port, protocol="3.1.1", name="amqtt, embedded")
