"""Ends another thread's wait in ``poll``."""

from __future__ import annotations

import os
import threading


class Wakeup:
    """An eventfd between ``open`` and ``close``; safe from any thread."""

    def __init__(self) -> None:
        self._fd: int | None = None
        # Without it, a wake-up during close() could write into a descriptor that is another's.
        self._lock = threading.Lock()

    def open(self) -> None:
        """Begin to take wake-ups."""
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        """Descriptor that is readable while a wake-up waits; only between open and close."""
        if self._fd is None:
            raise ValueError("the wake-up is closed")
        return self._fd

    def set(self) -> None:
        """Wake the other thread, now or when it next waits; without effect when closed."""
        with self._lock:
            if self._fd is not None:
                os.eventfd_write(self._fd, 1)

    def clear(self) -> None:
        """Take all wake-ups that wait."""
        os.eventfd_read(self.fileno())

    def close(self) -> None:
        """End; call it when the other thread has ended."""
        with self._lock:
            fd, self._fd = self._fd, None
            if fd is not None:
                os.close(fd)
