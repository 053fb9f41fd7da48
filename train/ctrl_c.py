"""Ctrl-C, kept until what must not be cut in two is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Within, Ctrl-C is remembered; it is raised at the end.

    TensorBoard's writer locks a queue in Python: an exception between taking that lock and giving
    it back leaves the writer, and with it the end of the process, waiting for ever. A checkpoint
    is several files. Signals come to the main thread only; elsewhere there is nothing to hold back.

    Raises:
        KeyboardInterrupt: at the end, when Ctrl-C came within.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            raise KeyboardInterrupt
