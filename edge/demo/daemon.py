"""The real daemon as a child process."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

STOP_WITHIN_S: Final = 10.0
_LAST_LINES: Final = 8


class Daemon:
    """``painwatch edge run`` on a config file; a context manager that leaves no process behind."""

    def __init__(self, config: Path, *, fast: bool) -> None:
        self._command = [
            *(sys.executable, "-m", "painwatch", "edge", "run"),
            *("-c", str(config), "--log-level", "warning"),
            *(["--fast"] if fast else []),
        ]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in __exit__)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            self._command,
            stdin=subprocess.DEVNULL,
            # The terminal belongs to the board; what the daemon says is shown when it fails.
            stdout=self._log,
            stderr=self._log,
            # Ctrl-C is ours: we end it in order, so that it can say goodbye to the broker.
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    @property
    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll() if self._process else None

    def last_words(self) -> str:
        """The end of what it logged."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return "\n".join(lines[-_LAST_LINES:])
