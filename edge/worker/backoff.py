"""Waits between attempts that grow and are capped; no I/O."""

from __future__ import annotations


class Backoff:
    """1, 2, 4, ... seconds up to a cap.

    Args:
        first_s: first wait, seconds.
        cap_s: longest wait, seconds.
    """

    def __init__(self, *, first_s: float, cap_s: float) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._next_s = first_s

    def take_s(self) -> float:
        """Seconds to wait now; the next wait will be twice as long."""
        wait_s = self._next_s
        self._next_s = min(self._cap_s, 2 * wait_s)
        return wait_s

    def reset(self) -> None:
        """Begin anew after a success."""
        self._next_s = self._first_s
