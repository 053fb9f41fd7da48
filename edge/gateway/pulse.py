"""Whether a room is watched, or its silence was told; the daemon's sign of life hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.alarm.presence import STARTING_LIMIT_S
from pain.alarms import Condition

TELLING_S: Final = 5.0
"""An alarm may follow its delay by this much, on a busy machine, before something is wrong."""

BLINDING: Final = (Condition.CAMERA_LOST, Condition.MODEL_FAILED)
"""What stands while a room is not watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """One room at one moment.

    Attributes:
        room: its id.
        greeted: whether a worker of this room has ever been ready.
        unjudged_s: time since a frame was last judged, seconds.
        loading_s: time since a worker was started that is not ready yet, seconds; None once it is.
        told_after_s: silence of this length is told by an alarm, seconds.
        told: the alarm that says that nobody watches; None while there is none.
        finished: whether there is nothing left to watch (a recording has ended).
    """

    room: str
    greeted: bool
    unjudged_s: float
    loading_s: float | None
    told_after_s: float
    told: Condition | None
    finished: bool

    @property
    def settled(self) -> bool:
        """Whether the start is over: watched, told to have failed, or finished."""
        return self.greeted or self.told is not None or self.finished

    @property
    def watched(self) -> bool:
        """Whether frames were judged lately."""
        return self.unjudged_s <= self.told_after_s + TELLING_S

    @property
    def alive(self) -> bool:
        """Whether nothing has fallen silent unheard; a worker may still be loading its models."""
        loading = self.loading_s is not None and self.loading_s <= STARTING_LIMIT_S + TELLING_S
        return self.finished or self.told is not None or loading or self.watched


def status_line(pulses: Sequence[Pulse], *, broker: str | None) -> str:
    """One line for people: how many rooms, how many watched, what fails.

    Args:
        pulses: every room.
        broker: why the broker is not reached; None while it is.
    """
    watched = sum(
        pulse.watched and pulse.greeted and pulse.told is None and not pulse.finished
        for pulse in pulses
    )
    rooms = "1 room" if len(pulses) == 1 else f"{len(pulses)} rooms"
    parts = [f"{rooms}, {watched} watched"]
    parts += [f"{pulse.room}: {pulse.told}" for pulse in pulses if pulse.told is not None]
    parts += [
        f"{pulse.room}: starting" for pulse in pulses if not pulse.settled and pulse.told is None
    ]
    if broker is not None:
        parts.append(f"broker: {broker}")
    return " ".join("; ".join(parts).split())
