"""What the board needs from MQTT, so that its front ends do not know the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.watch.orders import Order
from pain.clock import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One MQTT message and when it came."""

    topic: str
    payload: bytes
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChange:
    """The connection came or went; a ``Notice`` says why."""

    connected: bool
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence of the MQTT client for the person at the board."""

    text: str
    at: Moment


Heard = Message | LinkChange | Notice

Listener = Callable[[Heard], None]
"""Called on the client's thread; must return at once."""


class Feed(Protocol):
    """A connection to the broker."""

    @property
    def where(self) -> str:
        """Broker as people write it, ``host:port``."""
        ...

    def start(self, listener: Listener) -> None:
        """Connect and subscribe; from now on the listener hears everything.

        Raises:
            BrokerError: the first connection could not be made.
        """
        ...

    def send(self, order: Order) -> None:
        """Publish a command with QoS 1."""
        ...

    def stop(self) -> None:
        """Disconnect; nothing is heard after it returns."""
        ...
