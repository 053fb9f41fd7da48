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


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How patient the door is.

    Attributes:
        free_tries: failures before anybody has to wait.
        longest_wait_s: the wait grows up to this, seconds.
    """

    free_tries: int
    longest_wait_s: float


ACCOUNT: Final = Allowance(free_tries=FREE_TRIES, longest_wait_s=LONGEST_WAIT_S)

ADDRESS: Final = Allowance(free_tries=20, longest_wait_s=30.0)
"""A whole ward may come from one: by one computer, or through a proxy. Colleagues' mistakes must
not keep a nurse from an alarm; one account is guarded by its own count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What failures are counted for.

    Attributes:
        name: an account, or an address.
        allowance: how patient the door is with it.
    """

    name: str
    allowance: Allowance


@dataclass(slots=True)
class _Tries:
    failures: int = 0
    last_s: float = 0.0


class Throttle:
    """Counts failures per account and per address. Not thread-safe; has no clock of its own.

    After the free tries each further failure doubles the wait, up to the longest one. An hour
    without a failure clears the count.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[Counted, _Tries] = OrderedDict()

    def wait_s(self, keys: tuple[Counted, ...], now_s: float) -> float:
        """How long none of these may try again, seconds; 0 when they may now."""
        return max((self._wait_s(key, now_s) for key in keys), default=0.0)

    def failed(self, keys: tuple[Counted, ...], now_s: float) -> None:
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

    def succeeded(self, key: Counted) -> None:
        """Clear an account; an address stays, or one good account would free all guessing."""
        self._tries.pop(key, None)

    def _wait_s(self, key: Counted, now_s: float) -> float:
        tries = self._tries.get(key)
        allowance = key.allowance
        if tries is None or tries.failures < allowance.free_tries:
            return 0.0
        wait_s = min(
            2.0 ** min(tries.failures - allowance.free_tries, 20), allowance.longest_wait_s
        )
        return max(tries.last_s + wait_s - now_s, 0.0)
