"""What the kernel says of its clocks."""

from __future__ import annotations

import ctypes
import time
from typing import Final

_TIMEX_BYTES: Final = 512
"""More than struct timex has on any machine; zeros ask for nothing to be changed."""

_TIME_ERROR: Final = 5
"""adjtimex(2): the clock is not synchronised."""

_libc: Final = ctypes.CDLL(None, use_errno=True)


def synchronised() -> bool | None:
    """Whether a time server sets the clock; None where the kernel does not say."""
    state = int(_libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if state < 0 else state != _TIME_ERROR


def asleep_s() -> float:
    """How long the machine has slept (suspend) since it was started, seconds."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
