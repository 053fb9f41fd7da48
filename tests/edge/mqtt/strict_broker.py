"""A broker in front of a real one that ends the connection for what it does not take, as HiveMQ,
RabbitMQ and AWS IoT do. MQTT 5 clients get the reason first, unless it is a silent one."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

from edge.config import MqttConfig

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
NOT_AUTHORIZED: Final = 0x87
PACKET_TOO_LARGE: Final = 0x95

Denies = Callable[[int, str, int], int | None]
"""Takes a packet's type, its topic and size; gives a reason code, or None to let it through."""


def forbids(*prefixes: str, packet: int = PUBLISH) -> Denies:
    return lambda kind, topic, _size: (
        NOT_AUTHORIZED if kind == packet and topic.startswith(prefixes) else None
    )


def above(limit: int) -> Denies:
    return lambda _kind, _topic, size: PACKET_TOO_LARGE if size > limit else None


class StrictBroker:
    """Listens on a free loopback port.

    Args:
        port: of the real broker.
        denies: what ends a connection.
        silent: end it without a DISCONNECT.
    """

    def __init__(self, port: int, denies: Denies, *, silent: bool = False) -> None:
        self.denied: Counter[str] = Counter()
        self._behind = port
        self._denies = denies
        self._silent = silent
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="strict-broker")
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def config(self, **changes: Any) -> MqttConfig:
        """How to reach it."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        settings = {"host": "127.0.0.1", "port": port, "plaintext": True}
        return MqttConfig.model_validate({**settings, **changes})

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        back, forth = await asyncio.open_connection("127.0.0.1", self._behind)
        answers = asyncio.create_task(_copy(back, writer))
        try:
            with suppress(OSError, EOFError, asyncio.CancelledError):
                await self._forward(reader, writer, forth)
        finally:
            self._tasks.discard(task)
            answers.cancel()
            writer.close()
            forth.close()

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        forth: asyncio.StreamWriter,
    ) -> None:
        version5 = False
        while True:
            kind, raw, body = await _packet(reader)
            if kind == CONNECT:
                version5 = body[6] == 5
            topic = _topic(kind, body, version5=version5)
            reason = self._denies(kind, topic, len(raw)) if topic else None
            if reason is not None:
                self.denied[topic] += 1
                if version5 and not self._silent:
                    writer.write(bytes([0xE0, 1, reason]))
                    await writer.drain()
                return
            forth.write(raw)
            await forth.drain()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    raw = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        byte = await reader.readexactly(1)
        raw += byte
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            break
    body = await reader.readexactly(length)
    return raw[0] >> 4, raw + body, body


def _topic(kind: int, body: bytes, *, version5: bool) -> str:
    if kind == PUBLISH:
        return body[2 : 2 + int.from_bytes(body[:2], "big")].decode()
    if kind == SUBSCRIBE:
        start = 3 + body[2] if version5 else 2  # behind the packet id and the properties
        return body[start + 2 : start + 2 + int.from_bytes(body[start : start + 2], "big")].decode()
    return ""
