"""How far this machine's clock is from the station's; pure.

The two are compared by the heartbeat: it says the station's time, and is heard within moments. What
people at the station do is then judged by their own clock, whatever this machine's says.
"""

from __future__ import annotations

from typing import Final

from pain.clock import Moment, length

APART_S: Final = 10.0
"""Clocks that a time server sets differ by milliseconds, and a heartbeat is late by less than this.
Readings that are older are not shown at the station."""


def ahead_s(machine: Moment, station: Moment) -> float:
    """How far the machine's wall clock is ahead, seconds; below 0 where it is behind.

    Args:
        machine: the present.
        station: the station's time when it was heard, on this machine's monotonic clock.
    """
    return (machine.wall - station.at(machine.monotonic_s)).total_seconds()


def sentence(ahead: float | None, *, station: str | None) -> str | None:
    """What to say of it; None while the two agree, or nothing is known."""
    if ahead is None or abs(ahead) < APART_S:
        return None
    where = "ahead of" if ahead > 0 else "behind"
    whose = "the station's" if station is None else f"that of station {station}"
    return (
        f"this box's clock is {length(ahead)} {where} {whose}: set the one that "
        "is wrong (timedatectl says whether a time server is reached)"
    )
