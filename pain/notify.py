"""What systemd is told: ready, alive, reloading, stopping, and one line of status."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Final

import sdnotify

PINGS_PER_LIMIT: Final = 2
"""sd_watchdog_enabled(3): a service should tell at half of its limit that it lives."""


def watchdog_interval_s(environment: Mapping[str, str]) -> float | None:
    """Seconds between two signs of life, None where systemd waits for none."""
    limit_us = environment.get("WATCHDOG_USEC", "")
    pid = environment.get("WATCHDOG_PID", str(os.getpid()))
    if not limit_us.isdigit() or int(limit_us) == 0 or pid != str(os.getpid()):
        return None
    return int(limit_us) / 1e6 / PINGS_PER_LIMIT


class Notifier:
    """Tells systemd each thing once, as soon as it listens; nothing where no NOTIFY_SOCKET is.

    Args:
        environment: of this process.
        send: takes one message or raises OSError; systemd's socket when absent.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        send: Callable[[str], None] | None = None,
    ) -> None:
        self._send = send
        if send is None and environment.get("NOTIFY_SOCKET"):
            self._send = _to_systemd()
        self._interval_s = watchdog_interval_s(environment)
        self._ready = False
        self._status: str | None = None
        self._pinged_s = float("-inf")

    def tell(self, *, ready: bool, alive: bool, status: str, now_s: float) -> None:
        """Say how the rooms are; may be called often.

        Args:
            ready: whether each room is watched or its failure was told; said once.
            alive: whether nothing has fallen silent unheard. While it is false systemd hears
                nothing, and restarts the service.
            status: one line for people.
            now_s: monotonic time, seconds.
        """
        if self._send is None:
            return
        if status != self._status and self._say(f"STATUS={status}"):
            self._status = status
        if ready and not self._ready:
            self._ready = self._say("READY=1")
        due = self._interval_s is not None and now_s - self._pinged_s >= self._interval_s
        if alive and due and self._say("WATCHDOG=1"):
            self._pinged_s = now_s

    def reloading(self) -> None:
        """The config file is being read again; ``reloaded`` ends it."""
        # systemd wants CLOCK_MONOTONIC, to tell this reload from an earlier one.
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def reloaded(self) -> None:
        """Reloading is over, whatever came of it."""
        if not self._say("READY=1"):
            self._ready = False  # said again by ``tell``

    def stopping(self) -> None:
        """The service is ending on purpose."""
        self._say("STOPPING=1")

    def _say(self, text: str) -> bool:
        """Say something; whether it was taken, or nobody is there to take it."""
        if self._send is None:
            return True
        try:
            self._send(text)
        except OSError:
            return False
        return True


def _to_systemd() -> Callable[[str], None] | None:
    """Say it to systemd or fail at once: one that hangs reads nothing, and must hold nobody up."""
    try:
        notifier = sdnotify.SystemdNotifier(debug=True)
    except OSError:
        return None
    notifier.socket.setblocking(False)
    send: Callable[[str], None] = notifier.notify
    return send
