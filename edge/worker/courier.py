"""The worker's voice: messages in order, from any of its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final

from edge.worker.messages import Ended, Failed, Message, encode

BEAT_INTERVAL_S: Final = 0.5


class GatewayGone(Exception):
    """Nobody hears this worker any more."""


class Courier:
    """Sends messages to the gateway; safe to share between threads.

    Args:
        connection: writing end of the pipe.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._last_word_said = False

    def send(self, message: Message) -> None:
        """Send one message; waits while the gateway is behind.

        ``Ended`` and a fatal ``Failed`` are last words: what any thread sends later is dropped.

        Raises:
            GatewayGone: the gateway has closed its end.
        """
        data = encode(message)
        with self._lock:
            if self._last_word_said:
                return
            self._last_word_said = isinstance(message, Ended) or (
                isinstance(message, Failed) and message.fatal
            )
            try:
                self._connection.send_bytes(data)
            except OSError as error:
                raise GatewayGone from error


class Heartbeat:
    """A thread that reports while every other thread may hang.

    Args:
        courier: where to.
        make: makes the message of this moment.
    """

    def __init__(self, *, courier: Courier, make: Callable[[], Message]) -> None:
        self._courier = courier
        self._make = make
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; the first beat comes at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the beat that is being sent; does not wait for it."""
        self._stopping.set()

    def _run(self) -> None:
        while True:
            try:
                self._courier.send(self._make())
            except GatewayGone:
                # The main thread finds out by itself, and the kernel ends us with the gateway.
                return
            if self._stopping.wait(BEAT_INTERVAL_S):
                return
