"""Keeps one room's vision worker alive."""

from __future__ import annotations

import logging
from multiprocessing.connection import Connection
from typing import Final, Protocol

from edge.gateway.restart import RestartPolicy
from edge.worker.messages import Message, decode
from pain.clock import Clock
from pain.errors import WorkerError

_log = logging.getLogger(__name__)

SILENCE_LIMIT_S: Final = 5.0
"""Workers beat twice a second from a thread of their own; ten missed beats mean a hung process."""

START_LIMIT_S: Final = 60.0
"""Longest wait for the first message: libraries and models load slowly on a small board."""

STOP_TIMEOUT_S: Final = 2.0


class Worker(Protocol):
    """One vision worker process."""

    @property
    def connection(self) -> Connection:
        """Read end of its pipe."""
        ...

    @property
    def exitcode(self) -> int | None:
        """Exit code, None while it runs."""
        ...

    def start(self) -> None:
        """Start the process."""
        ...

    def stop(self, timeout_s: float) -> None:
        """Ask it to end, then make it."""
        ...

    def close(self) -> None:
        """Close the connection of a worker that has ended."""
        ...


class WorkerFactory(Protocol):
    """Makes a fresh worker for a room."""

    def __call__(self) -> Worker:
        """Return a worker that has not been started."""
        ...


class Supervisor:
    """Starts, listens to, and restarts the worker of one room.

    A crash, a hang or a broken message ends the worker and schedules the next one; other rooms
    are untouched.

    Args:
        name: of the room, for the log.
        make: makes a fresh worker.
        clock: the machine's time.
        start_limit_s: longest wait for the worker's first message, seconds.
    """

    def __init__(
        self,
        *,
        name: str,
        make: WorkerFactory,
        clock: Clock,
        start_limit_s: float = START_LIMIT_S,
    ) -> None:
        self._name = name
        self._start_limit_s = start_limit_s
        self._make = make
        self._clock = clock
        self._policy = RestartPolicy()
        self._worker: Worker | None = None
        self._heard_s = 0.0
        self._greeted = False

    @property
    def connection(self) -> Connection | None:
        """The pipe to wait on, None while no worker runs."""
        return self._worker.connection if self._worker else None

    def start(self) -> None:
        """Start a worker."""
        now_s = self._clock.now().monotonic_s
        self._worker = self._make()
        self._worker.start()
        self._heard_s = now_s
        self._greeted = False
        self._policy.started(now_s)

    def receive(self) -> tuple[list[Message], str | None]:
        """Take what the worker has sent.

        Returns:
            The messages, and a sentence when the worker is gone.
        """
        messages: list[Message] = []
        if self._worker is None:
            return messages, None
        try:
            while self._worker.connection.poll(0):
                messages.append(decode(self._worker.connection.recv_bytes()))
        except (EOFError, OSError):
            return messages, self._lost("the vision worker ended unexpectedly")
        except WorkerError as error:
            return messages, self._lost(f"the vision worker broke its contract: {error}")
        if messages:
            self._heard_s = self._clock.now().monotonic_s
            self._greeted = True
        return messages, None

    def check(self) -> str | None:
        """Look for a hang, and start the next worker when its time has come.

        Returns:
            A sentence when a hung worker was ended now.
        """
        now_s = self._clock.now().monotonic_s
        if self._worker is None:
            if self._policy.due(now_s):
                _log.info("%s: starting the vision worker again", self._name)
                self.start()
            return None
        limit_s = SILENCE_LIMIT_S if self._greeted else self._start_limit_s
        if now_s - self._heard_s > limit_s:
            return self._lost(f"the vision worker was silent for {limit_s:.0f} s and was ended")
        return None

    def stop(self) -> None:
        """End the worker for good."""
        if self._worker is not None:
            self._worker.stop(STOP_TIMEOUT_S)
            self._worker.close()
            self._worker = None

    def _lost(self, what: str) -> str:
        worker, self._worker = self._worker, None
        exitcode = None
        if worker is not None:
            worker.stop(STOP_TIMEOUT_S)
            exitcode = worker.exitcode
            worker.close()
        delay_s = self._policy.lost(self._clock.now().monotonic_s)
        code = f" (exit code {exitcode})" if exitcode is not None else ""
        return f"{what}{code}; next start in {delay_s:.0f} s"
