"""The demonstration's own MQTT broker: loopback only, gone when the demonstration ends."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Final, Self

from pain.errors import BrokerError

HOST: Final = "127.0.0.1"
_STOP_WITHIN_S: Final = 5.0


class EmbeddedBroker:
    """An amqtt broker on a free loopback port, in a process of its own.

    A context manager; MQTT 3.1.1 only, anonymous clients are let in, since nobody outside this
    machine can reach it. Reusable but not reentrant.
    """

    def __init__(self) -> None:
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Listen.

        Raises:
            BrokerError: no port could be opened.
        """
        with tempfile.TemporaryFile() as log:
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "edge.demo.broker_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
            told = process.stdout.readline() if process.stdout else b""
            if not told.strip().isdigit():
                self._stop(process)
                log.seek(0)
                said = log.read().decode(errors="replace").strip().splitlines()[-1:] or ["nothing"]
                raise BrokerError(f"the demonstration's broker cannot listen on {HOST}: {said[0]}")
        self.port = int(told)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process, and with it the port and all connections."""
        if self._process is not None:
            self._stop(self._process)
            self._process = None

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
