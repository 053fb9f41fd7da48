"""Slows down whoever guesses."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FREE_TRIES: Final = 5
LONGEST_WAIT_S: Final = 900.0
FORGET_AFTER_S: Final = 3600.0
MOST_KEPT: Final = 10_000
"""Names and addresses that are remembered; the oldest go first."""


@dataclass(slots=True)
class _Tries:
    failures: int = 0
    last_s: float = 0.0


class Throttle:
    """Counts failures per account and per address. Not thread-safe; has no clock of its own.

    After ``FREE_TRIES`` failures each further one doubles the wait, up to ``LONGEST_WAIT_S``. An
    hour without a failure clears the account.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait_s(self, keys: tuple[str, ...], now_s: float) -> float:
        """How long none of these may try again, seconds; 0 when they may now."""
        return max((self._wait_s(key, now_s) for key in keys), default=0.0)

    def failed(self, keys: tuple[str, ...], now_s: float) -> None:
        """Take note of a failure."""
        for key in keys:
            tries = self._tries.setdefault(key, _Tries())
            if now_s - tries.last_s > FORGET_AFTER_S:
                tries.failures = 0
            tries.failures += 1
            tries.last_s = now_s
            self._tries.move_to_end(key)
        while len(self._tries) > MOST_KEPT:
            self._tries.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Clear an account; an address stays, or one good account would free all guessing."""
        self._tries.pop(key, None)

    def _wait_s(self, key: str, now_s: float) -> float:
        tries = self._tries.get(key)
        if tries is None or tries.failures < FREE_TRIES:
            return 0.0
        wait_s = min(2.0 ** min(tries.failures - FREE_TRIES, 20), LONGEST_WAIT_S)
        return max(tries.last_s + wait_s - now_s, 0.0)
