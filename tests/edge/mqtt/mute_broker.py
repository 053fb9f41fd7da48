"""A broker that takes every message and acknowledges none before its second connection."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from typing import Any, Final, Self

from edge.config import MqttConfig
from tests.brokers import PATIENCE_S

CONNACK: Final = b"\x20\x02\x00\x00"
PINGRESP: Final = b"\xd0\x00"


class MuteBroker:
    """Speaks just enough of MQTT 3.1.1, with one client after the other."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._told = threading.Condition()
        self._taken: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def config(self, **changes: Any) -> MqttConfig:
        """How to reach it."""
        port = self._listener.getsockname()[1]
        settings = {"host": "127.0.0.1", "port": port, "plaintext": True, "protocol": "3.1.1"}
        return MqttConfig.model_validate({**settings, **changes})

    def wait_for(self, topic: str) -> None:
        """Wait until a message on this topic was acknowledged."""
        with self._told:
            assert self._told.wait_for(lambda: topic in self._taken, PATIENCE_S), self._taken

    def _serve(self) -> None:
        acknowledges = False
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # the test is over
            # A client may be gone before it has its answer.
            with client, client.makefile("rb") as stream, suppress(OSError):
                while (packet := _packet(stream)) is not None:
                    self._answer(client, *packet, acknowledges=acknowledges)
            acknowledges = True

    def _answer(self, client: socket.socket, head: int, body: bytes, *, acknowledges: bool) -> None:
        match head >> 4:
            case 1:  # CONNECT
                client.sendall(CONNACK)
            case 8:  # SUBSCRIBE
                client.sendall(b"\x90\x03" + body[:2] + b"\x01")
            case 12:  # PINGREQ
                client.sendall(PINGRESP)
            case 3 if head & 0x06 and acknowledges:  # PUBLISH with a QoS
                (length,) = struct.unpack_from(">H", body)
                client.sendall(b"\x40\x02" + body[2 + length : 4 + length])
                with self._told:
                    self._taken.append(body[2 : 2 + length].decode())
                    self._told.notify_all()


def _packet(stream: Any) -> tuple[int, bytes] | None:
    head = stream.read(1)
    if not head:
        return None
    length, shift = 0, 0
    while True:
        byte = stream.read(1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return head[0], stream.read(length)
