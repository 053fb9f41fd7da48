"""The demonstration's own MQTT broker: loopback only, gone when the demonstration ends."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from types import TracebackType
from typing import Final, Self

from amqtt.broker import Broker
from amqtt.errors import BrokerError as AmqttBrokerError

from pain.errors import BrokerError

HOST: Final = "127.0.0.1"
_START_WITHIN_S: Final = 15.0
_STOP_WITHIN_S: Final = 10.0
_GOODBYE_S: Final = 2.0
_ATTEMPTS: Final = 5
"""Another program may take the free port between asking for it and listening on it."""


class EmbeddedBroker:
    """An amqtt broker on a free loopback port, in a thread with its own event loop.

    A context manager; anonymous clients are let in, since nobody outside this machine can reach it.
    MQTT 3.1.1 only. Reusable but not reentrant.
    """

    def __init__(self) -> None:
        self.port = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._listening = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        """Listen.

        Raises:
            BrokerError: no port could be opened.
        """
        _quieten()
        self._listening.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="demo-broker", daemon=True)
        self._thread.start()
        if not self._listening.wait(_START_WITHIN_S) or self._failure is not None:
            raise BrokerError(
                f"the demonstration's broker cannot listen on {HOST}: {self._failure or 'silent'}"
            ) from self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections and the port."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join(_STOP_WITHIN_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except (AmqttBrokerError, OSError) as error:
            self._failure = error
        finally:
            self._listening.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        broker = await self._listen()
        self._listening.set()
        await self._stop.wait()
        try:
            await asyncio.wait_for(broker.shutdown(), _GOODBYE_S)
        except TimeoutError:
            # amqtt waits for every client to leave; one that does not is cut off with the loop.
            return

    async def _listen(self) -> Broker:
        for attempt in range(_ATTEMPTS):
            self.port = _free_port()
            broker = Broker(_configuration(self.port))
            try:
                await broker.start()
            except AmqttBrokerError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return broker
        raise AssertionError("unreachable: the last attempt raises")


def _configuration(port: int) -> dict[str, object]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
        "plugins": {
            "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True},
        },
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _quieten() -> None:
    # Its log is about sockets; the demonstration's own failures are raised as errors.
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
