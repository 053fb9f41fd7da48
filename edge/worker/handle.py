"""The gateway's grip on one vision worker: start it, hear it, stop it.

Nothing here imports a library that touches pictures; those live in the child alone.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from typing import Final

from edge.config import EdgeConfig, RoomConfig
from edge.quiet import QUIET_ENVIRONMENT
from edge.worker.chatter import Chatter
from edge.worker.settings import WorkerSettings
from pain.errors import WorkerError
from pain.settings.redact import secrets_of

WORKER_ENVIRONMENT: Final = {
    **QUIET_ENVIRONMENT,
    # One small matrix at a time: BLAS threads would only spin on cores that the camera needs.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}

LAST_WORDS_S: Final = 1.0
"""Longest wait for what a worker that has ended printed last."""


class WorkerHandle:
    """One worker process, started at most once; a restart is a new handle.

    ``start()`` must be called from a thread that lives as long as the worker should: Linux ends
    the worker when that *thread* ends (PR_SET_PDEATHSIG), so that no camera is ever watched by a
    process that nobody supervises.

    Args:
        room: the room to watch.
        config: the whole configuration; the worker is told its own share only.
        fast: read a video file as fast as it can be scored instead of in real time.
    """

    def __init__(self, *, room: RoomConfig, config: EdgeConfig, fast: bool) -> None:
        self._settings = WorkerSettings.of(room=room, config=config, fast=fast)
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._chatter: Chatter | None = None

    def start(self) -> None:
        """Start the process; it answers with Hello on ``connection`` once its models are loaded.

        Raises:
            WorkerError: it was started before, or the system cannot start a process.
        """
        if self._process is not None:
            raise WorkerError("this vision worker was started before; make a new handle")
        reader, writer = Pipe(duplex=False)
        try:
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                self._command(writer.fileno()),
                stdin=subprocess.PIPE,
                # Chatter of native libraries must not mix with what the gateway prints.
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=_child_environment(),
                pass_fds=(writer.fileno(),),
                # Ctrl-C in a terminal reaches the gateway alone, which then stops its workers.
                start_new_session=True,
            )
        except OSError as error:
            reader.close()
            raise WorkerError(f"cannot start a vision worker: {error.strerror}") from error
        finally:
            # Only the child may hold this end, so that its death is an end-of-file here.
            writer.close()
        self._connection = reader
        self._hear(self._process)
        self._tell_settings(self._process)

    @property
    def connection(self) -> Connection:
        """Reading end of the worker's messages; use ``recv_bytes`` and ``messages.decode``.

        ``EOFError`` means that the worker is gone.

        Raises:
            WorkerError: the worker was not started.
        """
        if self._connection is None:
            raise WorkerError("this vision worker was not started yet")
        return self._connection

    @property
    def pid(self) -> int | None:
        """Process id, None before the start."""
        return self._process.pid if self._process else None

    @property
    def exitcode(self) -> int | None:
        """Exit code, minus the signal's number when killed by one, None while it runs."""
        return self._process.poll() if self._process else None

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, timeout_s: float) -> None:
        """End the process: TERM, and KILL when it is still there after ``timeout_s``.

        The connection stays open, so that what the worker said last can still be read.
        """
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """Close the connection of a worker that has ended."""
        if self._connection is not None:
            self._connection.close()
        if self._chatter is not None:
            self._chatter.join(LAST_WORDS_S)

    def _command(self, pipe: int) -> list[str]:
        return [
            sys.executable,
            # The worker writes nothing to disk, not even compiled modules; and it imports what
            # the gateway would import, not what happens to lie in the working directory.
            "-B",
            "-P",
            "-m",
            "edge.worker",
            # For people who read the process list.
            f"--room={self._settings.room.id}",
            f"--pipe={pipe}",
            f"--parent={os.getpid()}",
            f"--log-level={logging.getLevelName(logging.getLogger().getEffectiveLevel())}",
        ]

    def _hear(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101  (asked for with PIPE)
        room = self._settings.room
        self._chatter = Chatter(process.stdout, room=room.id, secrets=secrets_of(room.camera.uri))
        self._chatter.start()

    def _tell_settings(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101  (asked for with PIPE)
        try:
            with process.stdin as stdin:
                stdin.write(self._settings.model_dump_json().encode())
        except BrokenPipeError:
            # It died at once; the reader of ``connection`` sees the end-of-file.
            return


def _child_environment() -> dict[str, str]:
    """Environment of the child, with this process's import path."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109
    return {**os.environ, **WORKER_ENVIRONMENT, "PYTHONPATH": path}
