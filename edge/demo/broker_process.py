"""The demonstration's broker process: ``python -m edge.demo.broker_process``.

It prints its port once it listens, and ends when its standard input does, so that it never
outlives the demonstration, however that ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from typing import Final

from amqtt.broker import Broker
from amqtt.errors import BrokerError

HOST: Final = "127.0.0.1"
_ATTEMPTS: Final = 5
"""Another program may take the free port between asking for it and listening on it."""


async def serve() -> None:
    """Listen until standard input ends."""
    port = await _listen()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)


async def _listen() -> int:
    for attempt in range(_ATTEMPTS):
        port = _free_port()
        try:
            await Broker(_configuration(port)).start()
        except BrokerError:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return port
    raise AssertionError("unreachable: the last attempt raises")


def _configuration(port: int) -> dict[str, object]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
        "plugins": {
            # Nobody outside this machine can reach it, and it carries one synthetic resident.
            "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True},
        },
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _main() -> None:
    # Ctrl-C in the terminal is meant for the demonstration, which then ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(_serve_and_vanish())


async def _serve_and_vanish() -> None:
    await serve()
    # Nothing is stored, and amqtt's own shutdown waits for clients that may be gone without a word.
    os._exit(0)


if __name__ == "__main__":
    _main()
