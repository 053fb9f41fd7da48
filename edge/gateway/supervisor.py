"""Keeps one room's vision worker alive."""

from __future__ import annotations

import logging
import threading
from multiprocessing.connection import Connection
from typing import Final, Protocol

from edge.gateway.hang import HangWatch
from edge.gateway.restart import RestartPolicy
from edge.worker.messages import Beat, Message, decode
from pain.clock import Clock
from pain.errors import WorkerError

_log = logging.getLogger(__name__)

SILENCE_LIMIT_S: Final = 4.0
"""Workers beat twice a second from a thread of their own; eight missed beats mean a hung process.
"""

START_LIMIT_S: Final = 60.0
"""Longest wait for the first message: libraries and models load slowly on a small board."""

HELD_UP_S: Final = 1.0
"""Looks come five times a second. Where one comes this late, the whole machine stood still (paused,
out of memory), or the disk held us up; that time is nobody's silence."""

STOP_TIMEOUT_S: Final = 2.0

AT_ONCE_S: Final = 0.0
"""A worker that hangs does not hear that it should end, and has nothing to put away."""


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

    A crash, a hang of the process or of one of its stages, or a broken message ends the worker and
    schedules the next one; other rooms are untouched, and not kept waiting while it ends.

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
        self._ending: threading.Thread | None = None
        self._hangs = HangWatch()
        self._heard_s = 0.0
        self._looked_s = 0.0
        self._greeted = False

    @property
    def connection(self) -> Connection | None:
        """The pipe to wait on, None while no worker runs."""
        return self._worker.connection if self._worker else None

    @property
    def next_start_s(self) -> float | None:
        """Monotonic time at which a lost worker is started again, seconds; None while one runs."""
        return self._policy.due_s

    def start(self) -> None:
        """Start a worker."""
        now_s = self._clock.now().monotonic_s
        self._worker = self._make()
        self._worker.start()
        self._hangs = HangWatch()
        self._heard_s = self._looked_s = now_s
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
            return messages, self._lost("the vision worker ended unexpectedly", gone=True)
        except WorkerError as error:
            return messages, self._lost(f"the vision worker broke its contract: {error}")
        if messages:
            self._heard_s = self._clock.now().monotonic_s
            self._greeted = True
        return messages, self._hung(messages)

    def check(self) -> str | None:
        """Look for a hang, and start the next worker when its time has come.

        Returns:
            A sentence when a hung worker was ended now, or none could be started.
        """
        now_s = self._clock.now().monotonic_s
        if self._worker is None:
            if self._policy.due(now_s) and not self._still_ending():
                _log.info("%s: starting the vision worker", self._name)
                return self._try_start()
            return None
        away_s, self._looked_s = now_s - self._looked_s, now_s
        if away_s > HELD_UP_S:
            self._heard_s = min(self._heard_s + away_s, now_s)
        limit_s = SILENCE_LIMIT_S if self._greeted else self._start_limit_s
        if now_s - self._heard_s > limit_s:
            said = f"the vision worker was silent for {limit_s:.0f} s and was ended"
            return self._lost(said, timeout_s=AT_ONCE_S)
        return None

    def replace(self, make: WorkerFactory, *, start_limit_s: float) -> None:
        """Let another worker take over, as soon as the present one has let go of the camera.

        Args:
            make: makes the new worker, and those after it.
            start_limit_s: longest wait for its first message, seconds.
        """
        self._make = make
        self._start_limit_s = start_limit_s
        self._end_worker()
        self._policy = RestartPolicy()
        self._policy.start_at(self._clock.now().monotonic_s)

    def stop(self) -> None:
        """End the worker for good; returns when it is gone."""
        self._policy = RestartPolicy()
        self._end_worker()
        if self._ending is not None:
            self._ending.join()

    def _hung(self, messages: list[Message]) -> str | None:
        for message in messages:
            if isinstance(message, Beat):
                what = self._hangs.beat(message.stages, self._heard_s)
                if what is not None:
                    return self._lost(what, timeout_s=AT_ONCE_S)
        return None

    def _try_start(self) -> str | None:
        try:
            self.start()
        except WorkerError as error:
            # A machine that is short of memory or processes now may not be so in a minute.
            self._worker = None
            return self._lost(str(error))
        return None

    def _lost(self, what: str, *, gone: bool = False, timeout_s: float = STOP_TIMEOUT_S) -> str:
        exitcode = None
        if gone and self._worker is not None:
            # It has closed its pipe, so waiting for it takes no time and tells how it ended.
            self._worker.stop(STOP_TIMEOUT_S)
            exitcode = self._worker.exitcode
        self._end_worker(timeout_s)
        delay_s = self._policy.lost(self._clock.now().monotonic_s)
        code = f" (exit code {exitcode})" if exitcode is not None else ""
        return f"{what}{code}; next start in {delay_s:g} s"

    def _end_worker(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Begin to end the worker; one that hangs takes seconds, and other rooms go on."""
        worker, self._worker = self._worker, None
        if worker is None:
            return

        def end() -> None:
            worker.stop(timeout_s)
            worker.close()

        self._ending = threading.Thread(target=end, name=f"ending-{self._name}", daemon=True)
        self._ending.start()

    def _still_ending(self) -> bool:
        return self._ending is not None and self._ending.is_alive()
