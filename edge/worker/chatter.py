"""What a worker, and the native libraries in it, print: without secrets, and not without end."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import IO, Final

from pain.settings.redact import redact

LINES_AT_ONCE: Final = 100
PER_S: Final = 10.0
"""A worker may print a hundred lines at once and ten a second in the long run."""

LONGEST_LINE: Final = 4096

_log = logging.getLogger(__name__)


class Chatter:
    """Passes lines on to our own standard error, from a thread of its own, until the end of file.

    Args:
        stream: reading end; closed here at its end.
        room: for the log.
        secrets: what is taken out of every line, longest first.
    """

    def __init__(self, stream: IO[bytes], *, room: str, secrets: tuple[str, ...]) -> None:
        self._stream = stream
        self._room = room
        self._secrets = secrets
        self._thread = threading.Thread(target=self._run, name=f"chatter-{room}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until the worker's last words were passed on."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        allowed, left_out, at_s = float(LINES_AT_ONCE), 0, time.monotonic()
        with self._stream:
            while line := self._stream.readline(LONGEST_LINE):
                now_s = time.monotonic()
                allowed = min(LINES_AT_ONCE, allowed + PER_S * (now_s - at_s))
                at_s = now_s
                if allowed < 1.0:
                    left_out += 1
                    continue
                allowed -= 1.0
                if left_out:
                    _log.warning("%s: %d lines of its worker were left out", self._room, left_out)
                    left_out = 0
                text = redact(line.decode("utf-8", "replace"), self._secrets)
                sys.stderr.write(text if text.endswith("\n") else f"{text}\n")
